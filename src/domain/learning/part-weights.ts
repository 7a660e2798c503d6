// How much each part of an opportunity's score should weigh: what told those that paid from those that did not, among what was tried. Pure.
import { invert, multiply } from './linear.ts';

/** One finished experiment: the parts of its opportunity's score when it was chosen, 0 to 1, and whether it brought more than it cost. */
export interface TriedOpportunity {
  parts: Readonly<Record<string, number>>;
  paid: boolean;
}

export interface PartLesson {
  part: string;
  /** Added to the log-odds of paying by a quarter of the part's scale more. */
  effect: number;
  spread: number;
  /** Experiments behind it. */
  support: number;
  /** Chance that the direction is right. */
  confidence: number;
  /** The newest experiments would have been better foretold without it: it moves nothing. */
  retired: boolean;
}

/** Fewer than this, or all with one end, teach nothing about weights. */
const LEAST = 8;
/** The step of a part by which effects are told. */
const STEP = 0.25;
/** Believed before: no part tells anything beyond its first weight, give or take this much. */
const PRIOR_DEVIATION = 0.5;
const ROUNDS = 12;
/** As lessons of conversion: the newest are what earlier ones are held against, and how much worse they may foretell. */
const NEWEST = 24;
const WORSE_BY = 2;
/** A weight never becomes more than three times, nor less than a third, of its first. */
const MOST_TIMES = 3;

interface Fit {
  parts: string[];
  means: number[];
  /** Intercept first. */
  coefficients: number[];
  covariance: number[][];
}

/** @param tried oldest first */
export function learnPartWeights(tried: readonly TriedOpportunity[]): PartLesson[] {
  const fit = fitParts(tried);
  if (fit === null) return [];
  const earlier = tried.length >= 2 * NEWEST ? fitParts(tried.slice(0, -NEWEST)) : null;
  return fit.parts.map((part, index) => {
    const effect = fit.coefficients[index + 1] ?? 0;
    const spread = Math.sqrt(Math.max(fit.covariance[index + 1]?.[index + 1] ?? 0, 1e-9));
    return {
      part,
      effect,
      spread,
      support: tried.length,
      confidence: shareBelow(Math.abs(effect) / spread),
      retired: earlier !== null && hasStopped(earlier, part, tried.slice(-NEWEST)),
    };
  });
}

/** What a part's first weight is multiplied by. */
export const timesOf = (effect: number): number => Math.min(MOST_TIMES, Math.max(1 / MOST_TIMES, Math.exp(effect)));

/** Logistic regression with a ridge, by iteratively reweighted least squares: each part's values around their mean, in steps. */
function fitParts(tried: readonly TriedOpportunity[]): Fit | null {
  const paid = tried.filter((one) => one.paid).length;
  if (tried.length < LEAST || paid === 0 || paid === tried.length) return null;
  const parts = [...new Set(tried.flatMap((one) => Object.keys(one.parts)))].filter((part) => varies(part, tried)).sort();
  const means = parts.map((part) => tried.reduce((sum, one) => sum + (one.parts[part] ?? 0), 0) / tried.length);
  const rows = tried.map((one) => rowOf(one, parts, means));
  let coefficients = [Math.log(paid / (tried.length - paid)), ...parts.map(() => 0)];
  let covariance: number[][] = [];
  // The intercept is as good as free.
  const penalties = [1e-3, ...parts.map(() => 1 / PRIOR_DEVIATION ** 2)];
  for (let round = 0; round < ROUNDS; round += 1) {
    const matrix = penalties.map((penalty, row) => penalties.map((_, column) => (row === column ? penalty : 0)));
    const right = penalties.map(() => 0);
    for (const [index, row] of rows.entries()) addRow(matrix, right, row, { coefficients, paid: tried[index]?.paid === true });
    covariance = invert(matrix);
    coefficients = multiply(covariance, right);
  }
  return { parts, means, coefficients, covariance };
}

/** What was the same every time tells nothing. */
function varies(part: string, tried: readonly TriedOpportunity[]): boolean {
  const values = tried.flatMap((one) => one.parts[part] ?? []);
  return Math.max(...values) - Math.min(...values) > 0.01;
}

/** One experiment's part of the weighted normal equations. */
function addRow(
  matrix: readonly number[][],
  right: number[],
  row: readonly number[],
  { coefficients, paid }: { coefficients: readonly number[]; paid: boolean },
): void {
  const log = dot(row, coefficients);
  const chance = 1 / (1 + Math.exp(-log));
  const weight = Math.max(chance * (1 - chance), 1e-4);
  const working = log + ((paid ? 1 : 0) - chance) / weight;
  for (const [at, value] of row.entries()) {
    right[at] = (right[at] ?? 0) + weight * value * working;
    const line = matrix[at];
    if (line !== undefined) for (const [column, other] of row.entries()) line[column] = (line[column] ?? 0) + weight * value * other;
  }
}

const rowOf = (one: TriedOpportunity, parts: readonly string[], means: readonly number[]): number[] => [
  1,
  ...parts.map((part, index) => ((one.parts[part] ?? means[index] ?? 0) - (means[index] ?? 0)) / STEP),
];

const dot = (row: readonly number[], coefficients: readonly number[]): number =>
  row.reduce((sum, value, index) => sum + value * (coefficients[index] ?? 0), 0);

/** Whether the newest would have been better foretold without what earlier ones taught of this part. */
function hasStopped(earlier: Fit, part: string, newest: readonly TriedOpportunity[]): boolean {
  const at = earlier.parts.indexOf(part) + 1;
  if (at === 0) return false;
  const without = earlier.coefficients.map((value, index) => (index === at ? 0 : value));
  const score = (coefficients: readonly number[]): number =>
    newest.reduce((sum, one) => {
      const log = dot(rowOf(one, earlier.parts, earlier.means), coefficients);
      return sum - Math.log1p(Math.exp(one.paid ? -log : log));
    }, 0);
  return score(without) - score(earlier.coefficients) > WORSE_BY;
}

/** P(Z ≤ z) for z ≥ 0, by the logistic approximation (Bowling et al. 2009), to two in ten thousand. */
const shareBelow = (z: number): number => 1 / (1 + Math.exp(-(0.07056 * z ** 3 + 1.5976 * z)));
