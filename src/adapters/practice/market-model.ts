// The practice market's laws, pure: what is on offer for a seed, and what one day of one launch brings. The generative model is
// "MARKET-90" scenario S2 (stationary, with payment delay): conversion, delay and refund share are hidden from whoever buys.
// The far side counts money in whole micro-dollars as plain numbers, because that is what its JSON carries (exact below $9 billion).
import { beta, binomial, exponential, hashSeed, lognormal, type Random, randomFrom, uniformInt } from '../../core/random.ts';
import { CHANNELS, PRODUCTS } from './market-catalogue.ts';

const OFFER_COUNT = 12;
const MICROS_PER_CENT = 10_000;
/** Days from a payment to its refund. */
const REFUND_AFTER_DAYS = 7;

export interface MarketOffer {
  id: string;
  name: string;
  category: string;
  channel: string;
  listPriceMicros: number;
  costPerVisitorMicros: number;
  capacityPerDay: number;
  /** Never leaves the market. */
  hidden: { conversion: number; meanDelayDays: number; refundShare: number };
}

export interface MarketOrder {
  /** 0, 1, … within its launch and visit day. */
  index: number;
  /** Whole cents. */
  valueMicros: number;
  /** Whole cents; kept by the processor when the order is refunded. */
  feeMicros: number;
  payDay: number;
  /** Null when the customer keeps what they bought. */
  refundDay: number | null;
}

export interface LaunchDay {
  visitors: number;
  spentMicros: number;
  orders: MarketOrder[];
}

/** The 12 offers of a market, the same for the same seed. */
export function generateOffers(seed: number): MarketOffer[] {
  const random = randomFrom(Math.imul(seed, 2654435761) >>> 0);
  const names = drawNames(randomFrom(hashSeed(seed, 'catalogue')));
  return names.map(({ name, category, channel }, arm) => {
    const conversion = beta(random, 2, 98);
    const listPriceMicros = wholeCents(lognormal(random, Math.log(25), 0.5));
    const costPerVisitorMicros = wholeCents(lognormal(random, Math.log(0.7), 0.35));
    const refundShare = beta(random, 2, 38);
    const capacityPerDay = uniformInt(random, 50, 300);
    const meanDelayDays = 6 * random();
    const hidden = { conversion, meanDelayDays, refundShare };
    return { id: `offer_${arm + 1}`, name, category, channel, listPriceMicros, costPerVisitorMicros, capacityPerDay, hidden };
  });
}

/** Dollars one more visitor is expected to bring: p(price(1-ref) - .029 price - .30) - cost. Hidden: for tests and benchmarks only. */
export function expectedProfitPerVisitor(offer: MarketOffer): number {
  const price = offer.listPriceMicros / 1e6;
  const { conversion, refundShare } = offer.hidden;
  return conversion * (price * (1 - refundShare) - 0.029 * price - 0.3) - offer.costPerVisitorMicros / 1e6;
}

/** A launch spends evenly: what is left of its budget over the days left, so a visitor too dear for today can be bought tomorrow. */
export function dayBudgetMicros(launch: { budgetMicros: number; spentMicros: number; days: number }, daysRun: number): number {
  return Math.floor((launch.budgetMicros - launch.spentMicros) / (launch.days - daysRun));
}

/**
 * One day of one launch. Luck hangs on (seed, offer, day) alone: neither other launches nor the budget change it, and more visitors
 * add orders to those that fewer would have brought.
 */
export function simulateLaunchDay(seed: number, offer: MarketOffer, day: number, budgetMicros: number): LaunchDay {
  const visitors = Math.min(offer.capacityPerDay, Math.floor(budgetMicros / offer.costPerVisitorMicros));
  const count = binomial(randomFrom(hashSeed(seed, offer.id, day)), visitors, offer.hidden.conversion);
  const orders = Array.from({ length: count }, (_, index) => drawOrder(seed, offer, day, index));
  return { visitors, spentMicros: visitors * offer.costPerVisitorMicros, orders };
}

function drawOrder(seed: number, offer: MarketOffer, day: number, index: number): MarketOrder {
  const random = randomFrom(hashSeed(seed, offer.id, day, 'order', index));
  return { index, ...drawSale(random, offer, () => day + 1 + Math.floor(exponential(random, offer.hidden.meanDelayDays))) };
}

/** What is paid, when, and whether it goes back. @param payDayOf asked once the amount has been drawn */
export function drawSale(random: Random, offer: MarketOffer, payDayOf: () => number): Omit<MarketOrder, 'index'> {
  const valueMicros = wholeCents((offer.listPriceMicros / 1e6) * lognormal(random, -0.045, 0.3));
  const payDay = payDayOf();
  const refundDay = random() < offer.hidden.refundShare ? payDay + REFUND_AFTER_DAYS : null;
  return { valueMicros, feeMicros: processingFeeMicros(valueMicros), payDay, refundDay };
}

/** 2.9 % + $0.30, to whole cents, half a cent up. @param valueMicros whole cents */
export function processingFeeMicros(valueMicros: number): number {
  const cents = valueMicros / MICROS_PER_CENT;
  return (Math.floor((cents * 29 + 500) / 1000) + 30) * MICROS_PER_CENT;
}

/** At least one cent. */
export function wholeCents(dollars: number): number {
  return Math.max(1, Math.round(dollars * 100)) * MICROS_PER_CENT;
}

function drawNames(random: Random): { name: string; category: string; channel: string }[] {
  const left = [...PRODUCTS];
  return Array.from({ length: OFFER_COUNT }, () => {
    const [product] = left.splice(uniformInt(random, 0, left.length - 1), 1);
    const [name, category] = product ?? ['', ''];
    return { name, category, channel: CHANNELS[uniformInt(random, 0, CHANNELS.length - 1)] ?? '' };
  });
}
