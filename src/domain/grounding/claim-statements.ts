// Claims without a number: who has most, who has more than whom, what state a thing is in, that there is none.
import { figuresOf } from './attributes.ts';
import type { Finding } from './check-claim.ts';
import type { Thing } from './claim-names.ts';
import type { EvidenceRecord } from './evidence-records.ts';
import { canon, meanings } from './words.ts';

const MOST = /\b(?:highest|most|largest|biggest|greatest|longest|priciest|top)\b/i;
const LEAST = /\b(?:lowest|least|smallest|fewest|shortest|cheapest)\b/i;
const MORE = /\b(?:more|higher|greater|larger|longer|bigger|better)\b(?=.*\bthan\b)|\b(?:outsold|outperformed|exceeded|surpassed|beat)\b/i;
const FEWER = /\b(?:less|fewer|lower|smaller|shorter|cheaper)\b(?=.*\bthan\b)/i;
const NONE = /\b(?:no|zero|without(?: any)?|never(?: had)?) (\p{L}+)/giu;
const NOT = /\b(?:not|never|no longer|isn['’]t|wasn['’]t|aren['’]t|didn['’]t|hasn['’]t|doesn['’]t|won['’]t|failed to)\b/i;
/** Words of which a record can say only one at a time. */
const STATES: readonly (readonly string[])[] = [
  ['succeeded', 'failed', 'passed', 'success', 'failure', 'successful', 'successfully'],
  ['open', 'closed'],
  [
    'running',
    'ended',
    'stopped',
    'paused',
    'completed',
    'complete',
    'done',
    'cancelled',
    'canceled',
    'pending',
    'active',
    'inactive',
    'finished',
  ],
  ['approved', 'denied', 'rejected', 'expired', 'pending'],
  ['paid', 'refunded', 'unpaid', 'overdue'],
  ['delivered', 'shipped', 'lost', 'returned', 'processing'],
  ['enabled', 'disabled'],
  ['online', 'offline'],
];
const SAME_STATE = new Map([
  ['success', 'succeeded'],
  ['successful', 'succeeded'],
  ['successfully', 'succeeded'],
  ['passed', 'succeeded'],
  ['failure', 'failed'],
  ['complete', 'done'],
  ['completed', 'done'],
  ['finished', 'done'],
  ['canceled', 'cancelled'],
  ['active', 'running'],
]);

const sameState = (word: string): string => SAME_STATE.get(word) ?? word;

/** The one figure that a claim's words name in both of two records. */
function compared(claim: string, records: readonly EvidenceRecord[]): { record: EvidenceRecord; value: number }[] {
  const named = meanings(claim);
  for (const word of named) {
    const found = records.flatMap((record) => figuresOf(record.figures, word).map((figure) => ({ record, value: figure.value })));
    if (found.length > 1) return found;
  }
  return [];
}

function checkExtreme(claim: string, thing: Thing, records: readonly EvidenceRecord[]): Finding[] {
  const most = MOST.test(claim);
  if (most === LEAST.test(claim)) return [];
  const lists = new Set(records.filter(thing.holds).map(({ list }) => list));
  const words = /\bcheapest|priciest\b/i.test(claim) ? `${claim} price` : claim;
  const found = compared(
    words,
    records.filter(({ list }) => lists.has(list)),
  );
  const own = found.filter(({ record }) => thing.holds(record)).map(({ value }) => value);
  if (own.length === 0 || found.length < 2) return [];
  const values = found.map(({ value }) => value);
  const best = most ? Math.max(...values) : Math.min(...values);
  return own.includes(best) ? [] : [{ shown: thing.shown, verdict: 'contradicted', why: `another record has ${most ? 'more' : 'less'}` }];
}

function checkPair(claim: string, things: readonly Thing[], records: readonly EvidenceRecord[]): Finding[] {
  const [first, second] = things;
  const more = MORE.test(claim);
  if (first === undefined || second === undefined || more === FEWER.test(claim)) return [];
  const found = compared(/\bcheaper\b/i.test(claim) ? `${claim} price` : claim, records);
  const a = found.find(({ record }) => first.holds(record) && !second.holds(record))?.value;
  const b = found.find(({ record }) => second.holds(record) && !first.holds(record))?.value;
  if (a === undefined || b === undefined || (more ? a > b : a < b) !== NOT.test(claim)) return [];
  return [{ shown: `${first.shown} … ${second.shown}`, verdict: 'contradicted', why: 'the records have it the other way round' }];
}

function checkNone(claim: string, records: readonly EvidenceRecord[]): Finding[] {
  return [...claim.matchAll(NONE)].flatMap((match) => {
    const [word] = meanings(match[1] ?? '');
    if (word === undefined) return [];
    const figures = records.flatMap((record) => figuresOf(record.figures, word));
    return figures.length > 0 && figures.every(({ value }) => value !== 0)
      ? [{ shown: match[0], verdict: 'contradicted' as const, why: `a record says ${word} ${figures[0]?.value}` }]
      : [];
  });
}

/** A state, or a category of the same word of the record, that is not the one recorded. */
function checkStates(claim: string, things: readonly Thing[], records: readonly EvidenceRecord[]): Finding[] {
  const said = (claim.toLowerCase().match(/\p{L}+/gu) ?? []).map(sameState);
  const findings: Finding[] = [];
  for (const group of STATES) {
    const states = new Set(group.map(sameState));
    const spoken = said.filter((word) => states.has(word));
    if (spoken.length !== 1) continue;
    const recorded = records
      .flatMap(({ labels }) => labels.map(({ value }) => sameState(value.trim())))
      .filter((value) => states.has(value));
    const isSo = recorded.includes(spoken[0] ?? '');
    if (recorded.length > 0 && isSo === NOT.test(claim))
      findings.push({ shown: spoken[0] ?? '', verdict: 'contradicted', why: `the record says ${recorded[0]}` });
  }
  return things.length === 0 && records.length > 1 ? [] : findings;
}

/** `available: false` against "is available". */
function checkFlags(claim: string, records: readonly EvidenceRecord[]): Finding[] {
  const said = new Set(meanings(claim).map(canon));
  const flags = records
    .flatMap(({ labels }) => labels)
    .filter(({ value, about }) => ['true', 'false'].includes(value) && about.some((word) => said.has(canon(word))));
  const values = new Set(flags.map(({ value }) => value));
  if (values.size !== 1 || values.has('true') !== NOT.test(claim)) return [];
  return [{ shown: flags[0]?.about.join(' ') ?? '', verdict: 'contradicted', why: `the record says ${[...values][0]}` }];
}

export function checkStatements(claim: string, things: readonly Thing[], records: readonly EvidenceRecord[]): Finding[] {
  const named = things.filter(({ isDay, isWeak }) => !isDay && !isWeak);
  const [first] = named;
  const theirs = named.length === 0 ? records : records.filter((record) => named.every(({ holds }) => holds(record)));
  const scope = theirs.length > 0 ? theirs : records.filter((record) => named.some(({ holds }) => holds(record)));
  const extreme = first === undefined || named.length > 1 ? [] : checkExtreme(claim, first, records);
  return [
    ...extreme,
    ...checkPair(claim, named, records),
    ...checkNone(claim, scope),
    ...checkStates(claim, named, scope),
    ...checkFlags(claim, scope),
  ];
}
