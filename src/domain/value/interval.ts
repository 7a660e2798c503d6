// Ranges around what was counted or averaged: 95 % intervals in closed form, without drawing anything.
import { betaQuantile } from '../../core/gamma-function.ts';

/** A figure with the range that holds the true one 95 times in 100. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

const Z = 1.959964;

/** Student's t by its expansion around the normal (Abramowitz & Stegun 26.7.5); good to two digits from four degrees of freedom on. */
function studentT(freedom: number): number {
  const g1 = (Z ** 3 + Z) / 4;
  const g2 = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96;
  const g3 = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384;
  return Z + g1 / freedom + g2 / freedom ** 2 + g3 / freedom ** 3;
}

/** Mean of a sample, Student's interval. @returns null with fewer than five values */
export function meanOf(values: readonly number[]): (Estimate & { deviation: number }) | null {
  const count = values.length;
  if (count < 5) return null;
  const value = values.reduce((sum, one) => sum + one, 0) / count;
  const deviation = Math.sqrt(values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (count - 1) / count);
  const reach = studentT(count - 1) * deviation;
  return { value, low: value - reach, high: value + reach, deviation };
}

/** A positive figure whose logarithm has this variance. */
export function aroundLog(value: number, variance: number): Estimate {
  const factor = Math.exp(Z * Math.sqrt(Math.max(0, variance)));
  return { value, low: value / factor, high: value * factor };
}

/** A share, drawn towards a fifth as if five more had been asked of whom one said yes: Beta(1, 4) before anything is seen. */
export function smoothedShare(hits: number, tries: number): Estimate {
  const [a, b] = [1 + hits, 4 + tries - hits];
  return { value: a / (a + b), low: betaQuantile(0.025, a, b), high: betaQuantile(0.975, a, b) };
}

/** A share of tries as it was counted, with Wilson's score interval (1927). @returns null without tries or with more hits than tries */
export function countedShare(hits: number, tries: number): Estimate | null {
  if (tries <= 0 || hits > tries) return null;
  const value = hits / tries;
  const middle = value + Z ** 2 / (2 * tries);
  const reach = Z * Math.sqrt((value * (1 - value)) / tries + Z ** 2 / (4 * tries ** 2));
  const scale = 1 + Z ** 2 / tries;
  return { value, low: Math.max(0, (middle - reach) / scale), high: Math.min(1, (middle + reach) / scale) };
}

/** An amount per counted thing, the count being Poisson (Byar's approximation to its exact limits). @returns null for a count of 0 */
export function perCount(amount: number, count: number): Estimate | null {
  if (count <= 0) return null;
  const limit = (n: number, z: number): number => n * (1 - 1 / (9 * n) + z / (3 * Math.sqrt(n))) ** 3;
  return { value: amount / count, low: amount / limit(count + 1, Z), high: amount / Math.max(limit(count, -Z), 1e-9) };
}
