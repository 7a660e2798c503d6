// Counting records: how many a list has, and how many of it say one of the claim's words.
import { type EvidenceRecord, listOf } from './evidence-records.ts';
import { isSaidOf } from './match-number.ts';
import type { SaidNumber } from './said-numbers.ts';
import { subsetsOf } from './subsets.ts';
import { meanings, sameness } from './words.ts';

const OF_THEM = /\b(?:results?|rows?|items?|entries|records|lines|of (?:them|the|these|those)|options|things|people|ones|all)\b/i;
/** Before the size of a list that is spoken of: the four, all five, the last four. */
const ALL_OF =
  /\b(?:the|all|these|those|both|our|your|of|across|over|last|out of|in|first|latest|top|its|their|other)(?: the| these| our| your| last)? $/i;
const NOT = /\b(?:not|no|never|non|without|isn['’]t|aren['’]t|un\w+)\b/i;

const says = (words: readonly string[], said: readonly string[]): boolean =>
  words.length > 0 && words.every((word) => said.some((other) => sameness(word, other) >= 0.9));

type Test = (about: readonly string[]) => boolean;

/** What a record says of what was asked: of a state, a yes or no, nought or more. */
function answersOf({ labels, figures }: EvidenceRecord, said: readonly string[], isAsked: Test): string[] {
  return [
    ...labels
      .filter(({ words, about }) => (words.length > 0 ? says(words, said) : isAsked(about)))
      .map(({ about, value }) => `${about.join(' ')}=${value}`),
    ...figures.filter(({ about }) => isAsked(about)).map(({ about, value }) => `${about.join(' ')} ${value === 0 ? 'none' : 'some'}`),
  ];
}

/** How many records of a list give each answer. */
function groupsOf(members: readonly EvidenceRecord[], said: readonly string[], isDenied: boolean): number[] {
  const isAsked: Test = (about) => about.some((word) => said.some((other) => sameness(word, other) >= 0.8));
  const answers = Map.groupBy(
    members.flatMap((member) => answersOf(member, said, isAsked)),
    (answer) => answer,
  );
  return [...answers].filter(([answer]) => isDenied || !answer.endsWith('=false')).map(([, found]) => found.length);
}

/** @param subject the records the clause names; @param all every record, for the sizes of their lists */
export function isCount(said: SaidNumber, claim: string, subject: readonly EvidenceRecord[], all: readonly EvidenceRecord[]): boolean {
  const isPeriods = said.unit?.dimension === 'time' || said.unit?.dimension === 'months';
  if ((said.unit !== null && !isPeriods) || !Number.isInteger(said.value)) return false;
  const isWhole = ALL_OF.test(claim.slice(0, said.at)) || OF_THEM.test(claim.slice(said.end, said.end + 24));
  const lists = new Set(subject.map(listOf));
  return [...lists].some((name) => {
    const members = all.filter((record) => !record.isOld && listOf(record) === name);
    const own = subject.filter((record) => listOf(record) === name);
    return members.length > 1 && sizesOf(members, own, { claim, name, isWhole }).some((size) => isSaidOf(said, size));
  });
}

/** The sizes that may be meant: of the list, of what is named of it, of what gives one answer. */
function sizesOf(
  members: readonly EvidenceRecord[],
  own: readonly EvidenceRecord[],
  said: { claim: string; name: string; isWhole: boolean },
): number[] {
  const words = meanings(said.claim);
  const isPart = own.length < members.length;
  const isNamed = !isPart && meanings(said.name).some((word) => words.some((other) => sameness(word, other) >= 0.8));
  return [
    ...(said.isWhole || isNamed ? [members.length] : []),
    ...(isPart && own.length > 1 ? [own.length] : []),
    ...subsetsOf(isPart && own.length > 1 ? own : members, said.claim)
      .filter(({ isSaid }) => isSaid)
      .map(({ records }) => records.length),
    ...groupsOf(own.length > 1 ? own : members, words, NOT.test(said.claim)),
    ...(/\bother\b/i.test(said.claim) ? groupsOf(members, words, true) : []),
  ];
}
