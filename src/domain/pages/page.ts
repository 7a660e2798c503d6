// What a page may hold: blocks of plain text from a fixed list. No markup, no address but our own, no character that hides another.
import { z } from 'zod';
import { hashOf } from '../../core/canonical-json.ts';
import { makeVisible } from '../../core/visible-text.ts';

const words = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => makeVisible(text) === text, 'holds hidden characters');
const heading = words(120).nullish().describe('a heading above it');

const block = z.union([
  z.object({ kind: z.literal('hero'), title: words(120), subtitle: words(300).nullish() }),
  z.object({ kind: z.literal('text'), heading, text: words(4_000).describe('plain text; a blank line begins a paragraph') }),
  z.object({ kind: z.literal('list'), heading, items: z.array(words(300)).min(1).max(20) }),
  z.object({
    kind: z.literal('price'),
    note: words(300).nullish().describe('a line under the price; price and button are put there by us'),
  }),
  z.object({
    kind: z.literal('faq'),
    heading,
    items: z
      .array(z.object({ question: words(200), answer: words(1_500) }))
      .min(1)
      .max(12),
  }),
  z.object({
    kind: z.literal('link'),
    label: words(80),
    to: z
      .string()
      .regex(/^\/o\/[a-z0-9]+(-[a-z0-9]+)*$/)
      .max(70)
      .describe('another page of ours, like /o/checklist'),
  }),
]);

export type PageBlock = z.output<typeof block>;

export const pageBlocks = z
  .array(block)
  .min(1)
  .max(20)
  .refine((blocks) => blocks.filter(({ kind }) => kind === 'price').length <= 1, 'has more than one price block')
  .refine((blocks) => blocks[0]?.kind === 'hero', 'must begin with a hero block')
  .refine((blocks) => blocks.filter(({ kind }) => kind === 'hero').length === 1, 'has more than one hero block');

/** Two-part names that our own routes use are never slugs; order tokens hold dots, which no slug can. */
const RESERVED = new Set(['thanks', 'unsubscribe', 'page', 'order', 'orders']);

export const pageSlug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .min(3)
  .max(60)
  .refine((slug) => !RESERVED.has(slug) && !slug.startsWith('market-launch'), 'is a name of our own routes')
  .describe('its address behind /o/, like launch-checklist');

export const variantKey = z
  .string()
  .regex(/^[a-z]$/)
  .describe('a letter; visitors are shared out over the variants of a page, and each keeps theirs');

/** A part of an address that names a channel. */
export const channelKey = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(30)
  .refine((key) => key !== 'direct' && key !== 'market', 'is a name of our own')
  .describe('short name that its tracked link carries, like newsletter');

/** Changes with the template: what was approved was approved with its frame. */
const TEMPLATE = 1;

/** What a visitor sees, whole: the approved part and the part that is ours. */
export interface PageContent {
  slug: string;
  variant: string;
  name: string;
  blocks: readonly PageBlock[];
  priceMicros: bigint;
  currency: string;
  imprint: string | null;
  mode: 'practice' | 'live';
}

export function disclosureOf({ imprint, mode }: Pick<PageContent, 'imprint' | 'mode'>): readonly string[] {
  return [
    'This page was written by an AI agent, which also runs the offer. A person approved this page before it was published.',
    ...(mode === 'practice' ? ['Practice: only test payments are taken here. Nothing is sold and no card is charged.'] : []),
    imprint === null ? 'No imprint is set.' : `Responsible: ${imprint}`,
  ];
}

/** Hex SHA-256 of all of it; what is approved, published and read back. */
export function pageHash(content: PageContent): string {
  const { slug, variant, name, blocks, priceMicros, currency } = content;
  return hashOf({ template: TEMPLATE, slug, variant, name, blocks, priceMicros, currency, frame: disclosureOf(content) });
}
