// The practice market as a source: everything it lists, through its own API. Its listings are structured and its own, so they taint nothing.
import { hashOf } from '../../core/canonical-json.ts';
import type { MarketOffer, Marketplace } from '../../domain/offers/marketplace.ts';
import type { Find } from '../../domain/opportunities/opportunity.ts';
import { plain } from '../tools/market-common.ts';
import type { FindSource } from './source.ts';

/** A trial that tells anything buys so many visitors. */
const TRIAL_VISITORS = 50n;
/** A payment comes one to seven days after its visit. */
const DAYS_TO_FIRST_DOLLAR = 4;
const EFFORT_HOURS = 0.5;
/** What is not spent comes back; what is spent buys visitors and nothing else. */
const RISK = 0.1;

export const createMarketSource = (market: Marketplace): FindSource => ({
  source: 'practice_market',
  name: 'practice market',
  look: async (signal) => {
    const { offers } = await market.offers(signal);
    return { finds: offers.map(toFind), listed: offers.map((offer) => offer.id) };
  },
});

function toFind(offer: MarketOffer): Find {
  // Whether it runs is our doing, and no part of the listing.
  const { running: _, ...listing } = offer;
  return {
    externalId: offer.id,
    name: offer.name,
    sells: `${offer.name} (${offer.category}), shipped by the market`,
    buyer: `visitors from ${offer.channel}`,
    category: offer.category,
    channel: offer.channel,
    priceMicros: offer.listPriceMicros,
    unitCostMicros: null,
    visitorCostMicros: offer.costPerVisitorMicros,
    capitalMicros: offer.costPerVisitorMicros * TRIAL_VISITORS,
    capacityPerDay: offer.capacityPerDay,
    daysToFirstDollar: DAYS_TO_FIRST_DOLLAR,
    effortHours: EFFORT_HOURS,
    automation: 1,
    scalability: 'repeatable',
    risk: RISK,
    capabilities: ['sell_on_market'],
    flags: [],
    tainted: false,
    evidence: [{ kind: 'listing', origin: `practice market: ${offer.id}`, sha256: hashOf(plain(listing)), excerpt: '', toolCallId: null }],
  };
}
