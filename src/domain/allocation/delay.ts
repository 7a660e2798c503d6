// How long payments take, estimated: of the visitors of a day, what share of their orders can have been seen by now.
// The lag is 1 + floor(Exponential(mean)) days; its mean has a grid of values whose weights are learned, per arm and from all arms.

const MEANS = [0, 0.5, 1, 2, 3, 4.5, 6.5, 10, 15];
const LONGEST = 120;
/** How many arms' worth of belief the even weights before any order count. */
const EVEN_ARMS = 4;

/** P(lag ≤ days), by index of the mean and days. */
const CDF = MEANS.map((mean) =>
  Float64Array.from({ length: LONGEST + 1 }, (_, days) => (mean === 0 ? +(days > 0) : -Math.expm1(-days / mean))),
);
const LOG_CDF = CDF.map((row) => row.map((share) => Math.log(Math.max(share, 1e-12))));
const LOG_MASS = CDF.map((row) => row.map((share, days) => Math.log(Math.max(share - (row[days - 1] ?? 0), 1e-12))));

export interface Lag {
  /** Days from the visit to the payment; a payment on the day of the visit counts as one. */
  days: number;
  /** How old the visit is today. */
  age: number;
}

/** Share of orders that have been seen, by age of the visit in days. */
export type SeenShare = (age: number) => number;

/**
 * One SeenShare per arm. An order's lag is known only because it is not longer than its visit's age, so each counts by
 * P(lag) / P(lag ≤ age) (Chapelle 2014; Vernade, Cappé & Perchet 2017). Weights are shared in two rounds: what all arms say is each arm's prior.
 */
export function estimateDelays(arms: readonly (readonly Lag[])[]): SeenShare[] {
  const likelihoods = arms.map(logLikelihoods);
  const even = MEANS.map(() => 1 / MEANS.length);
  const first = likelihoods.map((one) => weigh(even, one));
  const seen = first.filter((_, arm) => (arms[arm]?.length ?? 0) > 0);
  const pooled = even.map(
    (weight, index) => seen.reduce((sum, one) => sum + (one[index] ?? 0), weight * EVEN_ARMS) / (EVEN_ARMS + seen.length),
  );
  return likelihoods.map((one) => mix(weigh(pooled, one)));
}

function logLikelihoods(lags: readonly Lag[]): number[] {
  const sums = MEANS.map(() => 0);
  for (const { days, age } of lags) {
    const lag = Math.min(Math.max(days, 1), LONGEST);
    const until = Math.min(Math.max(age, lag), LONGEST);
    for (let index = 0; index < MEANS.length; index += 1)
      sums[index] = (sums[index] ?? 0) + (LOG_MASS[index]?.[lag] ?? 0) - (LOG_CDF[index]?.[until] ?? 0);
  }
  return sums;
}

function weigh(prior: readonly number[], logs: readonly number[]): number[] {
  const top = Math.max(...logs);
  const weights = prior.map((weight, index) => weight * Math.exp((logs[index] ?? 0) - top));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function mix(weights: readonly number[]): SeenShare {
  return (age) => {
    const days = Math.min(Math.max(age, 0), LONGEST);
    let share = 0;
    for (let index = 0; index < MEANS.length; index += 1) share += (weights[index] ?? 0) * (CDF[index]?.[days] ?? 0);
    return share;
  };
}
