// Money is a bigint of micro-dollars (1 USD = 1_000_000). Names that hold it end in `Micros`, columns in `_micros`.
import { InvalidInput } from './errors.ts';

export type Micros = bigint;

const MICROS_PER_USD = 1_000_000n;

/** Whole dollars, for constants and tests. */
export function usd(dollars: number): Micros {
  if (!Number.isInteger(dollars)) throw new RangeError(`usd() takes whole dollars, got ${dollars}`);
  return BigInt(dollars) * MICROS_PER_USD;
}

/**
 * Reads what a person typed: `50`, `$50`, `1,250.50`, `0.000125`. At most 6 decimals, never negative.
 * @throws InvalidInput naming what is accepted.
 */
export function parseUsd(text: string): Micros {
  const match = /^\s*\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,10})(?:\.(\d{1,6}))?\s*$/.exec(text);
  if (match === null) throw new InvalidInput(`"${text.slice(0, 40)}" is not an amount in dollars. Write it like 50 or 12.50.`);
  const [, whole = '0', fraction = ''] = match;
  return BigInt(whole.replaceAll(',', '')) * MICROS_PER_USD + BigInt(fraction.padEnd(6, '0'));
}

/** `$1,234.56`; below a cent up to 6 decimals so that small model costs do not read as $0.00. Negative amounts lead with a minus sign. */
export function formatUsd(micros: Micros): string {
  const sign = micros < 0n ? '-' : '';
  const abs = micros < 0n ? -micros : micros;
  const whole = (abs / MICROS_PER_USD).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = (abs % MICROS_PER_USD).toString().padStart(6, '0');
  const subCent = whole === '0' && abs > 0n && abs < 10_000n;
  if (subCent) return `${sign}$0.${fraction.replace(/0+$/, '')}`;
  return `${sign}$${roundToCents(abs)}`;
}

function roundToCents(abs: Micros): string {
  const cents = (abs + 5_000n) / 10_000n;
  const whole = (cents / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  return `${whole}.${(cents % 100n).toString().padStart(2, '0')}`;
}

/**
 * Divides a total by weights so that the parts sum to it exactly: by the largest remainder. Without any weight the parts are equal.
 * @param weights none below 0
 */
export function shareOut(total: Micros, weights: readonly bigint[]): Micros[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  const by = whole === 0n ? weights.map(() => 1n) : weights;
  const sum = whole === 0n ? BigInt(weights.length) : whole;
  if (sum === 0n) return [];
  const parts = by.map((weight) => (total * weight) / sum);
  let left = total - parts.reduce((given, part) => given + part, 0n);
  const step = left < 0n ? -1n : 1n;
  const rest = (index: number): bigint => (step * total * (by[index] ?? 0n)) % sum;
  const order = parts.map((_, index) => index).toSorted((a, b) => (rest(a) === rest(b) ? a - b : rest(a) > rest(b) ? -1 : 1));
  for (const index of order) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + step;
    left -= step;
  }
  return parts;
}

/** Minor units (cents) of a processor's event as micro-dollars. */
export function fromCents(cents: bigint): Micros {
  return cents * 10_000n;
}
