// What is said of all, of none or of each: one record that differs is enough against it.
import { figuresMeant, wordsOf } from './attributes.ts';
import type { Finding } from './check-claim.ts';
import { type EvidenceRecord, listOf } from './evidence-records.ts';
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

const listsOf = (subject: readonly EvidenceRecord[], all: readonly EvidenceRecord[]): EvidenceRecord[][] =>
  [...new Set(subject.map(listOf))]
    .map((list) => all.filter((record) => !record.isOld && !record.isText && listOf(record) === list))
    .filter(({ length }) => length > 1);

/** What each of a list says under one word. */
function answersOf(members: readonly EvidenceRecord[]): Map<string, (string | null)[]> {
  const keys = new Set(members.flatMap(({ labels }) => labels.map(({ about }) => about.join(' '))));
  return new Map(
    [...keys].map((key) => [key, members.map(({ labels }) => labels.find(({ about }) => about.join(' ') === key)?.value.trim() ?? null)]),
  );
}

/** All of them confirmed, where one is tentative; all of them landed, where one is in transit. */
export function checkAll(claim: string, subject: readonly EvidenceRecord[], all: readonly EvidenceRecord[], hasDetail: boolean): Finding[] {
  if (!ALL.test(claim) || subject.length === 1) return [];
  const said = meanings(claim);
  for (const members of listsOf(subject, all))
    for (const [key, answers] of answersOf(members)) {
      const given = new Set(answers);
      if (given.size < 2) continue;
      const isSaid = answers.some(
        (answer) =>
          answer !== null &&
          /^\p{L}/u.test(answer) &&
          answer.split(' ').every((word) => said.some((other) => sameness(other, word) >= EXACT)),
      );
      const isStatus = key.split(' ').some((word) => STATUS.test(word));
      const speaksOf =
        isStatus && (key.split(' ').some((word) => said.some((other) => sameness(word, other) >= EXACT)) || statesIn(claim).length > 0);
      if (/^\W*each/i.test(claim) && !isStatus) continue;
      if (isSaid ? !isStatus && given.size === members.length : !(speaksOf || (isStatus && !hasDetail))) continue;
      return [{ shown: /\p{L}+/u.exec(claim)?.[0] ?? '', verdict: 'contradicted', why: `the records differ in ${key}` }];
    }
  return [];
}

/** Every one above a bound, none with so many. */
export function checkEachNumber(
  claim: string,
  said: SaidNumber,
  subject: readonly EvidenceRecord[],
  all: readonly EvidenceRecord[],
): Finding[] {
  const isNone = NONE.test(claim) && !/[,;]/.test(claim.slice(0, said.at));
  if (!isNone && (said.bound === 'exact' || said.bound === 'about' || !EVERY.test(claim.slice(0, said.at)))) return [];
  const near = wordsOf(`${said.shown} ${claim.slice(said.end)}`);
  for (const members of listsOf(subject.length > 1 ? subject : [], subject.length > 1 ? subject : all)) {
    const meant = figuresMeant(members, near, said).filter(({ score }) => score > 0.5);
    if (meant.length < 2) continue;
    const isSo = meant.map(({ figure }) => isFigure({ ...said, bound: said.bound }, figure, ''));
    const far = meant.map(({ figure }) =>
      said.bound === 'over' ? figure.value > said.value : said.bound === 'under' && figure.value < said.value,
    );
    const isWrong = isNone ? isSo.some(Boolean) : !isSo.every((each, at) => each || far[at]) && said.unit === null;
    if (isWrong) return [{ shown: said.shown, verdict: 'contradicted', why: isNone ? 'a record has it' : 'a record has another' }];
  }
  return [];
}

/** Nothing refunded, where a record has refunds. */
export function checkNothing(claim: string, subject: readonly EvidenceRecord[]): Finding[] {
  const [word] = meanings(NOTHING.exec(claim)?.[1] ?? '');
  if (word === undefined) return [];
  const isOf = (about: readonly string[]): boolean => about.some((other) => sameness(word, other) >= EXACT);
  const has = subject.some(
    ({ figures, labels }) =>
      figures.some(({ about, value }) => isOf(about) && value !== 0) || labels.some(({ about, value }) => isOf(about) && value === 'true'),
  );
  return has ? [{ shown: word, verdict: 'contradicted', why: 'a record has some' }] : [];
}
