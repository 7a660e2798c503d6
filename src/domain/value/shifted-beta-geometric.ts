// How long subscriptions last: the shifted-beta-geometric model (Fader & Hardie, "How to Project Customer Retention", Journal of
// Interactive Marketing 21(1), 2007). Each customer ends at every renewal with a chance of their own, Beta(a, b) over customers. Pure.
import { logBeta } from '../../core/gamma-function.ts';
import { covarianceAt, minimise, type Objective } from './minimise.ts';

export interface Subscription {
  /** Renewals made; the first payment is none. */
  renewals: number;
  /** Whether the next renewal was due and did not come. */
  ended: boolean;
  /** Customers of whom this is so; 1 when left out. */
  count?: number;
}

export interface ShiftedBetaGeometric {
  a: number;
  b: number;
}

export interface SbgFit {
  model: ShiftedBetaGeometric;
  logLikelihood: number;
  /** Of the logarithms of a and b. */
  covariance: number[][];
}

const WALL = 14;

export const sbgFrom = (logs: readonly number[]): ShiftedBetaGeometric => {
  const [a = 1, b = 1] = logs.map(Math.exp);
  return { a, b };
};

/** @returns null unless some ended and some renewed: one of the two chances is not seen at all */
export function fitSbg(subscriptions: readonly Subscription[]): SbgFit | null {
  if (!subscriptions.some(({ ended }) => ended) || !subscriptions.some(({ renewals }) => renewals > 0)) return null;
  const kinds = Map.groupBy(subscriptions, ({ renewals, ended }) => `${renewals}/${ended}`);
  const groups = [...kinds.values()].flatMap((same) =>
    same.slice(0, 1).map((one) => ({ ...one, count: same.reduce((sum, { count = 1 }) => sum + count, 0) })),
  );
  const objective: Objective = (logs) => {
    if (logs.some((value) => Math.abs(value) > WALL)) return Number.POSITIVE_INFINITY;
    const { a, b } = sbgFrom(logs);
    const none = logBeta(a, b);
    return -groups.reduce((sum, { renewals, ended, count }) => sum + count * (logBeta(a + (ended ? 1 : 0), b + renewals) - none), 0);
  };
  const found = [
    [0, 0],
    [-0.5, 1.5],
    [2, 4],
  ].map((start) => minimise(objective, start));
  const best = found.reduce((low, one) => (one.value < low.value ? one : low));
  return { model: sbgFrom(best.at), logLikelihood: -best.value, covariance: covarianceAt(objective, best.at) };
}

/** P(still subscribed after `renewals` renewals). */
export const shareStaying = ({ a, b }: ShiftedBetaGeometric, renewals: number): number =>
  Math.exp(logBeta(a, b + renewals) - logBeta(a, b));

/** Payments expected of a new subscriber, the first one with it, when `renewals` renewals fall into the time looked at. */
export const expectedPayments = (model: ShiftedBetaGeometric, renewals: number): number =>
  Array.from({ length: renewals + 1 }, (_, done) => shareStaying(model, done)).reduce((sum, share) => sum + share, 0);
