// Which records a clause speaks of: those that hold all it names, or of one list each that it sets beside another.
import type { EvidenceRecord } from './evidence-records.ts';
import type { Mention } from './mentions.ts';
import { fold } from './words.ts';

/** Words that speak of what was so before. */
export const SPEAKS_OF_BEFORE =
  /\b(?:slipp\w+|moved|changed|from|earlier|previous\w*|was|were|had been|before|originally|initially|rose|fell|grew|dropped|increased|decreased|since|delayed by|pushed|used to|formerly)\b/i;

export interface Subject {
  records: EvidenceRecord[];
  /** All that was named holds of each of them. */
  isExact: boolean;
  /** Several things of one list were named. */
  isSeveral: boolean;
}

/** A sentence about another thing than its text holds for what the text is about only where it says so. */
function isOfAnother(record: EvidenceRecord, claim: string): boolean {
  if (!record.isText || record.owner.length === 0) return false;
  const said = fold(claim);
  return !record.owner.some((name) => said.includes(name));
}

export function recordsOf(mention: Mention, claim: string): Set<EvidenceRecord> {
  const held = new Set(mention.records);
  for (const record of mention.within) if (!isOfAnother(record, claim)) held.add(record);
  return held;
}

const listsOf = (records: Iterable<EvidenceRecord>): Set<string> => new Set([...records].map(({ list }) => list));

const REPORTED =
  /^ (?:says?|said|puts?|reports?|reported|claims?|estimates?|writes?|wrote|confirms?|states?|stated|notes?|lists?|shows?)\b/;

/** Who is cited for a claim is not what it is about. */
const isSource = ({ shown }: Mention, claim: string): boolean => {
  const at = claim.indexOf(shown);
  return /\b(?:according to|per|^as)(?: the)? $/i.test(claim.slice(0, at)) || REPORTED.test(claim.slice(at + shown.length));
};

export function subjectOf(mentions: readonly Mention[], all: readonly EvidenceRecord[], claim: string): Subject {
  const present = SPEAKS_OF_BEFORE.test(claim) ? all : all.filter(({ isOld }) => !isOld);
  const isPresent = new Set(present);
  let left = new Set(present);
  let [isExact, isSeveral, isNamed] = [true, false, false];
  const ordered = mentions
    .filter((mention) => !isSource(mention, claim))
    .toSorted((a, b) => Number(a.isDay) - Number(b.isDay) || Number(a.isWeak) - Number(b.isWeak));
  for (const mention of ordered) {
    const held = recordsOf(mention, claim).intersection(isPresent);
    const both = left.intersection(held);
    if (both.size > 0) left = both;
    else if (mention.isWeak && isNamed && (held.size > 1 || listsOf(held).isDisjointFrom(listsOf(left)))) continue;
    else if (!mention.isDay) {
      isSeveral ||= !listsOf(held).isDisjointFrom(listsOf(left));
      left = left.union(held);
    } else if (mentions.filter(({ isDay }) => isDay).length > 1) left = left.union(held);
    else isExact = false;
    isNamed = true;
  }
  if (left.size === 0) isExact = false;
  return { records: [...left], isExact, isSeveral };
}
