// What a result says word for word, sentence by sentence: repeating a whole sentence of it claims nothing more than it does.
import type { Json } from '../../core/canonical-json.ts';
import type { ToolRecord } from './evidence-records.ts';
import { toSentences } from './sentences.ts';
import { hasFailed, supersededOf } from './tool-calls.ts';

const MOST_QUOTES = 5_000;
const SHORTEST = 4;

/** A sentence without markup, case and white space; signs and figures stay as they are. */
export const plainSentence = (text: string): string =>
  text
    .replace(/\\([\\`*_{}[\]()#+\-.!|~<>@&:])/g, '$1')
    .replace(/^\s*(?:[-*•>#]+|\d+[.)])\s+/, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/[.!?:;, ]+$/, '')
    .trim()
    .toLowerCase();

/** The sentences of every text in results that count: of calls that did not fail, and of a call made twice the last. */
export function quotesOf(calls: readonly ToolRecord[]): Set<string> {
  const old = supersededOf(calls);
  return collect(calls.filter((call) => !hasFailed(call) && !old.has(call)));
}

/** What failures said of themselves. */
export const failureQuotesOf = (calls: readonly ToolRecord[]): Set<string> => collect(calls.filter(hasFailed));

/** What a claim says beside the failure that it quotes behind a colon: `I could not read that: there is no goal 99`. */
export function withoutFailure(claim: string, failures: ReadonlySet<string>): string {
  const colon = claim.indexOf(': ');
  return colon > 0 && failures.has(plainSentence(claim.slice(colon + 2))) ? claim.slice(0, colon) : claim;
}

function collect(calls: readonly ToolRecord[]): Set<string> {
  const quotes = new Set<string>();
  const add = (text: string): void => {
    for (const sentence of toSentences(text)) {
      const plain = plainSentence(sentence);
      if (plain.length >= SHORTEST && quotes.size < MOST_QUOTES) quotes.add(plain);
    }
  };
  const walk = (value: Json): void => {
    if (typeof value === 'string') add(value);
    else if (Array.isArray(value)) for (const item of value) walk(item);
    else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) walk(item);
  };
  for (const { output } of calls) walk(output);
  return quotes;
}
