// What a customer's purchases are worth on average: the Gamma-Gamma model (Fader & Hardie, "The Gamma-Gamma Model of Monetary Value",
// note 025, brucehardie.com). Amounts of one customer vary as Gamma(p, scale of their own), the scales as Gamma(q, v). Pure.
import { logGamma } from '../../core/gamma-function.ts';
import { covarianceAt, minimise, type Objective } from './minimise.ts';

export interface Spend {
  /** Purchases the mean is taken over. */
  purchases: number;
  /** Mean amount of one, above 0, in the caller's unit. */
  mean: number;
}

export interface GammaGamma {
  p: number;
  q: number;
  v: number;
}

export interface GammaGammaFit {
  model: GammaGamma;
  logLikelihood: number;
  /** Of the logarithms of p, q, v. */
  covariance: number[][];
}

const WALL = 14;

export const gammaGammaFrom = (logs: readonly number[]): GammaGamma => {
  const [p = 1, q = 1, v = 1] = logs.map(Math.exp);
  return { p, q, v };
};

function logLikelihood({ p, q, v }: GammaGamma, spends: readonly Spend[]): number {
  const head: number[] = [];
  const headOf = (x: number): number => {
    const known = head[x];
    if (known !== undefined) return known;
    const value = logGamma(p * x + q) - logGamma(p * x) - logGamma(q) + q * Math.log(v) + p * x * Math.log(x);
    head[x] = value;
    return value;
  };
  let sum = 0;
  for (const { purchases: x, mean } of spends) sum += headOf(x) + (p * x - 1) * Math.log(mean) - (p * x + q) * Math.log(x * mean + v);
  return sum;
}

/** @returns null with fewer than two customers of positive amounts */
export function fitGammaGamma(spends: readonly Spend[]): GammaGammaFit | null {
  const usable = spends.filter(({ purchases, mean }) => purchases > 0 && mean > 0);
  if (usable.length < 2) return null;
  const middle = usable.reduce((sum, { mean }) => sum + mean, 0) / usable.length;
  const objective: Objective = (logs) => {
    if (logs.some((value) => Math.abs(value) > WALL + Math.abs(Math.log(middle)))) return Number.POSITIVE_INFINITY;
    const value = -logLikelihood(gammaGammaFrom(logs), usable);
    return Number.isFinite(value) ? value : Number.POSITIVE_INFINITY;
  };
  const start = (p: number, q: number): number[] => [Math.log(p), Math.log(q), Math.log((middle * (q - 1)) / p)];
  const found = [start(5, 4), start(1.5, 2.5), start(20, 12)].map((from) => minimise(objective, from));
  const best = found.reduce((low, one) => (one.value < low.value ? one : low));
  return { model: gammaGammaFrom(best.at), logLikelihood: -best.value, covariance: covarianceAt(objective, best.at) };
}

/** E[M | spend]: the mean amount expected of this customer, between what they spent and what all do. Needs p·x + q > 1. */
export const expectedSpend = ({ p, q, v }: GammaGamma, { purchases: x, mean }: Spend): number => ((v + mean * x) * p) / (p * x + q - 1);

/** Mean amount over all customers, v·p/(q − 1); Infinity for q ≤ 1, where amounts have no mean. */
export const meanSpend = ({ p, q, v }: GammaGamma): number => (q > 1 ? (v * p) / (q - 1) : Number.POSITIVE_INFINITY);
