// What is said of all, of none or of each: one record that differs is enough against it.
import { figuresMeant, wordsOf } from './attributes.ts';
import type { Finding } from './check-claim.ts';
import { type EvidenceRecord, type Figure, listOf } from './evidence-records.ts';
import { isFigure } from './match-number.ts';
import type { SaidNumber } from './said-numbers.ts';
import { statesIn } from './states.ts';
import { meanings, sameness } from './words.ts';

const ALL = /^[^\p{L}]*(?:all|each|every|both)\b(?! in all|most)|, (?:all of them|each of them|both of them)\b/iu;
const EVERY = /\b(?:every|each|all)\b/i;
const NONE = /^[^\p{L}]*(?:none|neither|not one|no one|nobody)\b/iu;
const NOTHING =
  /\b(?:nothing|nobody|no one|none|not one)(?: of [\w ]{1,30})? (?:has been|have been|had been|was|were|is|are|has|have|got|gave|did)(?: been)? (\p{L}+)/iu;
const STATUS =
  /^(?:status|state|stage|result|outcome|rating|csat|health|delivered|paid|passed|success|ok|active|signed|approved|conclusion)$/;
const EXACT = 0.9;
const CLEARLY = 0.5;
const IN_UNIT = 0.25;

const listsOf = (subject: readonly EvidenceRecord[], all: readonly EvidenceRecord[]): EvidenceRecord[][] =>
  [...new Set(subject.map(listOf))]
    .map((list) => {
      // Some that are named are all that is meant.
      const named = subject.filter((record) => listOf(record) === list && !record.isText && !record.isOld);
      return named.length > 1 ? named : all.filter((record) => !record.isOld && !record.isText && listOf(record) === list);
    })
    .filter(({ length }) => length > 1);

/** What each of a list says under one word. */
function answersOf(members: readonly EvidenceRecord[]): Map<string, (string | null)[]> {
  const keys = new Set(members.flatMap(({ labels }) => labels.map(({ about }) => about.join(' '))));
  return new Map(
    [...keys].map((key) => [key, members.map(({ labels }) => labels.find(({ about }) => about.join(' ') === key)?.value.trim() ?? null)]),
  );
}

const isAmong = (words: readonly string[], said: readonly string[]): boolean =>
  words.every((word) => said.some((other) => sameness(other, word) >= EXACT));

/** Whether the claim speaks of what the answers under this key are. */
function speaksOf(key: string, answers: readonly (string | null)[], claim: string, hasDetail: boolean): boolean {
  const said = meanings(claim);
  const words = key.split(' ');
  const isStatus = words.some((word) => STATUS.test(word));
  const isSaid = answers.some((answer) => answer !== null && /^\p{L}/u.test(answer) && isAmong(answer.split(' '), said));
  if (/^\W*each/i.test(claim) && !isStatus) return false;
  // Names are each another's.
  if (isSaid) return isStatus || new Set(answers).size < answers.length;
  return isStatus && (!hasDetail || words.some((word) => isAmong([word], said)) || statesIn(claim).length > 0);
}

/** All of them confirmed, where one is tentative; all of them landed, where one is in transit. */
export function checkAll(claim: string, subject: readonly EvidenceRecord[], all: readonly EvidenceRecord[], hasDetail: boolean): Finding[] {
  if (!ALL.test(claim) || subject.length === 1) return [];
  const differing = listsOf(subject, all).flatMap((members) =>
    [...answersOf(members)].filter(([key, answers]) => new Set(answers).size > 1 && speaksOf(key, answers, claim, hasDetail)),
  );
  const [first] = differing;
  if (first === undefined) return [];
  return [{ shown: /\p{L}+/u.exec(claim)?.[0] ?? '', verdict: 'contradicted', why: `the records differ in ${first[0]}` }];
}

/** Within the bound, however far. */
function isWithin(said: SaidNumber, figure: Figure): boolean {
  if (isFigure(said, figure, '')) return true;
  return said.bound === 'over' ? figure.value > said.value : said.bound === 'under' && figure.value < said.value;
}

/** Every one above a bound, none with so many. */
export function checkEachNumber(
  claim: string,
  said: SaidNumber,
  subject: readonly EvidenceRecord[],
  all: readonly EvidenceRecord[],
): Finding[] {
  const isNone = NONE.test(claim) && !/[,;]/.test(claim.slice(0, said.at));
  const isBound = said.bound !== 'exact' && said.bound !== 'about' && EVERY.test(claim.slice(0, said.at));
  if (subject.length < 2 || !(isNone || isBound)) return [];
  const near = wordsOf(`${said.shown} ${claim.slice(said.end)}`);
  const isWrong = listsOf(subject, isNone ? all : subject).some((members) => {
    const meant = figuresMeant(members, near, said).filter(({ score }) => score > (said.unit === null ? CLEARLY : IN_UNIT));
    if (meant.length < 2) return false;
    return isNone ? meant.some(({ figure }) => isFigure(said, figure, '')) : !meant.every(({ figure }) => isWithin(said, figure));
  });
  return isWrong ? [{ shown: said.shown, verdict: 'contradicted', why: isNone ? 'a record has it' : 'a record has another' }] : [];
}

/** Nothing refunded, where a record has refunds. */
export function checkNothing(claim: string, subject: readonly EvidenceRecord[]): Finding[] {
  const [word] = meanings(NOTHING.exec(claim)?.[1] ?? '');
  if (word === undefined) return [];
  const isOf = (about: readonly string[]): boolean => about.some((other) => sameness(word, other) >= EXACT);
  const has = subject.some(
    ({ figures, labels }) =>
      figures.some(({ about, value }) => isOf(about) && value !== 0) ||
      labels.some(
        ({ about, value, words }) => isOf(about) && (value === 'true' || (words.length > 0 && !/^ (?:none|no|false|0) $/.test(value))),
      ),
  );
  return has ? [{ shown: word, verdict: 'contradicted', why: 'a record has some' }] : [];
}
