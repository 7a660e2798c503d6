// What tools returned, taken apart into records: a record is what belongs to one thing, so that no number is lent to another.
import type { Json } from '../../core/canonical-json.ts';
import type { DayPattern } from './dates.ts';
import type { Unit } from './units.ts';

export interface ToolRecord {
  tool: string;
  input: Json;
  output: Json;
  /** The call failed: what it returned proves nothing. */
  failed?: boolean;
}

export interface Figure {
  /** What the number is of: the words of its key, or of the text it stands in. */
  about: readonly string[];
  value: number;
  unit: Unit | null;
  /** For each of what: `a pound`. */
  per?: string;
  /** It tells one thing from another, and counts nothing: a day of a run, an id. */
  isNaming?: boolean;
  /** It stands in a sentence. */
  isProse?: boolean;
  /** What prose says of its sign. */
  trend?: 'falls' | 'rises';
}

export interface Label {
  about: readonly string[];
  /** ` a b c `, with its words in the form names are compared in. */
  value: string;
  words: readonly string[];
}

export interface RecordedDay extends DayPattern {
  about: readonly string[];
}

export interface EvidenceRecord {
  /** Records of one list share it: only within it are sums, means and counts taken. */
  list: string;
  /** What it lies in. */
  parent: EvidenceRecord | null;
  /** Of a call that was made again with the same input: what it said is no longer so. */
  isOld: boolean;
  isText: boolean;
  /** Everything it says in words, with the words of what it lies in: ` a b c `. */
  words: string;
  /** What names it: words of its labels, or the names in its sentence. */
  own: Set<string>;
  /** What names all that it lies in. */
  context: Set<string>;
  /** Of a sentence that speaks of another thing than its text: that thing. */
  owner: readonly string[];
  /** Addresses it names, as `plainAddress` has them. */
  addresses: string[];
  figures: Figure[];
  labels: Label[];
  days: RecordedDay[];
  /** What its text says came after what: from this to that. */
  changes: { from: { value: number }; to: { value: number } }[];
}

/** The list a record is of; lists of the same tool are one, however many calls brought it. */
export const listOf = ({ list }: Pick<EvidenceRecord, 'list'>): string => list.replace(/^\d+ /, '');

/** A record of nothing yet; what it lies in lends it its words and days. */
export const blankRecord = (list: string, words: string, own: readonly string[], within: EvidenceRecord | undefined): EvidenceRecord => ({
  list,
  parent: within ?? null,
  isOld: within?.isOld ?? false,
  isText: false,
  words: (within?.words ?? '') + words,
  own: new Set(own),
  context: new Set([...(within?.context ?? []), ...(within?.own ?? [])]),
  owner: [],
  addresses: [],
  figures: [],
  labels: [],
  days: [...(within?.days ?? [])],
  changes: [],
});
