// What a model is asked for when it writes the pages of an offer: safe blocks only, no price and no address of its own. Pure.
import { z } from 'zod';
import { type PageBlock, pageBlocks } from './page.ts';

export const PAGE_WRITING_NAME = 'pages';
const WRITABLE: readonly PageBlock['kind'][] = ['hero', 'text', 'list', 'price', 'faq'];

export const pageWriting = z.object({
  pages: z.array(z.object({ blocks: pageBlocks.describe('the page from top to bottom; begins with a hero') })).max(4),
});
export type PageWriting = z.output<typeof pageWriting>;

export const PAGE_WRITING_RULES = `Write pages that sell the offer below, as JSON of the given schema: each for the same thing and the same buyers, and each arguing another way.
A page has a hero, then text, list or faq blocks, and one price block where the price and the button are put by us. Plain words, short, in the language of the offer.
Say only what the offer really is. Promise nothing that is not stated: no figures, results, discounts, deadlines, guarantees, reviews or customers, no amount of money and no address of any kind.`;

const MONEY = /[$€£¥]\s?\d|\d\s?(?:[$€£¥]|usd|eur|gbp|dollars?|euros?)\b/i;
const ADDRESS = /https?:|www\.|\S@\S+\.\S|\b[a-z0-9-]+\.(?:com|net|org|io|co|shop|store|example)\b/i;

/** What is wrong beyond the schema; null when nothing is. */
export function checkPages({ pages }: PageWriting, wanted: number): string | null {
  if (pages.length !== wanted) return `there must be exactly ${wanted} pages`;
  for (const [index, { blocks }] of pages.entries()) {
    const at = `page ${index + 1}`;
    const strange = blocks.find(({ kind }) => !WRITABLE.includes(kind));
    if (strange !== undefined) return `${at} has a block "${strange.kind}"`;
    if (!blocks.some(({ kind }) => kind === 'price')) return `${at} has no price block`;
    const words = JSON.stringify(blocks);
    if (MONEY.test(words)) return `${at} states an amount of money`;
    if (ADDRESS.test(words)) return `${at} holds an address`;
  }
  const [first, ...others] = pages.map(({ blocks }) => JSON.stringify(blocks));
  return others.includes(first ?? '') ? 'two pages are the same' : null;
}
