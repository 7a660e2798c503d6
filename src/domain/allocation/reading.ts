// One arm as allocation reads it today: counts corrected for delay, the belief about its conversion, and what a dollar brings.
import { type Arm, type ConversionPrior, netPerOrder } from './arm.ts';
import { type Cohort, chanceAbove, meanRate, type Posterior, priorWeights, rateQuantile, updateBelief } from './belief.ts';
import { estimateDelays, type SeenShare } from './delay.ts';

/** What is believed of an arm, as cards show it. */
export interface Belief {
  /** Orders per visitor: the mean, and the range that holds it 95 times in 100. */
  conversion: { mean: number; low: number; high: number };
  /** Orders per visitor at which it neither earns nor loses; Infinity when an order brings nothing. */
  breakEven: number;
  /** Dollars back per dollar spent, on average; 1 breaks even. */
  returnPerDollar: number;
  /** Dollars of one more order after refunds, fee and delivery. */
  netPerOrder: number;
  /** P(profitable): the chance that its conversion is above break-even. */
  profitable: number;
  /** Visitors bought, and those whose order could have been seen by now. */
  visitors: number;
  effectiveVisitors: number;
  orders: number;
  /** The chance that its conversion has changed since it began. */
  changed: number;
}

export interface Reading {
  belief: Belief;
  posterior: Posterior;
  /** Dollars back per order-per-visitor: return per dollar = conversion × this. */
  returnPerRate: number;
  /** Visitors that the prior weighs like. */
  strength: number;
}

/** @param prior for arms without one of their own */
export function readArms(arms: readonly Arm[], today: number, prior: ConversionPrior): Reading[] {
  const seen = estimateDelays(
    arms.map(({ orders }) => orders.map(({ visitDay, payDay }) => ({ days: payDay - visitDay, age: today - visitDay }))),
  );
  const weights = priorWeights(prior);
  return arms.map((arm, index) => {
    const cohorts = cohortsOf(arm, today, seen[index] ?? (() => 1));
    const posterior = updateBelief(arm.prior === undefined ? weights : priorWeights(arm.prior), cohorts, arm.sinceDay, today);
    return readArm(arm, today, cohorts, posterior, (arm.prior ?? prior).strength);
  });
}

function readArm(arm: Arm, today: number, cohorts: readonly Cohort[], posterior: Posterior, strength: number): Reading {
  const net = netPerOrder(arm, today);
  const cost = Number(arm.costPerVisitorMicros) / 1e6;
  const breakEven = net > 0 ? cost / net : Number.POSITIVE_INFINITY;
  const mean = meanRate(posterior.weights);
  const belief: Belief = {
    conversion: { mean, low: rateQuantile(posterior.weights, 0.025), high: rateQuantile(posterior.weights, 0.975) },
    breakEven,
    returnPerDollar: Math.max(0, (mean * net) / cost),
    netPerOrder: net,
    profitable: chanceAbove(posterior.weights, breakEven),
    visitors: arm.visits.reduce((sum, { visitors }) => sum + visitors, 0),
    effectiveVisitors: cohorts.reduce((sum, { effective }) => sum + effective, 0),
    orders: arm.orders.length,
    changed: posterior.changed,
  };
  return { belief, posterior, returnPerRate: Math.max(0, net) / cost, strength };
}

/** Orders are credited to the day of their visit; an order without a known visit that day still counts. */
function cohortsOf(arm: Arm, today: number, seen: SeenShare): Cohort[] {
  const days = new Map<number, Cohort>();
  const of = (day: number): Cohort => {
    const cohort = days.get(day) ?? { day, effective: 0, orders: 0 };
    days.set(day, cohort);
    return cohort;
  };
  for (const { day, visitors } of arm.visits) of(day).effective += visitors * seen(today - day);
  for (const { visitDay } of arm.orders) of(visitDay).orders += 1;
  return [...days.values()].sort((a, b) => a.day - b.day);
}
