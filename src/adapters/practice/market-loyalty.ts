// Whether and when a buyer of the practice market comes back, pure: the BG/NBD process (Fader, Hardie & Lee 2005) with parameters of each
// offer's own, which never leave the market. First purchases know nothing of it, so what a launch brings by itself stays as it was.
import { beta, exponential, gamma, hashSeed, lognormal, type Random, randomFrom } from '../../core/random.ts';
import { drawSale, type MarketOffer, type MarketOrder } from './market-model.ts';

/** So many days after their first purchase nobody comes any more. */
const LONGEST_DAYS = 1000;

/** A buyer by their first order: where luck hangs on. */
export interface BuyerKey {
  visitDay: number;
  index: number;
  /** The day their first payment came. */
  payDay: number;
}

/** Rate of buying again, Gamma(r, alpha) a day; chance of leaving after each time, Beta(a, b). */
interface Loyalty {
  r: number;
  alpha: number;
  a: number;
  b: number;
}

/** About one purchase in 120 days while a buyer stays, very unlike between buyers; about one in four leaves after each. Hidden: for tests only outside. */
export function loyaltyOf(seed: number, offerId: string): Loyalty {
  const random = randomFrom(hashSeed(seed, offerId, 'loyalty'));
  const r = lognormal(random, Math.log(0.5), 0.25);
  const alpha = r * lognormal(random, Math.log(120), 0.3);
  return { r, alpha, a: lognormal(random, Math.log(0.8), 0.25), b: lognormal(random, Math.log(2.5), 0.25) };
}

/** Days from the first payment to repeat purchase `number` (1, 2, …); null when the buyer has left, or not within reach. */
function drawWait(random: Random, { r, alpha, a, b }: Loyalty, number: number): number | null {
  const rate = gamma(random, r) / alpha;
  const leaving = beta(random, a, b);
  let [at, day] = [0, 0];
  for (let count = 1; count <= number; count += 1) {
    if (count > 1 && random() < leaving) return null;
    at += exponential(random, 1 / rate);
    if (!(at < LONGEST_DAYS)) return null;
    // At most one purchase a day.
    day = Math.max(day + 1, Math.ceil(at));
  }
  return day;
}

/** The buyer's repeat purchase of that number, paid the moment it is made. Luck hangs on (seed, offer, first order) alone. */
export function drawRepeat(seed: number, offer: MarketOffer, buyer: BuyerKey, number: number): Omit<MarketOrder, 'index'> | null {
  const { visitDay, index, payDay } = buyer;
  const wait = drawWait(randomFrom(hashSeed(seed, offer.id, visitDay, 'buyer', index)), loyaltyOf(seed, offer.id), number);
  if (wait === null) return null;
  return drawSale(randomFrom(hashSeed(seed, offer.id, visitDay, 'repeat', index, number)), offer, () => payDay + wait);
}
