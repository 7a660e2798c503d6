// The prior before anything has finished; afterwards lessons give each arm its own (learning's predictConversion: empirical Bayes).
import type { ConversionPrior } from './arm.ts';

/**
 * Three orders in a hundred visitors, worth fifty visitors: weak, and rather too high than too low. Too low a prior costs far more, because
 * an arm that is never tried cannot show that it was good.
 */
export const FIRST_PRIOR: ConversionPrior = { mean: 0.03, strength: 50 };
