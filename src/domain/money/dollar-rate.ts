// What money of another currency counts for in dollars: at the rate the operators stated, never at one from a model or a page. Pure.
import type { Micros } from '../../core/money.ts';

/** Micro-dollars for one unit, by currency. */
export type DollarRates = ReadonlyMap<string, Micros>;

/** Rounded up, so that never less is counted than leaves; null where no rate is known. @param micros in micro units of the currency */
export function inDollars(micros: Micros, currency: string, rates: DollarRates): Micros | null {
  if (currency === 'USD') return micros;
  const rate = rates.get(currency);
  return rate === undefined ? null : (micros * rate + 999_999n) / 1_000_000n;
}
