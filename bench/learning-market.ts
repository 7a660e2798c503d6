// A practice market with a structure to be learned: how well an offer converts hangs on its category, its channel and itself.
// Hidden from whoever chooses: all of `rate`. Amounts are dollars as numbers.
import { hashSeed, lognormal, normal, randomFrom, uniformInt } from '../src/core/random.ts';

export const CATEGORIES = 6;
export const CHANNELS = 4;
export const CANDIDATES = 12;
/** log-odds of the median offer: set so that about a quarter of all offers earn. */
const BASE = -4.1;
/** A visitor's cost follows the price, as where sellers bid for them: what can be seen says little about what earns. */
const COST = { share: 0.028, spread: 0.1 };
const SPREAD = { category: 0.6, channel: 0.4, own: 0.5 };

export interface Candidate {
  /** 0 … 11 within its generation. */
  index: number;
  category: string;
  channel: string;
  price: number;
  cost: number;
  capacity: number;
  /** Orders per visitor. Hidden. */
  rate: number;
}

export type Market = (generation: number) => Candidate[];

/** One market: its effects stay, its candidates are new in every generation and the same for whoever chooses. */
export function openMarket(seed: number): Market {
  const random = randomFrom(hashSeed('learning market', seed));
  const draw = (count: number, spread: number): number[] => Array.from({ length: count }, () => spread * normal(random));
  const [categories, channels] = [draw(CATEGORIES, SPREAD.category), draw(CHANNELS, SPREAD.channel)];
  return (generation) => {
    const luck = randomFrom(hashSeed('learning candidates', seed, generation));
    return Array.from({ length: CANDIDATES }, (_, index) => {
      const [category, channel] = [uniformInt(luck, 0, CATEGORIES - 1), uniformInt(luck, 0, CHANNELS - 1)];
      const odds = BASE + (categories[category] ?? 0) + (channels[channel] ?? 0) + SPREAD.own * normal(luck);
      const price = lognormal(luck, Math.log(25), 0.5);
      return {
        ...{ index, category: `category ${category + 1}`, channel: `channel ${channel + 1}` },
        price,
        cost: price * COST.share * lognormal(luck, 0, COST.spread),
        capacity: uniformInt(luck, 50, 300),
        rate: 1 / (1 + Math.exp(-odds)),
      };
    });
  };
}

/** Expected: rate × (price − .029 price − .30) − cost. Nobody gives anything back here. */
export const profitPerVisitor = ({ rate, price, cost }: Candidate): number => rate * (price * (1 - 0.029) - 0.3) - cost;
