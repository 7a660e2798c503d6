// How often customers come back, and whether they still will: the BG/NBD model of Fader, Hardie & Lee, Marketing Science 24(2), 2005.
// While active a customer buys at a rate of their own, Gamma(r, alpha) over customers; after each repeat purchase they leave with a
// chance of their own, Beta(a, b) over customers. Pure; the unit of time is the caller's.
import { logBeta, logGamma } from '../../core/gamma-function.ts';
import { covarianceAt, minimise, type Objective } from './minimise.ts';

/** A customer's purchases: the first one begins the clock and is not counted. */
export interface History {
  /** x: purchases after the first. */
  repeats: number;
  /** t_x: from the first purchase to the last, 0 without repeats. */
  recency: number;
  /** T: from the first purchase to the end of what is known. */
  age: number;
}

export interface BgNbd {
  r: number;
  alpha: number;
  a: number;
  b: number;
}

export interface BgNbdFit {
  model: BgNbd;
  logLikelihood: number;
  /** Of the logarithms of r, alpha, a, b. */
  covariance: number[][];
}

/** Logarithms beyond this are a wall: exp(±14) is as good as 0 or infinity for any of the parameters. */
const WALL = 14;
/** Beyond so many different histories the places to start from are tried on a sample. */
const SAMPLE = 3000;

export const bgNbdFrom = (logs: readonly number[]): BgNbd => {
  const [r = 1, alpha = 1, a = 1, b = 1] = logs.map(Math.exp);
  return { r, alpha, a, b };
};

interface Group extends History {
  count: number;
}

/** Customers with the same history, counted: the likelihood of each kind is worked out once. */
function groupHistories(histories: readonly History[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { repeats, recency, age } of histories) {
    const key = `${repeats}/${recency}/${age}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { repeats, recency, age, count: 1 });
    else known.count += 1;
  }
  return [...groups.values()];
}

/** ln L of all customers (equation 6 of the paper). */
export const logLikelihood = (model: BgNbd, histories: readonly History[]): number => sumLikelihood(model, groupHistories(histories));

function sumLikelihood({ r, alpha, a, b }: BgNbd, groups: readonly Group[]): number {
  const head: number[] = [];
  const headOf = (x: number): number => {
    const known = head[x];
    if (known !== undefined) return known;
    const value = logGamma(r + x) - logGamma(r) + r * Math.log(alpha) + logBeta(a, b + x) - logBeta(a, b);
    head[x] = value;
    return value;
  };
  let sum = 0;
  for (const { repeats: x, recency, age, count } of groups) {
    const alive = -(r + x) * Math.log(alpha + age);
    let tail = alive;
    if (x > 0) {
      const left = Math.log(a / (b + x - 1)) - (r + x) * Math.log(alpha + recency);
      const top = Math.max(alive, left);
      tail = top + Math.log(Math.exp(alive - top) + Math.exp(left - top));
    }
    sum += count * (headOf(x) + tail);
  }
  return sum;
}

const minusLikelihood =
  (groups: readonly Group[]): Objective =>
  (logs) => {
    if (logs.some((value) => Math.abs(value) > WALL)) return Number.POSITIVE_INFINITY;
    const value = -sumLikelihood(bgNbdFrom(logs), groups);
    return Number.isFinite(value) ? value : Number.POSITIVE_INFINITY;
  };

/**
 * The parameters under which these histories are the most likely, from several starts on their logarithms.
 * @returns null without customers, without time, or without a repeat purchase: then nothing can be said of coming back
 */
export function fitBgNbd(histories: readonly History[]): BgNbdFit | null {
  const ages = histories.reduce((sum, { age }) => sum + age, 0);
  const repeats = histories.reduce((sum, history) => sum + history.repeats, 0);
  if (!(ages > 0) || repeats === 0) return null;
  const groups = groupHistories(histories);
  const every = Math.ceil(groups.length / SAMPLE);
  const sample = minusLikelihood(every === 1 ? groups : groups.filter((_, index) => index % every === 0));
  const pace = Math.log(ages / repeats);
  const logs = (r: number, a: number, b: number): number[] => [Math.log(r), Math.max(-WALL, pace + Math.log(r)), Math.log(a), Math.log(b)];
  const found = [logs(0.3, 0.8, 2.5), logs(1, 0.2, 2), logs(2, 1, 1)].map((start) => minimise(sample, start, { tolerance: 1e-9 }));
  const begin = found.reduce((best, one) => (one.value < best.value ? one : best));
  const whole = minusLikelihood(groups);
  const best = every === 1 ? begin : minimise(whole, begin.at, { size: 0.05 });
  return { model: bgNbdFrom(best.at), logLikelihood: -best.value, covariance: covarianceAt(whole, best.at) };
}

/** P(still active | history), in [0, 1]. Without repeats it is 1: the model lets nobody leave before they came back once. */
export function probabilityAlive({ r, alpha, a, b }: BgNbd, { repeats: x, recency, age }: History): number {
  if (x === 0) return 1;
  const odds = Math.log(a / (b + x - 1)) + (r + x) * (Math.log(alpha + age) - Math.log(alpha + recency));
  return 1 / (1 + Math.exp(odds));
}

/**
 * Purchases expected within `time` of somebody who is active now. The paper writes it with the hypergeometric function 2F1; this is the
 * integral behind it, ∫ (1 − (1 + p·t/(alpha+T))^−(r+x)) / p · Beta(p; a, b+x) dp over the chance p of leaving, which has no parameters
 * it breaks at. By the trapezoid rule in ln(p/(1−p)), where it converges faster than any power (Trefethen & Weideman 2014).
 */
export function expectedWhileActive({ r, alpha, a, b }: BgNbd, { repeats: x, age }: Omit<History, 'recency'>, time: number): number {
  if (!(time > 0)) return 0;
  const [shape, tau, left, right] = [r + x, time / (alpha + age), a, b + x];
  const norm = logBeta(left, right);
  const middle = Math.log(left / right);
  const step = Math.min(0.4, 0.8 * Math.sqrt(1 / left + 1 / right));
  const term = (y: number): number => {
    const p = 1 / (1 + Math.exp(-y));
    // ln p and ln(1 − p) without losing digits at either end.
    const [logP, logRest] =
      y < 0 ? [y - Math.log1p(Math.exp(y)), -Math.log1p(Math.exp(y))] : [-Math.log1p(Math.exp(-y)), -y - Math.log1p(Math.exp(-y))];
    const purchases = -Math.expm1(-shape * Math.log1p(p * tau)) / p;
    return p === 0 ? 0 : purchases * Math.exp(left * logP + right * logRest - norm);
  };
  let sum = term(middle);
  for (const side of [-1, 1]) {
    for (let count = 1; count < 20_000; count += 1) {
      const value = term(middle + side * count * step);
      sum += value;
      if (value < sum * 1e-16) break;
    }
  }
  return sum * step;
}

/** E[Y(time) | history]: purchases expected within `time` from now. */
export const expectedPurchases = (model: BgNbd, history: History, time: number): number =>
  probabilityAlive(model, history) * expectedWhileActive(model, history, time);

/** E[X(time)]: repeat purchases expected of a new customer. */
export const expectedRepeats = (model: BgNbd, time: number): number => expectedWhileActive(model, { repeats: 0, age: 0 }, time);

/** P(X(time) = count) of a new customer (equation 8 of the paper). */
export function probabilityOfRepeats({ r, alpha, a, b }: BgNbd, count: number, time: number): number {
  const [still, moved] = [Math.log(alpha / (alpha + time)), Math.log(time / (alpha + time))];
  const draw = (j: number): number => Math.exp(logGamma(r + j) - logGamma(r) - logGamma(j + 1) + r * still + (j === 0 ? 0 : j * moved));
  const stayed = Math.exp(logBeta(a, b + count) - logBeta(a, b)) * draw(count);
  if (count === 0) return stayed;
  const fewer = Array.from({ length: count }, (_, j) => draw(j)).reduce((sum, value) => sum + value, 0);
  return stayed + Math.exp(logBeta(a + 1, b + count - 1) - logBeta(a, b)) * Math.max(0, 1 - fewer);
}
