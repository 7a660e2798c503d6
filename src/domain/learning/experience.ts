// What learning reads of one finished experiment, and by what it is compared with others: category, channel, price band, source.

export interface FinishedExperiment {
  id: string;
  category: string;
  channel: string;
  /** Where the opportunity was found, such as "web search" or a person's idea; empty when unknown. */
  source: string;
  /** Dollars of the list price. */
  price: number;
  /** Matured visitors and their orders. */
  visitors: number;
  orders: number;
}

/** What is known of something that has not run. A part that is absent teaches and moves nothing. */
export interface Traits {
  category?: string;
  channel?: string;
  source?: string;
  price?: number;
}

export const FACTORS = ['category', 'channel', 'price band', 'source'] as const;
export type Factor = (typeof FACTORS)[number];

/** Upper ends in dollars; about what people call cheap, usual, considered and dear. */
const BANDS: readonly (readonly [below: number, name: string])[] = [
  [10, 'below $10'],
  [20, '$10 to $20'],
  [40, '$20 to $40'],
  [100, '$40 to $100'],
];

export const priceBand = (price: number): string => BANDS.find(([below]) => price < below)?.[1] ?? '$100 and more';

/** The level of each factor; null where it is unknown. */
export function levelOf(traits: Traits, factor: Factor): string | null {
  switch (factor) {
    case 'category':
      return traits.category || null;
    case 'channel':
      return traits.channel || null;
    case 'price band':
      return traits.price === undefined ? null : priceBand(traits.price);
    case 'source':
      return traits.source || null;
  }
}
