// The page on which an opportunity is tried: a template that code fills with its fields as words, nothing else; and why there can be none. Pure.
import { formatUsd, type Micros } from '../../core/money.ts';
import { makeVisible } from '../../core/visible-text.ts';
import { draftContract, OTHER_WORDS, type PageWay } from '../../domain/experiments/contract.ts';
import type { Opportunity } from '../../domain/opportunities/opportunity-store.ts';
import type { PageBlock } from '../../domain/pages/page.ts';
import { type PublishInput, publishInput } from '../../domain/pages/page-input.ts';
import { floorOf } from '../../domain/pages/price.ts';
import type { Deps } from '../deps.ts';
import { HIGHEST_BREAK_EVEN, sellableOf } from './propose-experiments.ts';

type Needs = Pick<Deps, 'mode'> & { config: Pick<Deps['config'], 'imprint' | 'http' | 'stripe'> };
type Sold = Pick<
  Opportunity,
  | 'id'
  | 'source'
  | 'status'
  | 'name'
  | 'sells'
  | 'buyer'
  | 'channel'
  | 'external_id'
  | 'price_micros'
  | 'unit_cost_micros'
  | 'visitor_cost_micros'
  | 'capacity_per_day'
>;

const CURRENCY = 'USD';

/** What keeps an opportunity from being tried on a page of ours; null when nothing does, when a market sells it, or when it is not open. */
export function whyNoPage({ mode, config }: Needs, one: Sold): string | null {
  if (one.source === 'practice_market' || one.status !== 'open') return null;
  if (config.stripe === null) return 'needs STRIPE_SECRET_KEY';
  if (mode === 'live' && config.imprint === null) return 'needs JUG_IMPRINT';
  if (mode === 'live' && config.http.publicUrl === null) return 'needs JUG_PUBLIC_URL';
  if (one.price_micros === null || one.price_micros <= 0n) return 'needs a price';
  const floor = floorOf(one.unit_cost_micros ?? 0n, CURRENCY);
  if (one.price_micros < floor) return `its price is below the floor of ${formatUsd(floor)}: what a piece costs, and fees`;
  if (draftContract(sellableOf(one), 1_000_000n).breakEven > HIGHEST_BREAK_EVEN) return 'too many of its visitors would have to buy';
  return publishInput.safeParse(draftPage(one, 1)).success ? null : 'its words make no page';
}

/** Whether it could be tried on a page of ours now. */
export const isForPage = (needs: Needs, one: Sold): boolean => one.source !== 'practice_market' && whyNoPage(needs, one) === null;

/** Their words as plain text in the template's blocks; no other word of the page comes from outside. @param nth experiment of all: no two share an address */
export function draftPage(one: Sold, nth: number): PublishInput {
  const title = words(one.name, 120);
  const about = words(one.sells, 1_000);
  const buyer = words(one.buyer, 300);
  const blocks: PageBlock[] = [
    { kind: 'hero', title },
    ...(about === '' || about === title ? [] : [{ kind: 'text' as const, heading: 'What you get', text: about }]),
    ...(buyer === '' ? [] : [{ kind: 'text' as const, heading: 'For whom', text: buyer }]),
    { kind: 'price' },
  ];
  return {
    slug: `${slugOf(one.name)}-${one.id}-${nth}`,
    variant: 'a',
    name: title,
    ...(about === '' ? {} : { description: words(about, 500) }),
    blocks,
    amount: dollars(one.price_micros ?? 0n),
    currency: CURRENCY,
    unitCost: dollars(one.unit_cost_micros ?? 0n),
  };
}

/**
 * The ways in which it is tried where a model writes the pages: as listed, the same in other words, and a quarter dearer. Nothing is sold
 * below its list price, so no way gives anything away.
 */
export function waysOf({ price_micros: price }: Pick<Opportunity, 'price_micros'>): PageWay[] {
  const priceMicros = price ?? 0n;
  return [
    { letter: 'a', name: 'as listed', priceMicros },
    { letter: 'b', name: OTHER_WORDS, priceMicros },
    { letter: 'c', name: 'a quarter dearer', priceMicros: ((priceMicros * 5n) / 40_000n) * 10_000n },
  ];
}

/** Characters that hide others are made visible, so that the page is exactly what was read on the card. */
const words = (text: string, most: number): string => [...makeVisible(text).trim()].slice(0, most).join('').slice(0, most).trim();

function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 30)
    .replaceAll(/^-+|-+$/g, '');
  return plain === '' || plain.startsWith('market-launch') ? 'offer' : plain;
}

const dollars = (micros: Micros): string => (Number(micros / 10_000n) / 100).toFixed(2);
