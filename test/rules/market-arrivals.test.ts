// What comes new to the practice market: the same for a seed, learnable by category and channel, and about one in four worth selling.
import { expect, test } from 'vitest';
import { ARRIVE_AT_ONCE, ARRIVE_EVERY_DAYS, findArrival, LISTED_DAYS, listArrivals } from '../../src/adapters/practice/market-arrivals.ts';
import { expectedProfitPerVisitor, type MarketOffer } from '../../src/adapters/practice/market-model.ts';

/** Everything that comes within 400 days, for many seeds. */
const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);
const arrivalsOf = (seed: number): MarketOffer[] => {
  const days = Array.from({ length: 400 / LISTED_DAYS }, (_, index) => (index + 1) * LISTED_DAYS);
  return days.flatMap((day) => listArrivals(seed, day));
};
const logOdds = (offer: MarketOffer): number => Math.log(offer.hidden.conversion / (1 - offer.hidden.conversion));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

test('nothing comes before the fifth day; then some every fourth day, listed for forty', () => {
  for (let day = 1; day <= ARRIVE_EVERY_DAYS; day += 1) expect(listArrivals(7, day)).toEqual([]);
  expect(listArrivals(7, 5)).toHaveLength(ARRIVE_AT_ONCE);
  expect(listArrivals(7, 8)).toEqual(listArrivals(7, 5));
  expect(listArrivals(7, 9).slice(0, ARRIVE_AT_ONCE)).toEqual(listArrivals(7, 5));
  for (const day of [100, 10_001]) {
    const listed = listArrivals(7, day);
    expect(listed).toHaveLength((LISTED_DAYS / ARRIVE_EVERY_DAYS) * ARRIVE_AT_ONCE);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
  }
});

test('an offer is found by its id from the day it came, for good, and no other id finds one', () => {
  const [offer] = listArrivals(7, 5);
  expect(offer?.id).toBe('arrival_5_1');
  expect(findArrival(7, 'arrival_5_1', 4)).toBeNull();
  for (const day of [5, 6, 5_000]) expect(findArrival(7, 'arrival_5_1', day)).toEqual(offer);
  expect(findArrival(8, 'arrival_5_1', 5)).not.toEqual(offer);
  for (const id of ['arrival_1_1', 'arrival_6_1', 'arrival_5_0', 'arrival_5_5', 'arrival_05_1', 'arrival_5_1 ', 'offer_1', ''])
    expect(findArrival(7, id, 100)).toBeNull();
});

test('about one in four can be sold at a profit', () => {
  const all = SEEDS.flatMap(arrivalsOf);
  const good = all.filter((offer) => expectedProfitPerVisitor(offer) > 0).length / all.length;
  expect(Math.abs(good - 0.25)).toBeLessThan(0.03);
});

test('log-odds are base + category N(0, .6) + channel N(0, .4) + own N(0, .5), six categories by four channels', () => {
  const byPart = (of: (offer: MarketOffer) => string, offers: MarketOffer[]): number[] =>
    [...Map.groupBy(offers, of).values()].map((group) => mean(group.map(logOdds)));
  const markets = SEEDS.map(arrivalsOf);
  expect(new Set(markets.flat().map(({ category }) => category)).size).toBe(6);
  expect(new Set(markets.flat().map(({ channel }) => channel)).size).toBe(4);
  // A group's mean also carries a little of what the others average to; hence the room.
  const within = (of: (offer: MarketOffer) => string): number => Math.sqrt(mean(markets.map((offers) => spread(byPart(of, offers)) ** 2)));
  expect(Math.abs(within(({ category }) => category) - 0.6 * Math.sqrt(5 / 6))).toBeLessThan(0.06);
  expect(Math.abs(within(({ channel }) => channel) - 0.4 * Math.sqrt(3 / 4))).toBeLessThan(0.06);
  const own = markets.flatMap((offers) =>
    [...Map.groupBy(offers, ({ category, channel }) => `${category}/${channel}`).values()].map((cell) => spread(cell.map(logOdds)) ** 2),
  );
  expect(Math.abs(Math.sqrt(mean(own)) - 0.5)).toBeLessThan(0.05);
});
