// Effects on conversion by an additive model with shrinkage: log-rate = base + category + channel + price band + source, each level drawn
// towards 0 by how much its factor's levels differ at all, and every experiment its own luck beside.
import { FACTORS, type Factor, type FinishedExperiment, levelOf } from './experience.ts';
import { invert, multiply } from './linear.ts';

export interface Effect {
  factor: Factor;
  level: string;
  /** Added to the log of the conversion rate. */
  effect: number;
  deviation: number;
}

export interface Fit {
  base: number;
  effects: Effect[];
  /** Covariance of base and effects, in that order. */
  covariance: number[][];
  /** Variance of experiments' own log-rates that no factor explains. */
  own: number;
}

/** What is believed before anything has finished: log-rates' centre, and how far factors and experiments spread. */
const CENTRE = { mean: Math.log(0.02), variance: 0.5 };
/** Variance of a factor's levels and of own luck, and how many levels or experiments that belief weighs like. */
const FACTOR_VARIANCE = { guess: 0.2, weight: 3, least: 0.005 };
const OWN_VARIANCE = { guess: 0.3, weight: 20, least: 0.05, most: 2 };
const ROUNDS = 12;

/**
 * Penalised quasi-likelihood (Breslow & Clayton 1993): Poisson counts with extra variance own·mean², ridge penalties as random effects,
 * their variances re-estimated from the levels (EM) and from the residuals (moments).
 */
export function fitEffects(finished: readonly FinishedExperiment[]): Fit {
  const experiments = finished.filter(({ visitors }) => visitors > 0);
  const levels = levelsOf(experiments);
  const places = experiments.map((one) =>
    levels.flatMap(({ factor, level }, index) => (levelOf(one, factor) === level ? [index + 1] : [])),
  );
  let coefficients = [CENTRE.mean, ...levels.map(() => 0)];
  let covariance: number[][] = [];
  const variances = new Map<Factor, number>(FACTORS.map((factor) => [factor, FACTOR_VARIANCE.guess]));
  let own = OWN_VARIANCE.guess;
  for (let round = 0; round < ROUNDS; round += 1) {
    const penalties = [1 / CENTRE.variance, ...levels.map(({ factor }) => 1 / (variances.get(factor) ?? FACTOR_VARIANCE.guess))];
    ({ coefficients, covariance } = step(experiments, places, coefficients, penalties, own));
    for (const factor of FACTORS) variances.set(factor, levelVariance(factor, levels, coefficients, covariance));
    own = ownVariance(experiments, places, coefficients);
  }
  const effects = levels.map(({ factor, level }, index) => ({
    ...{ factor, level, effect: coefficients[index + 1] ?? 0 },
    deviation: Math.sqrt(covariance[index + 1]?.[index + 1] ?? 0),
  }));
  return { base: coefficients[0] ?? CENTRE.mean, effects, covariance, own };
}

function levelsOf(experiments: readonly FinishedExperiment[]): { factor: Factor; level: string }[] {
  return FACTORS.flatMap((factor) => {
    const names = new Set(experiments.map((one) => levelOf(one, factor)).filter((level) => level !== null));
    return [...names].sort().map((level) => ({ factor, level }));
  });
}

const logRate = (coefficients: readonly number[], places: readonly number[]): number =>
  places.reduce((sum, place) => sum + (coefficients[place] ?? 0), coefficients[0] ?? 0);

/** One step of iteratively reweighted least squares, its answer held within reach of the last. */
function step(
  experiments: readonly FinishedExperiment[],
  places: readonly (readonly number[])[],
  before: readonly number[],
  penalties: readonly number[],
  own: number,
): { coefficients: number[]; covariance: number[][] } {
  const matrix = penalties.map((penalty, row) => penalties.map((_, column) => (row === column ? penalty : 0)));
  const right = penalties.map((penalty, index) => (index === 0 ? penalty * CENTRE.mean : 0));
  for (const [index, { visitors, orders }] of experiments.entries()) {
    const where = places[index] ?? [];
    const log = logRate(before, where);
    const expected = visitors * Math.exp(Math.min(log, 0));
    const weight = expected / (1 + own * expected);
    const working = log + Math.min((orders - expected) / expected, 3);
    for (const row of [0, ...where]) {
      right[row] = (right[row] ?? 0) + weight * working;
      const line = matrix[row];
      if (line !== undefined) for (const column of [0, ...where]) line[column] = (line[column] ?? 0) + weight;
    }
  }
  const covariance = invert(matrix);
  return { coefficients: multiply(covariance, right), covariance };
}

function levelVariance(
  factor: Factor,
  levels: readonly { factor: Factor }[],
  coefficients: readonly number[],
  covariance: readonly (readonly number[])[],
): number {
  const { guess, weight, least } = FACTOR_VARIANCE;
  let [sum, count] = [guess * weight, weight];
  for (const [index, level] of levels.entries()) {
    if (level.factor !== factor) continue;
    sum += (coefficients[index + 1] ?? 0) ** 2 + (covariance[index + 1]?.[index + 1] ?? 0);
    count += 1;
  }
  return Math.max(least, sum / count);
}

/** Var(orders) = mean + own·mean²: solved for own over all experiments, each weighed by what it can tell. */
function ownVariance(
  experiments: readonly FinishedExperiment[],
  places: readonly (readonly number[])[],
  coefficients: readonly number[],
): number {
  const { guess, weight, least, most } = OWN_VARIANCE;
  let [sum, count] = [guess * weight, weight];
  for (const [index, { visitors, orders }] of experiments.entries()) {
    const expected = visitors * Math.exp(logRate(coefficients, places[index] ?? []));
    const tells = (expected / (1 + expected)) ** 2;
    // What one wild experiment says is bounded.
    sum += tells * Math.min(((orders - expected) ** 2 - expected) / expected ** 2, 4);
    count += tells;
  }
  return Math.min(Math.max(sum / count, least), most);
}
