// MARKET-90, the generative model behind `npm run bench -- market`: arms of a seed, what visitors bring, and what who knows all would earn.
// Hidden from policies: conversion, delay, refund share and changes. Amounts are dollars as numbers.
import { beta, binomial, exponential, hashSeed, lognormal, type Random, randomFrom, uniformInt } from '../src/core/random.ts';

export const SCENARIOS = ['S1', 'S2', 'S3'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export const DAYS = 90;
export const BUDGET_USD = 100;
const FIRST_ARMS = 12;
const ARRIVALS = [15, 30, 45];
const ARRIVING = 2;
/** Days from a payment to when its refund is seen. */
const REFUND_AFTER = 7;

export interface MarketArm {
  launchDay: number;
  price: number;
  cost: number;
  capacity: number;
  hidden: { conversion: number; refundShare: number; meanDelay: number; change: { day: number; factor: number } | null };
}

export interface Sale {
  visitDay: number;
  payDay: number;
  value: number;
  /** The day it is seen to go back; null when it is kept. */
  refundDay: number | null;
}

/** Delay, change and arrivals are drawn whatever the scenario, so that S1 to S3 share their first twelve arms. */
export function drawMarket(seed: number, scenario: Scenario): MarketArm[] {
  const random = randomFrom(Math.imul(seed, 2654435761) >>> 0);
  const arms = Array.from({ length: FIRST_ARMS }, () => drawArm(random, 0, scenario));
  if (scenario !== 'S3') return arms;
  return [...arms, ...ARRIVALS.flatMap((day) => Array.from({ length: ARRIVING }, () => drawArm(random, day, scenario)))];
}

function drawArm(random: Random, launchDay: number, scenario: Scenario): MarketArm {
  const conversion = beta(random, 2, 98);
  const price = lognormal(random, Math.log(25), 0.5);
  const cost = lognormal(random, Math.log(0.7), 0.35);
  const refundShare = beta(random, 2, 38);
  const capacity = uniformInt(random, 50, 300);
  const meanDelay = 6 * random();
  const [changes, day, worse] = [random() < 0.4, uniformInt(random, 15, 75), random() < 0.7];
  const change = changes && scenario === 'S3' ? { day, factor: worse ? 0.35 : 1.8 } : null;
  return { launchDay, price, cost, capacity, hidden: { conversion, refundShare, meanDelay: scenario === 'S1' ? 0 : meanDelay, change } };
}

function conversionOn({ hidden }: MarketArm, day: number): number {
  const { conversion, change } = hidden;
  return change !== null && day >= change.day ? Math.min(1, conversion * change.factor) : conversion;
}

/** Expected: p(price(1 − refunds) − .029 price − .30) − cost; the fee is kept when an order goes back. */
export function profitPerVisitor(arm: MarketArm, day: number): number {
  return conversionOn(arm, day) * (arm.price * (1 - arm.hidden.refundShare) - 0.029 * arm.price - 0.3) - arm.cost;
}

/** Luck hangs on (seed, arm, day) alone: more visitors add orders to those that fewer would have brought, whoever bought them. */
export function drawSales(seed: number, index: number, arm: MarketArm, day: number, visitors: number): Sale[] {
  const count = binomial(randomFrom(hashSeed(seed, index, day)), visitors, conversionOn(arm, day));
  const random = randomFrom(hashSeed(seed, index, day, 'orders'));
  return Array.from({ length: count }, () => {
    const value = arm.price * lognormal(random, -0.045, 0.3);
    const payDay = day + 1 + Math.floor(exponential(random, arm.hidden.meanDelay));
    return { visitDay: day, payDay, value, refundDay: random() < arm.hidden.refundShare ? payDay + REFUND_AFTER : null };
  });
}

/** What who knows every conversion of every day earns: the fractional knapsack over profitable arms, day by day. */
export function oracleProfit(arms: readonly MarketArm[]): number {
  let profit = 0;
  for (let day = 0; day < DAYS; day += 1) {
    const open = arms
      .filter((arm) => arm.launchDay <= day)
      .map((arm) => ({ most: arm.capacity * arm.cost, ratio: profitPerVisitor(arm, day) / arm.cost }))
      .filter(({ ratio }) => ratio > 0)
      .toSorted((a, b) => b.ratio - a.ratio);
    let left = BUDGET_USD;
    for (const { most, ratio } of open) {
      const spent = Math.min(left, most);
      profit += spent * ratio;
      left -= spent;
    }
  }
  return profit;
}
