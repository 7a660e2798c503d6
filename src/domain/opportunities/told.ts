// An opportunity as people, tables, tools and models tell it, in dollars and words; and how that becomes a find of ours. Pure.
import { z } from 'zod';
import { storableText } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import { redactText } from '../../core/redact.ts';
import { LIMITS } from './limits.ts';
import type { Find, FoundAt } from './opportunity.ts';

const words = (longest: number) => z.string().max(longest);
const number = z.number().min(0).max(1e9).nullable();
const share = z.number().min(0).max(1).nullable();

/** Every field is there, and null where nothing is known: servers that take a schema strictly want it so. */
export const told = z.object({
  name: z.string().min(1).max(200),
  sells: words(1_000).describe('what is sold'),
  buyer: words(300).describe('to whom'),
  category: words(80),
  channel: words(80).describe('how buyers are reached'),
  priceUsd: number,
  unitCostUsd: number.describe('cost of one piece'),
  visitorCostUsd: number.describe('cost of one visitor'),
  capitalUsd: number.describe('needed before the first sale'),
  daysToFirstDollar: number,
  effortHours: number,
  automation: share.describe('0 all by hand, 1 all by itself'),
  scalability: z.enum(['once', 'repeatable', 'scalable']).nullable(),
  risk: share.describe('chance, apart from demand, that what is put in is lost'),
  capabilities: z.array(words(60)).max(12).describe('what it takes'),
  breaks: z.array(z.enum(LIMITS)).max(LIMITS.length).describe('rules it would break'),
});
export type Told = z.infer<typeof told>;

export const NOTHING_TOLD: Omit<Told, 'name'> = {
  sells: '',
  buyer: '',
  category: '',
  channel: '',
  priceUsd: null,
  unitCostUsd: null,
  visitorCostUsd: null,
  capitalUsd: null,
  daysToFirstDollar: null,
  effortHours: null,
  automation: null,
  scalability: null,
  risk: null,
  capabilities: [],
  breaks: [],
};

/** Words of others always taint. What looks like a secret is cut out before it is kept. */
export function toFind(from: Told, externalId: string, evidence: FoundAt[]): Find {
  return {
    externalId: clean(externalId, 300),
    name: clean(from.name, 200) || 'without a name',
    sells: clean(from.sells, 1_000),
    buyer: clean(from.buyer, 300),
    category: clean(from.category, 80).toLowerCase(),
    channel: clean(from.channel, 80).toLowerCase(),
    priceMicros: micros(from.priceUsd),
    unitCostMicros: micros(from.unitCostUsd),
    visitorCostMicros: micros(from.visitorCostUsd),
    capitalMicros: micros(from.capitalUsd),
    capacityPerDay: null,
    daysToFirstDollar: from.daysToFirstDollar,
    effortHours: from.effortHours,
    automation: from.automation,
    scalability: from.scalability,
    risk: from.risk,
    capabilities: from.capabilities.map((word) => clean(word, 60)).filter((word) => word !== ''),
    flags: from.breaks,
    tainted: true,
    evidence: evidence.map((place) => ({ ...place, origin: clean(place.origin, 2_048), excerpt: clean(place.excerpt, 300) })),
  };
}

const clean = (text: string, longest: number): string => storableText(redactText(text.slice(0, 20_000)).trim().slice(0, longest));

const micros = (dollars: number | null): Micros | null => (dollars === null ? null : BigInt(Math.round(dollars * 100)) * 10_000n);
