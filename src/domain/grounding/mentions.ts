// The things a claim names, each with the records that are of it. A number counts only in a record of what it is said of.
import { addressesIn, isSameAddress, plainAddress } from './addresses.ts';
import { type FoundDay, isSameDay } from './dates.ts';
import type { EvidenceRecord } from './evidence-records.ts';
import type { NameIndex } from './name-index.ts';
import { nameTokens, type Token } from './name-tokens.ts';
import { isOrdinary } from './ordinary-words.ts';
import { phraseOf } from './words.ts';

export interface Mention {
  at: number;
  end: number;
  shown: string;
  /** Records that it names; and those that lie in what it names. */
  records: ReadonlySet<EvidenceRecord>;
  within: ReadonlySet<EvidenceRecord>;
  /** A lower-case word that may be a name or none. */
  isWeak: boolean;
  isDay: boolean;
  isAddress: boolean;
}

const NUMBERED =
  /(?:(?<![\w&])#|\b(?:goal|task|order|offer|approval|request|invoice|ticket|issue|experiment|customer|launch|payment|version|row|user|case|day|week|quarter|round|id|number|no\.|step|page|chapter|room|line|lot|route|pull request|pr|run|build|receipt) (?:#|no\. ?|number |id )?)(\d{1,12})\b(?![.,]?\d|%| ?(?:days|hours|minutes|seconds))/gi;

/** Digits in groups: a telephone number, an account. */
const GROUPED = /(?<![\w.,/:-])(?:[A-Z]{2})?\+?\(?\d{2,5}\)?(?:[ -]\d{2,6}){1,6}(?![\w/:-]|[.,]\d)/g;
const SHORTEST_GROUPED = 9;

const none: ReadonlySet<EvidenceRecord> = new Set();

interface Part {
  at: number;
  end: number;
}
export const overlaps = (parts: readonly Part[], { at, end }: Part): boolean => parts.some((part) => at < part.end && part.at < end);

/** Tokens beside each other that some record has together are one name. */
function group(found: readonly Token[], { own, context }: NameIndex, claim: string): Token[][] {
  const groups: Token[][] = [];
  for (const token of found) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    const gap = before === undefined ? '' : claim.slice(before.end, token.at);
    const shared = last === undefined ? none : holders([...last, token], own);
    if (
      before !== undefined &&
      last !== undefined &&
      /^(?:['’]s)?[ -]?(?:of |the |and |& |de |- )?$|^$/.test(gap) &&
      shared.size > 0 &&
      !(gap.includes('and') && !token.isCapital)
    )
      last.push(token);
    else if (own.has(token.text) || context.has(token.text)) groups.push([token]);
  }
  return groups;
}

/** Names in prose are written with a capital letter. */
const named = ({ text, isCapital }: Token, index: NameIndex['own']): ReadonlySet<EvidenceRecord> => {
  const found = index.get(text) ?? none;
  return isCapital || /\d/.test(text) || text.length > 12 ? found : new Set([...found].filter(({ isText }) => !isText));
};

const holders = (names: readonly Token[], index: NameIndex['own']): Set<EvidenceRecord> =>
  names
    .map((name) => named(name, index))
    .reduce<Set<EvidenceRecord>>((held, each, at) => (at === 0 ? new Set(each) : held.intersection(each)), new Set());

interface Numbered {
  part: Part;
  held: ReadonlySet<EvidenceRecord>;
  isAddress: boolean;
}

/** Addresses, telephone numbers and accounts, numbered things (`issue 412`), rows that are named by a number. */
function* numberedIn(claim: string, records: readonly EvidenceRecord[], names: NameIndex, days: readonly FoundDay[]): Iterable<Numbered> {
  const partOf = (match: RegExpMatchArray): Part => ({ at: match.index ?? 0, end: (match.index ?? 0) + match[0].length });
  const withWords = (phrase: string): Set<EvidenceRecord> => new Set(records.filter(({ words }) => words.includes(phrase)));
  for (const { at, shown } of addressesIn(claim)) {
    const said = plainAddress(shown);
    const held = new Set(records.filter(({ addresses }) => addresses.some((recorded) => isSameAddress(said, recorded))));
    yield { part: { at, end: at + shown.length }, held, isAddress: true };
  }
  for (const match of claim.matchAll(GROUPED)) {
    const phrase = phraseOf(match[0]);
    if (phrase.replace(/\D/g, '').length >= SHORTEST_GROUPED && !overlaps(days, partOf(match)))
      yield { part: partOf(match), held: withWords(phrase), isAddress: false };
  }
  for (const match of claim.matchAll(NUMBERED)) {
    const held = names.own.get(`#${match[1]}`) ?? (match[0].startsWith('#') ? withWords(` ${match[1]} `) : undefined);
    if (held !== undefined) yield { part: partOf(match), held, isAddress: false };
  }
  for (const { pattern, records: held } of names.numeric)
    for (const match of claim.matchAll(pattern)) yield { part: partOf(match), held, isAddress: false };
}

/** Two words of a name that no record has together are a name that nobody knows: one half of each of two. */
function mixedName(tokens: readonly Token[], next: readonly Token[], claim: string, own: NameIndex['own']): Part | null {
  const [last, first] = [tokens.at(-1), next[0]];
  if (
    last === undefined ||
    first === undefined ||
    claim.slice(last.end, first.at) !== ' ' ||
    /['’]s?$/.test(claim.slice(last.at, last.end))
  )
    return null;
  const isWritten = [...tokens, ...next].every(
    ({ isCapital, text }) => isCapital && text.length > 2 && !/\d/.test(text) && !isOrdinary(text),
  );
  const [a, b] = [holders(tokens, own), holders(next, own)];
  if (!isWritten || a.size === 0 || b.size === 0 || !a.isDisjointFrom(b)) return null;
  return { at: tokens[0]?.at ?? last.at, end: next.at(-1)?.end ?? first.end };
}

/** Addresses, numbered things (`issue 412`), and names however much of them is said. */
export function findMentions(
  claim: string,
  { records, names }: { records: readonly EvidenceRecord[]; names: NameIndex },
  days: readonly FoundDay[],
): {
  mentions: Mention[];
  strangers: Part[];
} {
  const mentions: Mention[] = [];
  const strangers: Part[] = [];
  const add = (
    part: Part,
    held: ReadonlySet<EvidenceRecord>,
    within = none,
    kind: { isWeak?: boolean; isDay?: boolean; isAddress?: boolean } = {},
  ): void => {
    const { at, end } = part;
    if (overlaps([...mentions, ...strangers], part)) return;
    if (held.size + within.size === 0) strangers.push({ at, end });
    else
      mentions.push({
        at,
        end,
        shown: claim.slice(at, end),
        records: held,
        within,
        isWeak: kind.isWeak ?? false,
        isDay: kind.isDay ?? false,
        isAddress: kind.isAddress ?? false,
      });
  };
  for (const { part, held, isAddress } of numberedIn(claim, records, names, days)) add(part, held, none, { isAddress });
  for (const day of days) {
    if (overlaps(mentions, day)) continue;
    const held = new Set(records.filter((record) => record.days.some((recorded) => isSameDay(day, recorded))));
    if (held.size > 0) add(day, held, none, { isDay: true });
  }
  const free = nameTokens(claim).filter((token) => !overlaps([...mentions, ...strangers, ...days], token));
  const groups = group(free, names, claim);
  for (const [at, tokens] of groups.entries()) {
    const mixed = mixedName(tokens, groups[at + 1] ?? [], claim, names.own);
    if (mixed === null) addName(tokens);
    else strangers.push(mixed);
  }
  return { mentions: mentions.toSorted((a, b) => a.at - b.at), strangers };

  function addName(tokens: readonly Token[]): void {
    const [first, last] = [tokens[0], tokens.at(-1)];
    if (first === undefined || last === undefined) return;
    const held = holders(tokens, names.own);
    const within = held.size > 0 && tokens.length > 1 ? none : holders(tokens, names.context);
    const isName = tokens.some(({ isCapital, at, text }) => (isCapital && at > 0) || /\d/.test(text));
    const isOpening = first.at === 0 && first.isCapital && !names.keys.has(first.text) && (tokens.length > 1 || !isOrdinary(first.text));
    // A word for a figure is no name unless it is written like one.
    const isFigure = held.size === 0 || tokens.every(({ text }) => names.keys.has(text));
    if (isFigure && !isName && !isOpening) return;
    add({ at: first.at, end: last.end }, held, within, { isWeak: !isName && !isOpening });
  }
}
