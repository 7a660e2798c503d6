// A page that somebody is asked to publish, in full and in reading order, before the exact call that would publish it.
import { formatMoney, parseAmount } from '../../core/currency.ts';
import type { PageBlock } from '../../domain/pages/page.ts';
import { type PublishInput, publishInput } from '../../domain/pages/page-input.ts';
import { escapeMarkdown } from '../escape.ts';

/** Longer than any block may be: nothing of a page is cut. */
const WHOLE = 20_000;
const show = (text: string): string => escapeMarkdown(text, WHOLE);

interface Asked {
  id: number;
  tool: string;
  arguments: unknown;
}

/** One part a page; none for calls that publish nothing, or whose arguments cannot be read (they stand below in full). */
export function pageLines(calls: readonly Asked[]): string[] {
  return calls.flatMap((call) => {
    if (call.tool !== 'publish_page') return [];
    const read = publishInput.safeParse(call.arguments);
    return read.success ? [pageWords(read.data)] : [];
  });
}

function pageWords(page: PublishInput): string {
  const price = formatMoney(parseAmount(page.amount), page.currency.toUpperCase());
  const hasPrice = page.blocks.some(({ kind }) => kind === 'price');
  const parts = page.blocks.map((block) => blockWords(block, price));
  const buy = hasPrice ? [] : [`**${price}** (button: Buy for ${price})`];
  const foot = '*Below it: that an AI agent wrote the page and a person approved it, and the imprint.*';
  return [`**The page /o/${page.slug}, variant ${page.variant}, as visitors will read it:**`, ...parts, ...buy, foot].join('\n\n');
}

const headed = (heading: string | null | undefined, body: string): string => (heading == null ? body : `**${show(heading)}**\n\n${body}`);

function blockWords(block: PageBlock, price: string): string {
  switch (block.kind) {
    case 'hero':
      return headed(block.title, block.subtitle == null ? '' : show(block.subtitle)).trim();
    case 'text':
      return headed(block.heading, show(block.text));
    case 'list':
      return headed(block.heading, block.items.map((item) => `- ${show(item)}`).join('\n'));
    case 'price':
      return `**${price}** (button: Buy for ${price})${block.note == null ? '' : `\n\n${show(block.note)}`}`;
    case 'faq':
      return headed(block.heading, block.items.map(({ question, answer }) => `- ${show(question)}\n  ${show(answer)}`).join('\n'));
    case 'link':
      return `Link: ${show(block.label)} (${show(block.to)})`;
  }
}
