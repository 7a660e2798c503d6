// What is believed of an arm's conversion: a posterior on a grid, which allows that the rate changed on some day (a change-point filter).
import type { ConversionPrior } from './arm.ts';

/** Conversion rates, evenly spaced in their logarithm: from 1 in 2,500 to a third. */
const STEP = 0.14;
const SIZE = 49;
export const RATES = Float64Array.from({ length: SIZE }, (_, index) => 0.0004 * Math.exp(index * STEP));
const LOG_RATES = RATES.map(Math.log);

/** Chance that a rate changes on a day, and where it goes: steps on the grid (7 steps are a factor of 2.7) with their shares. Worse is likelier. */
const HAZARD = 0.004;
const JUMPS: readonly (readonly [steps: number, share: number])[] = [
  [-10, 0.15],
  [-8, 0.25],
  [-5, 0.3],
  [3, 0.1],
  [5, 0.2],
];
/** Days whose visitors are weighed together. */
const BLOCK = 3;

/** The visitors of one day, or of a few. */
export interface Cohort {
  day: number;
  /** Those whose order would have been seen by now: visitors × the share of orders seen at their age. */
  effective: number;
  orders: number;
}

export interface Posterior {
  /** By rate of the grid; they sum to 1. */
  weights: Float64Array;
  /** Chance that the rate has changed since the arm's first day, as far as its visitors tell. */
  changed: number;
}

/** The prior's weights on the grid. */
export function priorWeights({ mean, strength }: ConversionPrior): Float64Array {
  const [a, b] = [mean * strength, (1 - mean) * strength];
  // The density times the rate, because the grid is even in the logarithm; from its top, so that a strong prior does not vanish.
  const logs = RATES.map((rate, index) => a * (LOG_RATES[index] ?? 0) + (b - 1) * Math.log1p(-rate));
  const top = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - top));
  normalise(weights);
  return weights;
}

/** Makes them sum to 1. @returns what they summed to */
function normalise(weights: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < SIZE; index += 1) sum += weights[index] ?? 0;
  for (let index = 0; index < SIZE; index += 1) weights[index] = (weights[index] ?? 0) / sum;
  return sum;
}

/**
 * The rates after the cohorts (oldest first), as of today. Orders of a cohort are Poisson(rate × effective visitors); the rate may jump between them.
 * A hidden Markov model's forward pass (Rabiner 1989) with a change-point's constant hazard (Adams & MacKay 2007).
 */
export function updateBelief(prior: Float64Array, cohorts: readonly Cohort[], sinceDay: number, today: number): Posterior {
  const weights = Float64Array.from(prior);
  const spare = new Float64Array(SIZE);
  let [day, evidence, orders, effective] = [sinceDay, 0, 0, 0];
  for (const block of inBlocks(cohorts)) {
    drift(weights, spare, block.day - day);
    day = block.day;
    evidence += weigh(weights, block);
    orders += block.orders;
    effective += block.effective;
  }
  // Against the evidence for a rate that never moved: Bayes' rule for "no change until the last visitors".
  const still = weigh(Float64Array.from(prior), { orders, effective });
  const changed = day > sinceDay ? 1 - Math.min(1, (1 - HAZARD) ** (day - sinceDay) * Math.exp(still - evidence)) : 0;
  drift(weights, spare, today - day);
  return { weights, changed };
}

function inBlocks(cohorts: readonly Cohort[]): Cohort[] {
  const blocks: Cohort[] = [];
  for (const { day, effective, orders } of cohorts) {
    const last = blocks.at(-1);
    if (last !== undefined && Math.floor(last.day / BLOCK) === Math.floor(day / BLOCK)) {
      last.effective += effective;
      last.orders += orders;
    } else blocks.push({ day, effective, orders });
  }
  return blocks;
}

/** Multiplies by the likelihood and norms. @returns the logarithm of the evidence, without what all rates share */
function weigh(weights: Float64Array, { orders, effective }: { orders: number; effective: number }): number {
  // From the best rate's likelihood, so that many visitors do not vanish.
  const peak = effective > 0 ? Math.min(Math.max(orders / effective, RATES[0] ?? 0), 1) : 1;
  const top = orders * Math.log(peak) - effective * peak;
  for (let index = 0; index < SIZE; index += 1)
    weights[index] = (weights[index] ?? 0) * Math.exp(orders * (LOG_RATES[index] ?? 0) - effective * (RATES[index] ?? 0) - top) + 1e-300;
  return top + Math.log(normalise(weights));
}

function drift(weights: Float64Array, spare: Float64Array, days: number): void {
  if (days <= 0) return;
  const moved = 1 - (1 - HAZARD) ** days;
  spare.fill(0);
  for (const [steps, share] of JUMPS) {
    for (let from = 0; from < SIZE; from += 1) {
      const to = Math.min(Math.max(from + steps, 0), SIZE - 1);
      spare[to] = (spare[to] ?? 0) + (weights[from] ?? 0) * share;
    }
  }
  for (let index = 0; index < SIZE; index += 1) weights[index] = (weights[index] ?? 0) * (1 - moved) + (spare[index] ?? 0) * moved;
}

/** The rate below which `share` of the belief lies. */
export function rateQuantile(weights: Float64Array, share: number): number {
  let index = 0;
  for (let below = weights[0] ?? 0; below < share && index < SIZE - 1; below += weights[index] ?? 0) index += 1;
  return RATES[index] ?? 0;
}

export function meanRate(weights: Float64Array): number {
  let mean = 0;
  for (let index = 0; index < SIZE; index += 1) mean += (weights[index] ?? 0) * (RATES[index] ?? 0);
  return mean;
}

/** Chance that the rate is above this one; the weight of the grid's cell that holds it is divided. */
export function chanceAbove(weights: Float64Array, rate: number): number {
  if (rate <= 0) return 1;
  const place = Math.log(rate / (RATES[0] ?? 1)) / STEP + 0.5;
  const cell = Math.floor(place);
  let above = cell >= 0 && cell < SIZE ? (weights[cell] ?? 0) * (1 - (place - cell)) : 0;
  for (let index = Math.max(cell + 1, 0); index < SIZE; index += 1) above += weights[index] ?? 0;
  return Math.min(1, above);
}
