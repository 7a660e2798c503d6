// The things a claim names, each with the records that are of it. A number counts only in a record of what it is said of.
import { type FoundDay, isSameDay } from './dates.ts';
import type { EvidenceRecord } from './evidence-records.ts';
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
}

/** Which records each name is in. */
export interface NameIndex {
  own: ReadonlyMap<string, ReadonlySet<EvidenceRecord>>;
  context: ReadonlyMap<string, ReadonlySet<EvidenceRecord>>;
  /** Words of records' keys: they name figures, not things. */
  keys: ReadonlySet<string>;
  /** Names that are numbers or ranges of them, as they may be written. */
  numeric: readonly { pattern: RegExp; records: Set<EvidenceRecord> }[];
}

const isNumeric = (word: string): boolean => /^(?:\d+|under|over|below|above|less|more|than|to|and|up|plus|usd|eur|gbp)$/.test(word);

/** `60-120`, `over 120`, `$120` as the names of rows. */
function numericNames(records: readonly EvidenceRecord[]): NameIndex['numeric'] {
  const found = new Map<string, Set<EvidenceRecord>>();
  for (const record of records) {
    const [label] = record.labels;
    const words = label?.value.trim().split(' ') ?? [];
    if (label === undefined || !words.every(isNumeric) || !words.some((word) => /\d/.test(word))) continue;
    if (words.length > 1 || label.about[0] === 'name') found.set(label.value, (found.get(label.value) ?? new Set()).add(record));
  }
  return [...found].map(([value, held]) => ({
    pattern: new RegExp(`(?<![\\d.,])[$€£]?${value.trim().split(' ').join('(?: ?[-–] ?| to | and | )')}(?![\\d]|[.,]\\d)`, 'gi'),
    records: held,
  }));
}

export function indexNames(records: readonly EvidenceRecord[]): NameIndex {
  const [own, context] = [new Map<string, Set<EvidenceRecord>>(), new Map<string, Set<EvidenceRecord>>()];
  const add = (to: Map<string, Set<EvidenceRecord>>, name: string, record: EvidenceRecord): void => {
    const found = to.get(name);
    if (found === undefined) to.set(name, new Set([record]));
    else found.add(record);
  };
  const keys = new Set<string>();
  for (const record of records) {
    for (const name of record.own) add(own, name, record);
    for (const name of record.context) add(context, name, record);
    if (!record.isText) for (const { about } of record.figures) for (const word of about) keys.add(word);
  }
  return { own, context, keys, numeric: numericNames(records) };
}

const ADDRESS = /\b(?:https?:\/\/|www\.)[^\s<>"')\]]+|\b[\w.+-]+@[\w-]+\.[\w.]+/gi;
const NUMBERED =
  /(?:(?<![\w&])#|\b(?:goal|task|order|offer|approval|request|invoice|ticket|issue|experiment|customer|launch|payment|version|row|user|case|day|week|quarter|round|id|number|no\.|step|page|chapter|room|line|lot|route|pull request|pr|run|build|receipt) (?:#|no\. ?|number |id )?)(\d{1,12})\b(?![.,]?\d|%| ?(?:days|hours|minutes|seconds))/gi;

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
  const add = (part: Part, held: ReadonlySet<EvidenceRecord>, within = none, kind: { isWeak?: boolean; isDay?: boolean } = {}): void => {
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
      });
  };
  for (const match of claim.matchAll(ADDRESS)) {
    const shown = match[0].replace(/[.,;:!?]+$/, '');
    const phrase = phraseOf(shown.replace(/\/$/, ''));
    add({ at: match.index, end: match.index + shown.length }, new Set(records.filter(({ words }) => words.includes(phrase))));
  }
  for (const match of claim.matchAll(NUMBERED)) {
    const held = names.own.get(`#${match[1]}`);
    const part = { at: match.index, end: match.index + match[0].length };
    if (held !== undefined) add(part, held);
    else if (match[0].startsWith('#')) add(part, new Set(records.filter(({ words }) => words.includes(` ${match[1]} `))));
  }
  for (const { pattern, records: held } of names.numeric)
    for (const match of claim.matchAll(pattern)) add({ at: match.index, end: match.index + match[0].length }, held);
  for (const day of days) {
    if (overlaps(mentions, day)) continue;
    const held = new Set(records.filter((record) => record.days.some((recorded) => isSameDay(day, recorded))));
    if (held.size > 0) add(day, held, none, { isDay: true });
  }
  const free = nameTokens(claim).filter((token) => !overlaps([...mentions, ...strangers, ...days], token));
  for (const tokens of group(free, names, claim)) addName(tokens);
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
