// The practice market's laws against the figures published for MARKET-90, and what must hold for every seed.
import { expect, test } from 'vitest';
import {
  dayBudgetMicros,
  expectedProfitPerVisitor,
  generateOffers,
  type LaunchDay,
  type MarketOffer,
  processingFeeMicros,
  simulateLaunchDay,
} from '../../src/adapters/practice/market-model.ts';

const SEEDS = Array.from({ length: 1000 }, (_, i) => i + 1);
const markets = SEEDS.map(generateOffers);

function runLaunch(seed: number, offer: MarketOffer, budgetMicros: number, days: number, startDay = 1): LaunchDay[] {
  let spentMicros = 0;
  return Array.from({ length: days }, (_, i) => {
    const today = simulateLaunchDay(seed, offer, startDay + i, dayBudgetMicros({ budgetMicros, spentMicros, days }, i));
    spentMicros += today.spentMicros;
    return today;
  });
}

/** Most expected profit of $100 a day: the profitable offers, best return first, each up to its capacity. */
function oraclePerDay(offers: MarketOffer[]): number {
  let left = 100;
  let profit = 0;
  const ranked = offers.map((offer) => ({ cost: offer.costPerVisitorMicros / 1e6, gain: expectedProfitPerVisitor(offer), offer }));
  for (const { cost, gain, offer } of ranked.filter(({ gain }) => gain > 0).toSorted((a, b) => b.gain / b.cost - a.gain / a.cost)) {
    const visitors = Math.min(offer.capacityPerDay, left / cost);
    profit += visitors * gain;
    left -= visitors * cost;
  }
  return profit;
}

test('three in four offers lose money, and about one market in thirty has none that pays', () => {
  const losing = markets.flat().filter((offer) => expectedProfitPerVisitor(offer) < 0).length / (12 * markets.length);
  expect(Math.abs(losing - 0.754)).toBeLessThan(0.012);
  const hopeless = markets.filter((offers) => offers.every((offer) => expectedProfitPerVisitor(offer) <= 0)).length / markets.length;
  expect(Math.abs(hopeless - 0.033)).toBeLessThan(0.017);
});

test('the best offer and the best plan are worth what the benchmark says', () => {
  const bestReturns = markets.map((offers) => Math.max(...offers.map((o) => expectedProfitPerVisitor(o) / (o.costPerVisitorMicros / 1e6))));
  expect(Math.abs(mean(bestReturns) - 1.56)).toBeLessThan(0.15);
  const oracle = mean(markets.map((offers) => 90 * oraclePerDay(offers)));
  expect(Math.abs(oracle - 11_800)).toBeLessThan(900);
});

test('what is drawn for an offer has the benchmark’s means and bounds', () => {
  const offers = markets.flat();
  expect(Math.abs(mean(offers.map(({ hidden }) => hidden.conversion)) - 0.02)).toBeLessThan(0.0006);
  expect(Math.abs(mean(offers.map(({ hidden }) => hidden.refundShare)) - 0.05)).toBeLessThan(0.002);
  expect(Math.abs(mean(offers.map(({ hidden }) => hidden.meanDelayDays)) - 3)).toBeLessThan(0.07);
  expect(Math.abs(mean(offers.map(({ listPriceMicros }) => Math.log(listPriceMicros / 1e6))) - Math.log(25))).toBeLessThan(0.02);
  expect(Math.abs(mean(offers.map(({ costPerVisitorMicros }) => Math.log(costPerVisitorMicros / 1e6))) - Math.log(0.7))).toBeLessThan(
    0.015,
  );
  const capacities = offers.map(({ capacityPerDay }) => capacityPerDay);
  expect([Math.min(...capacities), Math.max(...capacities)]).toEqual([50, 300]);
});

test('a market is the same for its seed, another for another, with twelve differently named offers', () => {
  expect(generateOffers(5)).toEqual(generateOffers(5));
  expect(generateOffers(5)).not.toEqual(generateOffers(6));
  for (const offers of markets.slice(0, 50)) {
    expect(offers.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, i) => `offer_${i + 1}`));
    expect(new Set(offers.map(({ name }) => name)).size).toBe(12);
  }
});

test('orders, payments and refunds come at the rates the offer hides', () => {
  const [offer] = generateOffers(3);
  if (offer === undefined) throw new Error('no offer');
  const days = Array.from({ length: 3000 }, (_, i) => simulateLaunchDay(3, offer, i + 1, 1e9));
  const orders = days.flatMap((day, i) => day.orders.map((order) => ({ ...order, wait: order.payDay - (i + 1) })));
  const visitors = days.reduce((sum, day) => sum + day.visitors, 0);
  expect(visitors).toBe(3000 * offer.capacityPerDay);
  const { conversion, meanDelayDays, refundShare } = offer.hidden;
  expect(Math.abs(orders.length / visitors / conversion - 1)).toBeLessThan(0.05);
  // The mean of 1 + floor(Exp(d)) is 1 + 1 / (e^(1/d) - 1).
  expect(Math.abs(mean(orders.map(({ wait }) => wait)) - (1 + 1 / Math.expm1(1 / meanDelayDays)))).toBeLessThan(0.15);
  expect(Math.min(...orders.map(({ wait }) => wait))).toBe(1);
  expect(Math.abs(mean(orders.map(({ refundDay }) => (refundDay === null ? 0 : 1))) - refundShare)).toBeLessThan(0.01);
  expect(orders.every(({ refundDay, payDay }) => refundDay === null || refundDay === payDay + 7)).toBe(true);
  expect(Math.abs(mean(orders.map(({ valueMicros }) => valueMicros)) / offer.listPriceMicros - 1)).toBeLessThan(0.02);
});

test('a launch never overspends, buys by capacity, and its luck hangs on offer and day alone', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    for (const offer of generateOffers(seed)) {
      const small = runLaunch(seed, offer, 15_000_000, 7);
      const large = runLaunch(seed, offer, 150_000_000, 7);
      const spent = small.reduce((sum, day) => sum + day.spentMicros, 0);
      expect(spent).toBeLessThanOrEqual(15_000_000);
      expect(15_000_000 - spent).toBeLessThan(offer.costPerVisitorMicros);
      expect(large.every(({ visitors }) => visitors <= offer.capacityPerDay)).toBe(true);
      // Whoever bought among the few also buys among the many, for the same amount on the same day.
      for (const [i, day] of small.entries()) expect(large[i]?.orders.slice(0, day.orders.length)).toEqual(day.orders);
      // Starting later shifts which days are lived, not what a day brings.
      expect(runLaunch(seed, offer, 1e11, 3, 3)[0]?.orders).toEqual(runLaunch(seed, offer, 1e11, 9)[2]?.orders);
    }
  }
});

test('amounts are whole cents and the fee is 2.9 % + 30 cents, half a cent up', () => {
  expect(processingFeeMicros(10_000_000)).toBe(590_000);
  // 2.9 % of $5.00 is 14.5 cents.
  expect(processingFeeMicros(5_000_000)).toBe(450_000);
  expect(processingFeeMicros(4_990_000)).toBe(440_000);
  for (const offer of markets.slice(0, 20).flat()) {
    expect([offer.listPriceMicros % 10_000, offer.costPerVisitorMicros % 10_000]).toEqual([0, 0]);
    for (const order of simulateLaunchDay(1, offer, 1, 1e9).orders)
      expect([order.valueMicros % 10_000, order.feeMicros % 10_000]).toEqual([0, 0]);
  }
});

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
