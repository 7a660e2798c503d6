// The prior for a new arm, learned from finished ones: weak, never too low. Too low a prior costs far more than too high a one, because an
// arm that is never tried cannot show that it was good.
import type { ConversionPrior } from './arm.ts';

/** A finished arm: its matured visitors and their orders. */
export interface FinishedArm {
  category: string;
  visitors: number;
  orders: number;
}

/** Before anything has finished: three orders in a hundred visitors, worth fifty visitors; rather too high than too low. */
export const FIRST_PRIOR: ConversionPrior = { mean: 0.03, strength: 50 };
/** The mean never falls below three quarters of the first prior's; the strength stays weak. */
const LOWEST_MEAN = 0.75 * FIRST_PRIOR.mean;
const STRENGTH = { least: 20, most: 100 };
/** Finished arms that the first prior (for all) or the mean of all (for a category) weighs like. */
const PSEUDO_ARMS = 5;

/**
 * Empirical Bayes by the method of moments: the mean of arms' rates and how far they scatter beyond chance (Kleinman 1973), all arms first,
 * then the category drawn towards them.
 */
export function learnPrior(finished: readonly FinishedArm[], category: string): ConversionPrior {
  const usable = finished.filter(({ visitors, orders }) => visitors > 0 && orders >= 0 && orders <= visitors);
  const overall = towards(FIRST_PRIOR.mean, usable);
  const own = towards(
    overall,
    usable.filter((arm) => arm.category === category),
  );
  const mean = Math.min(Math.max(own, LOWEST_MEAN), 0.5);
  return { mean, strength: clamp(scatterStrength(usable, overall), STRENGTH.least, STRENGTH.most) };
}

/** Arms count alike rather than visitors: bandits send visitors to what converts, which would tilt the pooled rate upwards. */
function towards(centre: number, arms: readonly FinishedArm[]): number {
  const sum = arms.reduce((total, { visitors, orders }) => total + (orders + 1) / (visitors + 1 / centre), 0);
  return (sum + PSEUDO_ARMS * centre) / (arms.length + PSEUDO_ARMS);
}

/** a + b of the Beta whose variance explains the scatter beyond the binomial's; the first prior's with too few arms. */
function scatterStrength(arms: readonly FinishedArm[], mean: number): number {
  if (arms.length < PSEUDO_ARMS) return FIRST_PRIOR.strength;
  const visitors = arms.reduce((sum, arm) => sum + arm.visitors, 0);
  const scatter = arms.reduce((sum, arm) => sum + arm.visitors * (arm.orders / arm.visitors - mean) ** 2, 0) / visitors;
  const chance = (mean * (1 - mean) * arms.length) / visitors;
  const beyond = scatter - chance;
  return beyond > 0 ? (mean * (1 - mean)) / beyond - 1 : STRENGTH.most;
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
