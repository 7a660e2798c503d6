// The floor of a price, and what price cuts may cost in a month. Pure; no model's word can lower either.
import { decimalsOf, formatMoney } from '../../core/currency.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { Micros } from '../../core/money.ts';

/**
 * What the processor keeps of a payment, taken at its dearest: 2.9 % for a card, 1.5 % more for a foreign one, 1 % for conversion
 * (stripe.com/pricing, United States). The books go by what it really kept.
 */
const FEE_PPM = 54_000n;
const MILLION = 1_000_000n;
/** The part of the fee that does not depend on the price, by currency. Where we know none, nothing is sold. */
const FIXED_MICROS: ReadonlyMap<string, Micros> = new Map([
  ['USD', 300_000n],
  ['EUR', 250_000n],
  ['GBP', 200_000n],
  ['CHF', 300_000n],
  ['CAD', 300_000n],
  ['AUD', 300_000n],
  ['NZD', 300_000n],
  ['JPY', 30_000_000n],
]);

const fixedOf = (currency: string): Micros => {
  const fixed = FIXED_MICROS.get(currency);
  if (fixed === undefined)
    throw new InvalidInput(`Fees in ${currency} are not known here. Sell in ${[...FIXED_MICROS.keys()].join(', ')}.`);
  return fixed;
};

export const highestOf = (amounts: readonly Micros[]): Micros => amounts.toSorted((a, b) => (a < b ? 1 : -1))[0] ?? 0n;

const divideUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;

/** The dearest fee of a payment, in micro units of its currency. @throws InvalidInput for a currency without a known fee */
export function feeOf(priceMicros: Micros, currency: string): Micros {
  return divideUp(priceMicros * FEE_PPM, MILLION) + fixedOf(currency);
}

/** The lowest price, in whole minor units, that leaves the unit cost after the fee. @throws InvalidInput like {@link feeOf} */
export function floorOf(unitCostMicros: Micros, currency: string): Micros {
  const unit = 10n ** BigInt(6 - Math.min(2, decimalsOf(currency)));
  const exact = divideUp((unitCostMicros + fixedOf(currency)) * MILLION, MILLION - FEE_PPM);
  const rounded = divideUp(exact, unit) * unit;
  // The fee is rounded up by itself; one minor unit more settles it.
  return rounded - feeOf(rounded, currency) >= unitCostMicros ? rounded : rounded + unit;
}

/** @throws InvalidInput below the floor */
export function requireFloor(price: { priceMicros: Micros; unitCostMicros: Micros; currency: string }): Micros {
  const floor = floorOf(price.unitCostMicros, price.currency);
  if (price.priceMicros >= floor) return floor;
  throw new InvalidInput(
    `${formatMoney(price.priceMicros, price.currency)} is below the floor of ${formatMoney(floor, price.currency)}: unit cost ${formatMoney(price.unitCostMicros, price.currency)} and the processor's fee.`,
  );
}

/**
 * A price below the list price gives something away with each sale; the month's budget bounds it.
 * @param givenMicros what cuts in this currency have given away this month
 * @throws InvalidInput when the budget has no room for one sale more
 */
export function requireDiscount(cut: {
  listMicros: Micros;
  priceMicros: Micros;
  currency: string;
  givenMicros: Micros;
  budgetMicros: Micros;
}): void {
  const off = cut.listMicros - cut.priceMicros;
  if (off <= 0n || cut.givenMicros + off <= cut.budgetMicros) return;
  const show = (micros: Micros): string => formatMoney(micros, cut.currency);
  throw new InvalidInput(
    `${show(off)} off the list price of ${show(cut.listMicros)} does not fit: ${show(cut.givenMicros)} of this month's ${show(cut.budgetMicros)} for discounts are given.`,
  );
}
