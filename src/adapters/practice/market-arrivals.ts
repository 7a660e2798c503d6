// What comes new to the practice market: a few offers every fourth day, pure. Unlike the twelve a market opens with, these sell by a structure
// that can be learned: log-odds of conversion = base + category N(0, .6) + channel N(0, .4) + own N(0, .5). None of it leaves the market.
import { beta, hashSeed, lognormal, normal, randomFrom, uniformInt } from '../../core/random.ts';
import { CHANNELS, MAKERS, PRODUCTS } from './market-catalogue.ts';
import { type MarketOffer, wholeCents } from './market-model.ts';

export const ARRIVE_EVERY_DAYS = 4;
export const ARRIVE_AT_ONCE = 4;
/** So long an offer that nobody launches stays on the list. */
export const LISTED_DAYS = 40;
/** With the spreads below about a quarter of what arrives can be sold at a profit. */
const BASE = -4.2;
const [CATEGORY_SPREAD, CHANNEL_SPREAD, OWN_SPREAD] = [0.6, 0.4, 0.5];
const CATEGORIES = ['home office', 'digital download', 'craft', 'kitchen', 'garden', 'fitness'];
const CHANNEL_COUNT = 4;

/** Offers come with the beginning of days 5, 9, 13, …; the number is 1 to ARRIVE_AT_ONCE. */
const ID = /^arrival_([1-9]\d{0,6})_([1-9])$/;

/** The offer of that id, if one has come by the beginning of `day`. */
export function findArrival(seed: number, id: string, day: number): MarketOffer | null {
  const match = ID.exec(id);
  if (match === null) return null;
  const [arrived, number] = [Number(match[1]), Number(match[2])];
  const isReal = arrived > 1 && (arrived - 1) % ARRIVE_EVERY_DAYS === 0 && number <= ARRIVE_AT_ONCE;
  return isReal && arrived <= day ? drawArrival(seed, arrived, number) : null;
}

/** What has come within the last LISTED_DAYS, oldest first. */
export function listArrivals(seed: number, day: number): MarketOffer[] {
  const first = Math.max(1, day - LISTED_DAYS + 1);
  const days = Array.from({ length: day - first + 1 }, (_, index) => first + index);
  return days
    .filter((arrived) => arrived > 1 && (arrived - 1) % ARRIVE_EVERY_DAYS === 0)
    .flatMap((arrived) => Array.from({ length: ARRIVE_AT_ONCE }, (_, index) => drawArrival(seed, arrived, index + 1)));
}

/** Every draw of an offer hangs on (seed, day, number) alone, and on nothing that was drawn before there were arrivals. */
function drawArrival(seed: number, arrived: number, number: number): MarketOffer {
  const random = randomFrom(hashSeed(seed, 'arrival', arrived, number));
  const category = pick(random, CATEGORIES);
  const channel = pick(random, CHANNELS.slice(0, CHANNEL_COUNT));
  const products = PRODUCTS.filter(([, kind]) => kind === category).map(([product]) => product);
  const name = `${pick(random, products)} by ${pick(random, MAKERS)}`;
  const logOdds = BASE + effectOf(seed, category, CATEGORY_SPREAD) + effectOf(seed, channel, CHANNEL_SPREAD) + OWN_SPREAD * normal(random);
  return {
    id: `arrival_${arrived}_${number}`,
    name,
    category,
    channel,
    listPriceMicros: wholeCents(lognormal(random, Math.log(25), 0.5)),
    costPerVisitorMicros: wholeCents(lognormal(random, Math.log(0.7), 0.35)),
    capacityPerDay: uniformInt(random, 50, 300),
    hidden: { conversion: 1 / (1 + Math.exp(-logOdds)), refundShare: beta(random, 2, 38), meanDelayDays: 6 * random() },
  };
}

/** What a category or a channel adds to the log-odds, in this market for good. */
const effectOf = (seed: number, name: string, spread: number): number => spread * normal(randomFrom(hashSeed(seed, 'effect', name)));

const pick = (random: () => number, from: readonly string[]): string => from[uniformInt(random, 0, from.length - 1)] ?? '';
