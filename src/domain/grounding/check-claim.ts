// The grounding gate's one decision: is a claim borne out by what tools returned, against it, or neither.

import { checkCertain } from './check-certain.ts';
import { checkMove, checkOrder, checkOutdated } from './check-changes.ts';
import { checkDays } from './check-days.ts';
import { checkAgainst, checkComparison, checkSuperlative, checkTrend } from './check-degrees.ts';
import { checkAll, checkEachNumber, checkNothing } from './check-every.ts';
import { checkNumber } from './check-number.ts';
import { checkHedged, checkQuoted, checkRoles, checkTogether, checkUntold, TELLS_FAILURE } from './check-sources.ts';
import { checkCategories, checkDenied, checkFlags, checkNone, checkNoneOf, checkStates } from './check-states.ts';
import { toClauses } from './claim-clauses.ts';
import { type FoundDay, findDays } from './dates.ts';
import type { EvidenceRecord, ToolRecord } from './evidence-records.ts';
import { findMentions, type Mention, overlaps } from './mentions.ts';
import { indexNames, type NameIndex } from './name-index.ts';
import { findNumbers } from './numbers.ts';
import { failureQuotesOf, plainSentence, quotesOf, withoutFailure } from './quotes.ts';
import type { SaidNumber } from './said-numbers.ts';
import { findStrangers } from './strangers.ts';
import { SPEAKS_OF_BEFORE, subjectOf } from './subjects.ts';
import { type CallEvidence, readCalls } from './tool-calls.ts';
import { meanings, phraseOf, tokens } from './words.ts';

/** `contradicted`: the records say otherwise; `unverified`: they don't say. Neither may be shown as a fact. */
export type Verdict = 'supported' | 'contradicted' | 'unverified';

export interface Finding {
  /** The words it is about. */
  shown: string;
  verdict: Exclude<Verdict, 'supported'>;
  why: string;
}

export interface Evidence extends CallEvidence {
  names: NameIndex;
  /** Every word of the records and of their keys. */
  vocabulary: readonly string[];
  /** All that the records say, in one phrase. */
  words: string;
  /** What the user said: it may be repeated as theirs. */
  question: string;
  askedDays: readonly FoundDay[];
  askedNumbers: readonly SaidNumber[];
  /** Sentences of the results, as `plainSentence` has them: word for word they may be repeated. */
  quotes: ReadonlySet<string>;
  /** The same of failures: they may be told as such, behind a colon. */
  failureQuotes: ReadonlySet<string>;
}

/** Takes the tools' results apart once, for any number of claims. */
export function prepareEvidence(calls: readonly ToolRecord[], question = ''): Evidence {
  const read = readCalls(calls);
  const words = read.records.map((record) => record.words).join('');
  const keys = read.records.flatMap(({ figures, labels, days }) => [...figures, ...labels, ...days].flatMap(({ about }) => about));
  const tools = calls.map(({ tool }) => phraseOf(tool)).join('');
  return {
    ...read,
    names: indexNames(read.records),
    vocabulary: [...new Set([...meanings(words), ...keys])],
    words: `${words}${tools} ${keys.join(' ')} `,
    question,
    askedDays: findDays(question),
    askedNumbers: findNumbers(question),
    quotes: quotesOf(calls),
    failureQuotes: failureQuotesOf(calls),
  };
}

/** @returns `supported` also for words that claim nothing that can be checked: no number, day, name, address or comparison. */
export function checkClaim(shown: string, evidence: Evidence): { verdict: Verdict; findings: Finding[] } {
  if (evidence.quotes.has(plainSentence(shown))) return { verdict: 'supported', findings: [] };
  const claim = withPeriods(shown);
  const findings = TELLS_FAILURE.test(claim) && evidence.failures.length > 0 ? checkFailure(claim, evidence) : check(claim, evidence);
  const isContradicted = findings.some(({ verdict }) => verdict === 'contradicted');
  return { verdict: isContradicted ? 'contradicted' : findings.length > 0 ? 'unverified' : 'supported', findings };
}

const PERIODS: readonly (readonly [RegExp, string])[] = [
  [/\bfirst (?:quarter|three months)\b(?: of the year\b)?/gi, 'Q1'],
  [/\bsecond quarter\b(?: of the year\b)?/gi, 'Q2'],
  [/\bthird quarter\b(?: of the year\b)?/gi, 'Q3'],
  [/\bfourth quarter\b(?: of the year\b)?/gi, 'Q4'],
];

/** Quarters as records call them. */
const withPeriods = (claim: string): string => PERIODS.reduce((text, [words, name]) => text.replace(words, name), claim);

const DENIES =
  /^[^\p{L}]*(?:no|none|neither|nothing|nobody|no one)\b|\b(?:there (?:is|are|was|were)(?: no|n['’]t)|does not|do not|doesn['’]t|don['’]t) (?:mention|list|name|include|say|contain|any)?\b/iu;

/** That a call failed may be told in the words of its failure. */
function checkFailure(claim: string, evidence: Evidence): Finding[] {
  const records = [...evidence.records, ...evidence.failures];
  const told = withoutFailure(claim, evidence.failureQuotes);
  return check(told, { ...evidence, records, names: indexNames(records), untold: new Set() });
}

function check(claim: string, evidence: Evidence): Finding[] {
  const { records, question, askedDays, askedNumbers } = evidence;
  const days = findDays(claim);
  const { mentions, strangers: unknown } = findMentions(claim, evidence, days);
  const asked = phraseOf(question);
  const strangers = findStrangers(
    claim,
    (phrase) => evidence.words.includes(phrase) || asked.includes(phrase),
    (at, end) =>
      !overlaps([...mentions.filter((mention) => mention.records.size > 0 && mention.at <= at && mention.end >= end), ...days], {
        at,
        end,
      }),
  );
  const unnamed = unknown.filter(({ at, end }) => !asked.includes(phraseOf(claim.slice(at, end))));
  const findings: Finding[] = [...strangers, ...unnamed].map(({ at, end }) => ({
    shown: claim.slice(at, end),
    verdict: 'unverified',
    why: 'no tool result of this run names it',
  }));
  // What is said not to be there need not be there.
  if (DENIES.test(claim)) findings.length = 0;
  const inName = mentions.filter(({ isDay, shown }) => !isDay && /\d/.test(shown));
  const numbers = findNumbers(claim, (at) => overlaps([...inName, ...strangers, ...unknown, ...days], { at, end: at + 1 }));
  const isKey = ({ shown }: Mention): boolean => tokens(shown).every((word) => evidence.names.keys.has(word));
  const plain = mentions
    .filter((mention) => !isKey(mention))
    .reduce((text, { at, end }) => text.slice(0, at) + ' '.repeat(end - at) + text.slice(end), claim);
  for (const clause of toClauses(claim, numbers, mentions))
    for (const number of clause.numbers) {
      const finding = checkNumber(number, { claim, plain, clause, numbers, records, question, askedNumbers });
      if (finding !== null) findings.push(finding);
    }
  findings.push(...checkOrder(claim, numbers, records), ...checkOutdated(claim, numbers, records));
  if (findings.length === 0) {
    const { records: meant } = subjectOf(mentions, records, claim);
    for (const number of numbers) findings.push(...checkEachNumber(claim, number, meant, records));
    const { records: spoken } = subjectOf(
      mentions.filter(({ isWeak }) => !isWeak),
      records,
      claim,
    );
    findings.push(
      ...checkNothing(claim, meant),
      ...checkAll(claim, spoken, records, numbers.length > 1 || days.length > 0),
      ...checkCertain(claim, evidence),
    );
  }
  findings.push(
    ...checkQuoted(claim, evidence.words + asked),
    ...checkStale(claim, mentions),
    ...checkDays(claim, days, mentions, { records, askedDays }),
  );
  if (findings.length === 0) findings.push(...checkStatements(claim, mentions, evidence));
  return findings;
}

/** What only an earlier answer to the same call said is no longer so. */
const checkStale = (claim: string, mentions: readonly Mention[]): Finding[] =>
  SPEAKS_OF_BEFORE.test(claim)
    ? []
    : mentions
        .filter(({ isDay, records }) => !isDay && records.size > 0 && [...records].every(({ isOld }) => isOld))
        .map(({ shown }) => ({ shown, verdict: 'contradicted', why: 'a later call says otherwise' }));

/** Claims without a number, or whose numbers hold. */
function checkStatements(claim: string, mentions: readonly Mention[], { records, untold, vocabulary }: Evidence): Finding[] {
  const { records: subject } = subjectOf(mentions, records, claim);
  const isOfMany = subject.length > 1 && mentions.length === 0;
  const single: readonly EvidenceRecord[] = isOfMany ? [] : subject;
  const strong = mentions.filter(({ isWeak, isDay }) => !isWeak && !isDay);
  const isName = (mention: Mention): boolean => !mention.isWeak || mention.records.size === 1 || meanings(mention.shown).length > 1;
  const said = { claim, mentions, records };
  return [
    ...checkUntold(claim, untold),
    ...checkHedged(claim, vocabulary),
    ...checkTogether(claim, mentions, isName),
    ...checkRoles(claim, mentions),
    ...checkSuperlative(said),
    ...checkComparison(said),
    ...checkAgainst({ ...said, records: subject }),
    ...checkTrend(claim, subject),
    ...checkMove(claim, single, records),
    ...checkNone(claim, subject),
    ...checkNoneOf(claim, records),
    ...checkFlags(claim, subject),
    ...checkDenied(claim, subject),
    ...checkStates(claim, strong.length > 0 && !isOfMany ? subjectOf(strong, records, claim).records : single),
    ...checkCategories(claim, single, records),
  ];
}
