// idea: hand in an opportunity in your own words, or a table of them.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { amountField, wordsField } from '../src/chat/fields.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { NOTHING_TOLD, type Told } from '../src/domain/opportunities/told.ts';
import { handInIdea, handInTable } from '../src/flows/opportunities/hand-in.ts';

const LONGEST_TABLE = 100_000;
const LONGEST_NAME = 80;
const word = (what: string) => z.string().trim().min(1).max(80).describe(what).optional();
const number = (what: string) => z.coerce.number().min(0).max(100_000).describe(what).optional();
const share = (what: string) => z.coerce.number().min(0).max(100).describe(what).optional();

const input = z.object({
  text: wordsField('what is sold, to whom', 1_000).optional(),
  name: wordsField('a short name', 200).optional(),
  buyer: wordsField('to whom', 300).optional(),
  category: word('what kind of thing, like craft'),
  channel: wordsField('how buyers are reached', 80).optional(),
  price: amountField('price in dollars').optional(),
  cost: amountField('cost of one piece').optional(),
  visitor: amountField('cost of one visitor').optional(),
  capital: amountField('needed before the first sale').optional(),
  days: number('days to the first dollar'),
  hours: number('hours of work'),
  automation: share('percent that runs by itself'),
  risk: share('percent chance that what is put in is lost, apart from demand'),
  scale: z.enum(['once', 'repeatable', 'scalable']).describe('how far it goes').optional(),
  needs: wordsField('what it takes, with commas', 400).optional(),
  csv: z
    .string()
    .min(1)
    .max(LONGEST_TABLE)
    .describe('a table instead: CSV, its first line names the columns')
    .meta({ words: true })
    .optional(),
});
type Input = z.output<typeof input>;

export const idea = defineCommand({
  name: 'idea',
  summary: 'hand in an opportunity, or a table of them',
  role: 'operator',
  input,
  positional: 'text',
  examples: [
    'idea A PDF with 50 knitting patterns for beginners price:9 channel:newsletter days:3 hours:6',
    'idea Cold brew recipe cards for cafés price:12 cost:3',
  ],
  run: ({ input: given, caller, deps }) => {
    if (given.csv !== undefined && given.text !== undefined)
      throw new InvalidInput('Either words or a table, not both.', { csv: 'contradicts text' });
    if (given.csv !== undefined) return handInTable(deps, given.csv, caller);
    if (given.text === undefined) throw new InvalidInput('An idea needs words: what is sold, to whom.', { text: 'is missing' });
    return handInIdea(deps, toTold(given, given.text), caller);
  },
});

const dollars = (micros: bigint | undefined): number | null => (micros === undefined ? null : Number(micros) / 1e6);
const part = (percent: number | undefined): number | null => (percent === undefined ? null : percent / 100);

const toTold = (given: Input, text: string): Told => ({
  ...NOTHING_TOLD,
  name: given.name ?? nameOf(text),
  sells: text,
  buyer: given.buyer ?? '',
  category: given.category ?? '',
  channel: given.channel ?? '',
  priceUsd: dollars(given.price),
  unitCostUsd: dollars(given.cost),
  visitorCostUsd: dollars(given.visitor),
  capitalUsd: dollars(given.capital),
  daysToFirstDollar: given.days ?? null,
  effortHours: given.hours ?? null,
  automation: part(given.automation),
  scalability: given.scale ?? null,
  risk: part(given.risk),
  capabilities: (given.needs ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .slice(0, 12),
});

/** The first sentence, cut at a word. */
function nameOf(text: string): string {
  const first = text.split(/[.!?\n]/)[0]?.trim() || text.trim();
  return first.length <= LONGEST_NAME ? first : first.slice(0, LONGEST_NAME).replace(/\s+\S*$/, '');
}
