// Finds the time a goal's words give themselves: "in 10 days", "within two weeks", "deadline:30".
import { type Token, wordOf } from './words.ts';

const MOST_DAYS = 3_650;

/** Days in a period's word. */
export const PERIOD: ReadonlyMap<string, number> = new Map([
  ...['day', 'days', 'daily', 'd'].map((word): [string, number] => [word, 1]),
  ...['week', 'weeks', 'weekly', 'w'].map((word): [string, number] => [word, 7]),
  ...['month', 'months', 'monthly'].map((word): [string, number] => [word, 30]),
]);

/** Words before a number of days that make it a deadline. */
export const WITHIN = new Set('in within over next deadline under than for by inside during after of'.split(' '));

const ONE = ['a', 'one', 'the'];

/** "in a week", "next month": a period without a number. */
function isNamedAlone(before: string, beforeThat: string): boolean {
  if (before === 'next' || before === 'within') return true;
  return ONE.includes(before) && (beforeThat === 'in' || beforeThat === 'within');
}

const readCount = (digits: string): number => Number(digits.replaceAll(',', ''));

function readNumberOfDays(tokens: readonly Token[], index: number, number: { text: string; unit: string }): number | null {
  const before = [wordOf(tokens[index - 1]), wordOf(tokens[index - 2])];
  const skip = ['market', 'practice', 'business'].includes(wordOf(tokens[index + 1])) ? 1 : 0;
  const at = number.unit === '' ? index + 1 + skip : index;
  const period = PERIOD.get(number.unit === '' ? wordOf(tokens[at]) : number.unit);
  if (period === undefined) return number.unit === '' && before[0] === 'deadline' ? readCount(number.text) : null;
  // "the 30 days trial" is no deadline; "…, 30 days" at the end is one.
  const isDeadline = before.some((word) => WITHIN.has(word)) || at + 1 >= tokens.length || wordOf(tokens[at + 1]) === 'deadline';
  return isDeadline ? readCount(number.text) * period : null;
}

/** Whole days, rounded up; null for none, or more than ten years. `10 market days` are 10 days. */
export function findDeadline(tokens: readonly Token[]): number | null {
  for (const [index, token] of tokens.entries()) {
    const alone = PERIOD.get(wordOf(token));
    const named = alone !== undefined && isNamedAlone(wordOf(tokens[index - 1]), wordOf(tokens[index - 2])) ? alone : null;
    const days = token.kind === 'number' ? readNumberOfDays(tokens, index, token) : named;
    if (days !== null && days > 0 && days <= MOST_DAYS) return Math.ceil(days);
  }
  return null;
}
