// Reads what a goal measures from its words: metric, target, budget, deadline and means. Deterministic, no model involved,
// and shy: what it can't read stays null, and the person is asked.
import type { Micros } from '../../core/money.ts';
import { readAmount } from './amount.ts';
import { findDeadline, PERIOD, WITHIN } from './deadline.ts';
import { cutWords, type Token, wordOf } from './words.ts';

export interface GoalReading {
  /** One line, at most 80 characters. */
  title: string;
  metric: 'revenue' | 'profit' | 'document' | null;
  /** Only with revenue and profit, and then always. */
  targetMicros: Micros | null;
  budgetMicros: Micros | null;
  /** `market`: the practice market, or nothing else, is named as the way. */
  means: 'market' | 'other';
  deadlineDays: number | null;
}

const TITLE_LENGTH = 80;
const MOST_TEXT = 10_000;

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const EARN = words(
  'earn earning earns make making makes gain generate generating get reach win bring bringing collect take net gross target into revenue sales income turnover profit profits sell selling',
);
const PROFIT = words('profit profits profitable net margin surplus');
const BUDGET = words('budget spend spending invest investing cap capital cost costs costing limit allowance turn');
/** Names a budget only beside a target: "with $60, earn $5". */
const WEAK_BUDGET = words('with using from');
const RATE = words('per each every daily weekly monthly a an');
const WRITE = words('write writing draft drafting compose summarise summarize document describe');
const PRODUCE = words('prepare produce create make deliver give compile build do send need want');
const PAPER = words(
  'report document article memo summary brief briefing analysis guide essay overview comparison paper whitepaper page post review plan note notes',
);
/** Words that name no means: grammar, manners, haste, and the vocabulary of the parts read above and of the market itself. */
const FILLER = new Set([
  ...EARN,
  ...PROFIT,
  ...BUDGET,
  ...RATE,
  ...WITHIN,
  ...PERIOD.keys(),
  ...words('the this that these some any my our your their its it is be are as at on to of and or then but so i we you me us one first'),
  ...words(
    'please can could would should will help need want like let try goal aim mission find way ways how possible much many quickly fast soon now today only just about around least most up more less no not',
  ),
  ...words(
    'practice market markets offer offers order orders launch launching money dollar dollars usd bucks total real extra new more in by with from out back max maximum minimum up down per deadline within amount first time',
  ),
]);
const BINDING = words('the a an of to at on and or in by for about from with');

interface Mention {
  index: number;
  micros: Micros;
  role: 'target' | 'budget' | 'rate' | 'other';
  metric: 'revenue' | 'profit';
}

/** The nearest word before an amount that says what it is for, not looking across another amount. */
function findCue(tokens: readonly Token[], index: number): { role: 'target' | 'budget' | 'weak' | 'other'; at: number } {
  for (let at = index - 1; at >= 0 && tokens[at]?.kind !== 'money'; at -= 1) {
    const word = wordOf(tokens[at]);
    if (BUDGET.has(word)) return { role: 'budget', at };
    if (WEAK_BUDGET.has(word)) return { role: 'weak', at };
    if (EARN.has(word)) return { role: 'target', at };
  }
  return { role: 'other', at: index };
}

function isRate(tokens: readonly Token[], index: number): boolean {
  const [first, second] = [wordOf(tokens[index + 1]), wordOf(tokens[index + 2])];
  return ['daily', 'weekly', 'monthly'].includes(first) || (RATE.has(first) && PERIOD.has(second));
}

/** Profit when the words from the amount before to the amount after say so. */
function metricAround(tokens: readonly Token[], index: number): 'revenue' | 'profit' {
  const says = (step: -1 | 1): boolean => {
    for (let at = index + step; at >= 0 && at < tokens.length && tokens[at]?.kind !== 'money'; at += step) {
      if (PROFIT.has(wordOf(tokens[at]))) return true;
    }
    return false;
  };
  return says(-1) || says(1) ? 'profit' : 'revenue';
}

/** "budget: $20", "budget of 20": the word is about what follows. */
function namesBudget(tokens: readonly Token[], index: number): boolean {
  const at = ['of', 'is', 'to'].includes(wordOf(tokens[index + 1])) ? index + 2 : index + 1;
  const next = tokens[at];
  return next?.kind === 'money' || (next?.kind === 'number' && !PERIOD.has(wordOf(tokens[at + 1])) && !PERIOD.has(next.unit));
}

function roleOf(tokens: readonly Token[], index: number): Mention['role'] {
  if (isRate(tokens, index)) return 'rate';
  const next = wordOf(tokens[index + 1]);
  if ((next === 'budget' && !namesBudget(tokens, index + 1)) || (next === 'to' && ['spend', 'invest'].includes(wordOf(tokens[index + 2]))))
    return 'budget';
  const cue = findCue(tokens, index);
  if (cue.role === 'weak') return 'budget';
  // "$20 of profit": the word may follow.
  const follows = next === 'of' || next === 'in' ? wordOf(tokens[index + 2]) : next;
  if (cue.role === 'other' && (PROFIT.has(follows) || EARN.has(follows))) return 'target';
  return cue.role;
}

function findMentions(tokens: readonly Token[]): Mention[] {
  const mentions: Mention[] = [];
  tokens.forEach((token, index) => {
    if (token.kind === 'money')
      mentions.push({ index, micros: token.micros, role: roleOf(tokens, index), metric: metricAround(tokens, index) });
  });
  return mentions;
}

/** `budget:20`, `budget of 1.5k`: a plain number right behind the word is dollars. */
function findPlainBudget(tokens: readonly Token[]): Micros | null {
  for (const [index, token] of tokens.entries()) {
    if (wordOf(token) !== 'budget' || !namesBudget(tokens, index)) continue;
    const number = tokens.slice(index + 1, index + 3).find((next) => next.kind === 'number');
    if (number !== undefined) return readAmount(number.text, number.unit);
  }
  return null;
}

/** Where the text asks for a document, or -1. */
function findDocument(tokens: readonly Token[]): number {
  const firstWord = wordOf(tokens.find((token) => !BINDING.has(wordOf(token)) && wordOf(token) !== 'please'));
  if (firstWord === 'report') return 0;
  const write = tokens.findIndex((token) => WRITE.has(wordOf(token)));
  const produce = tokens.findIndex(
    (token, index) => PRODUCE.has(wordOf(token)) && tokens.slice(index + 1, index + 5).some((next) => PAPER.has(wordOf(next))),
  );
  return write < 0 ? produce : produce < 0 ? write : Math.min(write, produce);
}

/** "Write a report on how to earn $50" asks for a document, "write an ebook and sell it for $100" for money. */
function asksForDocument(tokens: readonly Token[], target: Mention | undefined): boolean {
  const start = findDocument(tokens);
  if (start < 0 || target === undefined) return start >= 0;
  const cue = findCue(tokens, target.index).at;
  return tokens.slice(start, Math.max(start, cue)).some((token) => ['on', 'about', 'how', 'whether', 'why'].includes(wordOf(token)));
}

function findMeans(tokens: readonly Token[], isDocument: boolean): 'market' | 'other' {
  const named = tokens.some((token, index) => wordOf(token) === 'practice' && wordOf(tokens[index + 1]) === 'market');
  if (named) return 'market';
  const isKnown = (word: string) => FILLER.has(word) || (isDocument && (WRITE.has(word) || PRODUCE.has(word) || PAPER.has(word)));
  const rest = tokens.filter((token) => token.kind === 'word' && !isKnown(token.text));
  return rest.length === 0 && tokens.length > 0 ? 'market' : 'other';
}

/** Control, invisible and direction-changing characters become gaps; no half of a surrogate pair remains. */
function titleOf(text: string): string {
  const clean = text
    .toWellFormed()
    .replace(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim();
  return [...clean.slice(0, 2 * TITLE_LENGTH)].slice(0, TITLE_LENGTH).join('').toWellFormed().trim();
}

/** Reads a goal's words. Never throws; looks at the first 10,000 characters, in time linear in their number. */
export function readGoal(raw: string): GoalReading {
  const text = raw.slice(0, MOST_TEXT);
  const tokens = cutWords(text);
  const mentions = findMentions(tokens);
  const target = mentions.find((mention) => mention.role === 'target' && mention.micros > 0n);
  const isDocument = asksForDocument(tokens, target);
  const earns = isDocument ? undefined : target;
  return {
    title: titleOf(text),
    metric: isDocument ? 'document' : (earns?.metric ?? null),
    targetMicros: earns?.micros ?? null,
    budgetMicros: mentions.find((mention) => mention.role === 'budget')?.micros ?? findPlainBudget(tokens),
    means: findMeans(tokens, isDocument),
    deadlineDays: findDeadline(tokens),
  };
}
