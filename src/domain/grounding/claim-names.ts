// The things a claim speaks of: names, ids, addresses and days. A number counts only in a record that holds them.
import { type FoundDay, findDays, isSameDay } from './dates.ts';
import type { EvidenceRecord } from './evidence-records.ts';
import { phraseOf, tokens } from './words.ts';

export interface Thing {
  at: number;
  end: number;
  shown: string;
  /** A category like `running` or `search` narrows only where the records allow it. */
  isWeak: boolean;
  isDay: boolean;
  holds: (record: EvidenceRecord) => boolean;
}

/** Short texts of the records that a claim may name, by phrase; true where the phrase is one common word. */
export type Phrases = ReadonlyMap<string, boolean>;

const MOST_WORDS = 8;
const ADDRESS = /\b(?:https?:\/\/|www\.)[^\s<>"')\]]+|\b[\w.+-]+@[\w-]+\.[\w.]+/gi;
const CODE = /\b[A-Za-z]{1,12}[_-]\d[\w-]*|\b(?=[A-Fa-f]*\d)(?=\d*[A-Fa-f])[0-9a-fA-F]{8,}\b|\b[A-Z]{1,5}\d{2,}\w*/g;
const KIND =
  '(?:goal|task|order|offer|approval|request|invoice|ticket|issue|experiment|call|customer|launch|payment|version|row|user|case|day|week|quarter|round|id|number|no\\.|step|page|chapter|room|flight|line|lot|route)';
const NUMBERED = new RegExp(
  `\\b(${KIND}) (?:#|no\\. ?|number )?(\\d{1,9})\\b(?![.,]?\\d|%| ?(?:days|hours|minutes))|(?<![\\w&])#(\\d{1,9})\\b`,
  'gi',
);
const NAME = /\p{Lu}[\p{L}\p{N}'’.&-]*(?:(?: (?:of|the|and|de|van|von|del|la|&|for) | )(?=\p{Lu})\p{Lu}[\p{L}\p{N}'’.&-]*)*/gu;
const NO_NAMES = new Set(
  `i a an the it its this that these those there they he she we you in on at for from by with of to and or but no not as if when while after before during
   since both each every all most more less about over under only overall total average according monday tuesday wednesday thursday friday saturday sunday
   january february march april may june july august september october november december usd eur gbp roi csv pdf api id url http https html json ok yes our your
   his her their profit revenue orders sales visitors customers q1 q2 q3 q4 am pm utc today yesterday none nothing nobody neither either however also then compared
   between across out half twice three two one four five six seven eight nine ten`.split(/\s+/),
);

const trimEnd = (text: string): string => text.replace(/(?:['’]s)?[.,;:!?'’]*$/u, '');

export const phrasesOf = (records: readonly EvidenceRecord[]): Phrases => {
  const phrases = new Map<string, boolean>();
  for (const { labels } of records)
    for (const { value } of labels) {
      const words = value.trim().split(' ');
      if (words.length <= MOST_WORDS && /\p{L}/u.test(value) && value.length > 4)
        phrases.set(value, words.length === 1 && !/\d/.test(value));
    }
  return phrases;
};

class Names {
  readonly things: Thing[] = [];
  readonly strangers: Thing[] = [];
  private readonly claim: string;
  private readonly records: readonly EvidenceRecord[];
  private readonly asked: string;

  constructor(claim: string, records: readonly EvidenceRecord[], asked: string) {
    this.claim = claim;
    this.records = records;
    this.asked = asked;
  }

  private isTaken(at: number, end: number): boolean {
    return [...this.things, ...this.strangers].some((thing) => at < thing.end && thing.at < end);
  }

  /** Adds what some record holds; what none does is a stranger unless the user named it. */
  add(at: number, shown: string, holds: Thing['holds'], kind: { isWeak?: boolean; isDay?: boolean } = {}): void {
    const end = at + shown.length;
    if (this.isTaken(at, end)) return;
    const thing = { at, end, shown, holds, isWeak: kind.isWeak ?? false, isDay: kind.isDay ?? false };
    if (this.records.some(holds)) this.things.push(thing);
    else if (!this.asked.includes(phraseOf(shown))) this.strangers.push(thing);
    else this.things.push({ ...thing, holds: () => true });
  }

  addAddresses(): void {
    for (const match of this.claim.matchAll(ADDRESS)) {
      const shown = match[0].replace(/[.,;:!?]+$/, '');
      const phrase = phraseOf(shown.replace(/\/$/, ''));
      this.add(match.index, shown, (record) => record.words.includes(phrase));
    }
    for (const match of this.claim.matchAll(CODE)) {
      const phrase = phraseOf(match[0]);
      this.add(match.index, match[0], (record) => record.words.includes(phrase));
    }
  }

  addDays(days: readonly FoundDay[], askedDays: readonly FoundDay[]): void {
    for (const day of days) {
      const holds =
        askedDays.some((other) => isSameDay(day, other)) && !this.records.some((record) => record.days.some((at) => isSameDay(day, at)));
      this.add(day.at, this.claim.slice(day.at, day.end), holds ? () => true : (record) => record.days.some((at) => isSameDay(day, at)), {
        isDay: true,
      });
    }
  }

  addNumbered(): void {
    for (const match of this.claim.matchAll(NUMBERED)) {
      const number = match[2] ?? match[3] ?? '';
      const kind = tokens(match[1] ?? 'id')[0] ?? 'id';
      const known = [` ${kind} ${number} `, ` ${kind} id ${number} `, ` id ${number} `, ` number ${number} `];
      this.add(match.index, match[0], (record) => known.some((phrase) => record.words.includes(phrase)));
    }
  }

  /** Phrases of the records, the longest first, however they are written in the claim. */
  addPhrases(phrases: Phrases): void {
    const words = [...this.claim.matchAll(/\p{L}+|\p{N}+/gu)];
    for (let length = Math.min(MOST_WORDS, words.length); length > 0; length -= 1) {
      for (let from = 0; from + length <= words.length; from += 1) {
        const first = words[from];
        const last = words[from + length - 1];
        if (first === undefined || last === undefined) continue;
        const shown = this.claim.slice(first.index, last.index + last[0].length);
        const phrase = phraseOf(shown);
        const isCommon = phrases.get(phrase);
        if (isCommon === undefined) continue;
        const isWeak = isCommon && (!/^\p{Lu}/u.test(shown) || first.index === 0);
        this.add(first.index, shown, (record) => record.words.includes(phrase), { isWeak });
      }
    }
  }

  /** What is written like a name. A first word alone is a name only where a record knows it. */
  addNames(): void {
    for (const match of this.claim.matchAll(NAME)) {
      let at = match.index;
      let shown = trimEnd(match[0]);
      const leading = /^(\S+) /.exec(shown)?.[1] ?? '';
      if (NO_NAMES.has(leading.toLowerCase())) {
        at += leading.length + 1;
        shown = shown.slice(leading.length + 1);
      }
      const phrase = phraseOf(shown);
      const isAlone = !shown.includes(' ');
      if (shown.length < 2 || NO_NAMES.has(shown.toLowerCase())) continue;
      const words = phrase
        .trim()
        .split(' ')
        .map((word) => ` ${word} `);
      const holds: Thing['holds'] = (record) => record.words.includes(phrase) || words.every((word) => record.words.includes(word));
      const startsSentence = at === 0 || /[.!?:]\s*["“]?$/.test(this.claim.slice(0, at));
      if (isAlone && startsSentence && !this.records.some(holds)) continue;
      this.add(at, shown, holds);
    }
  }
}

/** @returns the things a claim names that the records (or the user) know, and the strangers among them that nobody does. */
export function findThings(
  claim: string,
  context: { records: readonly EvidenceRecord[]; phrases: Phrases; question: string },
): { things: Thing[]; strangers: Thing[] } {
  const names = new Names(claim, context.records, phraseOf(context.question));
  names.addAddresses();
  names.addDays(findDays(claim), findDays(context.question));
  names.addPhrases(context.phrases);
  names.addNumbered();
  names.addNames();
  return { things: names.things.toSorted((a, b) => a.at - b.at), strangers: names.strangers };
}
