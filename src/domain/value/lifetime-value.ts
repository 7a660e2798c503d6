// What a new customer brings in 90 days, by the method that the number of buyers allows, and which one that was and why. Pure.
import { bgNbdFrom, expectedRepeats, fitBgNbd, type History, probabilityAlive } from './bg-nbd.ts';
import { fitGammaGamma, gammaGammaFrom, meanSpend } from './gamma-gamma.ts';
import { aroundLog, type Estimate, meanOf, smoothedShare } from './interval.ts';
import { varianceOf } from './minimise.ts';
import { expectedPayments, fitSbg, type Subscription, sbgFrom } from './shifted-beta-geometric.ts';

/** Days a customer's worth is counted over. */
export const VALUE_DAYS = 90;
/** Fewer of them who came back say too little of how often, and for how long. */
export const LEAST_REPEAT_BUYERS = 30;
/** Fewer customers are no figure at all. */
export const LEAST_BUYERS = 5;
/** Fewer gaps between purchases show no rhythm. */
const LEAST_GAPS = 30;

/** One customer of the books. Money is dollars, for statistics only: net of refunds and fees. */
export interface Buyer {
  /** Day of the first purchase. */
  firstDay: number;
  /** Days on which they bought, counted from the first: 0, 12, … */
  days: readonly number[];
  /** From the first purchase to the last day of the books. */
  age: number;
  net: number;
  /** What of it came within the first `VALUE_DAYS` days. */
  netEarly: number;
}

export type Method = 'bg-nbd' | 'sbg' | 'cohort';

export interface LifetimeValue {
  method: Method;
  /** Why this method, in words. */
  why: string;
  value: Estimate;
  /** Worth of one purchase. */
  perPurchase: number;
  /** Dollars a new customer is expected to have brought by a day; for `cohort` a straight line. */
  broughtBy: (day: number) => number;
  /** Share of customers likely still active, by the model; null where there is none. */
  active: number | null;
}

export const historyOf = ({ days, age }: Pick<Buyer, 'days' | 'age'>): History => ({
  repeats: days.length - 1,
  recency: days.at(-1) ?? 0,
  age,
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** @returns null with fewer than `LEAST_BUYERS` customers, or when their purchases brought nothing in the end */
export function estimateValue(buyers: readonly Buyer[]): LifetimeValue | null {
  if (buyers.length < LEAST_BUYERS) return null;
  const rhythm = findRhythm(buyers);
  const subscribed = rhythm === null ? null : bySubscriptions(buyers, rhythm);
  if (subscribed !== null) return subscribed;
  const returned = buyers.filter(({ days }) => days.length > 1).length;
  return (returned >= LEAST_REPEAT_BUYERS ? byReturning(buyers, returned) : null) ?? bySeen(buyers, returned);
}

/** Share of customers who came back at all, smoothed. */
export const repeatRate = (buyers: readonly Buyer[]): Estimate =>
  smoothedShare(buyers.filter(({ days }) => days.length > 1).length, buyers.length);

/** Worth of one purchase with the variance of its logarithm: Gamma-Gamma, or the plain mean where amounts are too wild for one. */
function purchaseWorth(buyers: readonly Buyer[]): { value: number; variance: number; words: string } | null {
  const spends = buyers.map(({ net, days }) => ({ purchases: days.length, mean: net / days.length }));
  const fit = areAlike(spends.map(({ mean }) => mean)) ? null : fitGammaGamma(spends);
  // Somebody whose money all went back is no spend of zero the model knows of; their share lowers every worth alike.
  const paying =
    sum(spends.filter(({ mean }) => mean > 0).map(({ purchases }) => purchases)) / sum(spends.map(({ purchases }) => purchases));
  if (fit !== null && fit.model.q > 1.2) {
    const logs = [fit.model.p, fit.model.q, fit.model.v].map(Math.log);
    return {
      value: paying * meanSpend(fit.model),
      variance: varianceOf((at) => Math.log(meanSpend(gammaGammaFrom(at))), logs, fit.covariance),
      words: 'Gamma-Gamma for the worth of a purchase',
    };
  }
  const mean = meanOf(spends.map(({ mean: worth }) => worth));
  if (mean === null || mean.value <= 0) return null;
  const { value, deviation } = mean;
  return { value, variance: (deviation / value) ** 2, words: 'the plain mean for the worth of a purchase' };
}

/** One price for everybody: amounts that do not vary have no distribution to fit. */
function areAlike(amounts: readonly number[]): boolean {
  const [least, most] = [Math.min(...amounts), Math.max(...amounts)];
  return most - least <= 0.01 * Math.abs(most);
}

function byReturning(buyers: readonly Buyer[], returned: number): LifetimeValue | null {
  const histories = buyers.map(historyOf);
  const fit = fitBgNbd(histories);
  const worth = purchaseWorth(buyers);
  if (fit === null || worth === null) return null;
  const { model } = fit;
  const broughtBy = (day: number): number => worth.value * (1 + expectedRepeats(model, day));
  const variance = varianceOf(
    (at) => Math.log1p(expectedRepeats(bgNbdFrom(at), VALUE_DAYS)),
    [model.r, model.alpha, model.a, model.b].map(Math.log),
    fit.covariance,
  );
  return {
    method: 'bg-nbd',
    why: `${returned} of ${buyers.length} customers came back, at least ${LEAST_REPEAT_BUYERS}: BG/NBD for how often, ${worth.words}`,
    value: aroundLog(broughtBy(VALUE_DAYS), variance + worth.variance),
    perPurchase: worth.value,
    broughtBy,
    active: sum(histories.map((history) => probabilityAlive(model, history))) / buyers.length,
  };
}

/** Days between renewals, when nine in ten gaps between purchases are alike to an eighth: nobody shops like that, subscriptions do. */
export function findRhythm(buyers: readonly Buyer[]): number | null {
  const gaps = buyers.flatMap(({ days }) => days.slice(1).map((day, index) => day - (days[index] ?? 0))).sort((a, b) => a - b);
  const middle = gaps[Math.floor(gaps.length / 2)] ?? 0;
  if (gaps.length < LEAST_GAPS || middle < 7) return null;
  const alike = gaps.filter((gap) => Math.abs(gap - middle) <= Math.max(1, middle / 8)).length;
  return alike >= 0.9 * gaps.length ? middle : null;
}

function bySubscriptions(buyers: readonly Buyer[], period: number): LifetimeValue | null {
  const grace = Math.max(2, period / 4);
  const subscriptions = buyers.map(
    ({ days, age }): Subscription => ({
      renewals: days.length - 1,
      ended: age - (days.at(-1) ?? 0) > period + grace,
    }),
  );
  const fit = fitSbg(subscriptions);
  const worth = meanOf(buyers.map(({ net, days }) => net / days.length));
  if (fit === null || worth === null || worth.value <= 0) return null;
  const broughtBy = (day: number): number => worth.value * expectedPayments(fit.model, Math.floor(day / period));
  const variance = varianceOf(
    (at) => Math.log(expectedPayments(sbgFrom(at), Math.floor(VALUE_DAYS / period))),
    [fit.model.a, fit.model.b].map(Math.log),
    fit.covariance,
  );
  return {
    method: 'sbg',
    why: `${buyers.length} customers pay every ${period} days or not at all: subscriptions, shifted-beta-geometric retention`,
    value: aroundLog(broughtBy(VALUE_DAYS), variance + (worth.deviation / worth.value) ** 2),
    perPurchase: worth.value,
    broughtBy,
    active: subscriptions.filter(({ ended }) => !ended).length / buyers.length,
  };
}

/** Before enough came back: what was seen of each within the first days, and no more. */
function bySeen(buyers: readonly Buyer[], returned: number): LifetimeValue | null {
  const seen = meanOf(buyers.map(({ netEarly }) => netEarly));
  if (seen === null) return null;
  const customerDays = sum(buyers.map(({ age }) => Math.min(age, VALUE_DAYS) + 1));
  const { value, low, high } = seen;
  return {
    method: 'cohort',
    why: `${returned} of ${buyers.length} customers came back, fewer than ${LEAST_REPEAT_BUYERS}: what they have brought so far, no model`,
    value: { value, low, high },
    perPurchase: sum(buyers.map(({ net }) => net)) / sum(buyers.map(({ days }) => days.length)),
    broughtBy: (day) => ((value * buyers.length) / customerDays) * day,
    active: null,
  };
}
