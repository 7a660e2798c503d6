// An amount of dollars as a person writes it: digits, and perhaps a scale (`1.5k`, `2 million`).
import { InvalidInput } from '../../core/errors.ts';
import { type Micros, parseUsd, usd } from '../../core/money.ts';

const MOST = usd(1_000_000_000);

export const SCALES: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['k', 1_000n],
  ['m', 1_000_000n],
  ['thousand', 1_000n],
  ['million', 1_000_000n],
]);

/** Dollars as micro-dollars, or null for what is no amount: `1.000.000`, `1,5`, more than a billion. */
export function readAmount(digits: string, unit: string): Micros | null {
  const scale = SCALES.get(unit);
  if (scale === undefined) return null;
  try {
    const micros = parseUsd(digits) * scale;
    return micros <= MOST ? micros : null;
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}
