// Superlatives and comparisons against the figure they are of.

import { figuresMeant, wordsOf } from './attributes.ts';
import type { Finding } from './check-claim.ts';
import { comparativeOf, type Degree, extremes, measure, superlativeOf } from './degrees.ts';
import type { EvidenceRecord } from './evidence-records.ts';
import { FALLING, isSigned, RISING } from './match-number.ts';
import type { Mention } from './mentions.ts';
import { recordsOf } from './subjects.ts';
import { subsetsOf } from './subsets.ts';

const NOT = /\b(?:not|never|no longer|isn['’]t|wasn['’]t|aren['’]t|didn['’]t|hasn['’]t|doesn['’]t)\b/i;

interface Said {
  claim: string;
  mentions: readonly Mention[];
  records: readonly EvidenceRecord[];
}

const listOf = ({ list }: EvidenceRecord): string => list.replace(/^\d+ /, '');

/** Structured records of one list that a mention alone names. */
const namedBy = (mention: Mention, claim: string): EvidenceRecord[] =>
  [...recordsOf(mention, claim)].filter(({ isText, isOld }) => !isText && !isOld);

/** A category (the West, the search channel) within which something is most. */
export function checkSuperlative({ claim, mentions, records }: Said): Finding[] {
  const plain = superlativeOf(claim);
  const rank =
    ['second', 'third', 'fourth'].indexOf(
      /\b(second|third|fourth)[- ](?:most|least|\w+est|best|worst)\b/i.exec(claim)?.[1]?.toLowerCase() ?? '',
    ) + 2;
  const degree = plain === null || rank < 2 ? plain : { ...plain, rank };
  if (
    degree === null ||
    (rank < 2 && /\b(?:second|third)\b/i.test(claim)) ||
    /\b(?:(\w+) for \1|next|free|spare|unused|per|relative|among)\b/i.test(claim)
  )
    return [];
  const findings: Finding[] = [];
  const meant = mentions.filter(({ at }) => !/\b(?:after|behind|besides|except|apart from|bar) $/i.test(claim.slice(0, at)));
  const strong = meant.filter(({ isWeak }) => !isWeak);
  const things = strong.length > 0 ? strong : meant;
  const named = things.map((mention) => ({ mention, held: namedBy(mention, claim) }));
  const [first] = named.filter(({ held }) => held.length > 0);
  if (first === undefined) return [];
  const both = named.reduce(
    (left, { held }) => (left.some((record) => held.includes(record)) ? left.filter((record) => held.includes(record)) : left),
    first.held,
  );
  const lists = new Set(both.map(listOf));
  const all = records.filter((record) => lists.has(listOf(record)) && !record.isText && !record.isOld);
  if (both.length * 2 > all.length && all.length > 2) return [];
  // Within what has a state or label that is said, too: the oldest open ticket.
  const sets = [
    all,
    ...subsetsOf(all, claim)
      .filter(({ isSaid }) => isSaid)
      .map(({ records: part }) => part),
  ];
  const readings = sets.flatMap((set) => extremes(set, degree)).filter((best) => [...best].some((record) => lists.has(listOf(record))));
  if (readings.length > 0 && readings.every((best) => !both.some((record) => best.has(record))) !== NOT.test(claim))
    findings.push({ shown: first.mention.shown, verdict: 'contradicted', why: `another record has ${degree.isMore ? 'more' : 'less'}` });
  return findings;
}

export function checkComparison({ claim, mentions, records }: Said): Finding[] {
  const degree = comparativeOf(claim);
  if (degree === null) return [];
  const than = claim.search(/\bthan\b/i);
  if (/^\W*(?:no|none|nobody|nothing)\b/i.test(claim))
    return checkUnbeaten(
      claim,
      degree,
      mentions.find(({ at }) => at > than),
      records,
    );
  const border = than > 0 ? than : degree.end;
  const before = mentions.filter(({ end }) => end <= border);
  const a = (before.filter(({ at }) => at > claim.lastIndexOf(', ', degree.at)).at(0) ?? before.at(-1)) as Mention | undefined;
  const b = mentions.find(({ at }) => at >= border);
  if (a === undefined || b === undefined) return [];
  const [left, right] = [namedBy(a, claim), namedBy(b, claim)];
  const only = (own: readonly EvidenceRecord[], other: readonly EvidenceRecord[]): EvidenceRecord[] =>
    own.filter((record) => !other.includes(record));
  const readings = measure([...only(left, right), ...only(right, left)], degree.near);
  const isSo = readings.flatMap((found) => {
    const x = found.find(({ record }) => left.includes(record))?.value;
    const y = found.find(({ record }) => right.includes(record))?.value;
    return x === undefined || y === undefined ? [] : [degree.isMore ? x > y : x < y];
  });
  if (isSo.length === 0 || isSo.some((each) => each !== NOT.test(claim)) || records.length === 0) return [];
  return [{ shown: `${a.shown} … ${b.shown}`, verdict: 'contradicted', why: 'the records have it the other way round' }];
}

/** `No experiment shows a bigger lift than it`: it has the most. */
function checkUnbeaten(claim: string, degree: Degree, mention: Mention | undefined, records: readonly EvidenceRecord[]): Finding[] {
  const held = mention === undefined ? [] : namedBy(mention, claim);
  const lists = new Set(held.map(listOf));
  const readings = extremes(
    records.filter((record) => lists.has(listOf(record)) && !record.isText && !record.isOld),
    degree,
  );
  if (mention === undefined || readings.length === 0 || readings.some((best) => held.some((record) => best.has(record)))) return [];
  return [{ shown: mention.shown, verdict: 'contradicted', why: `another record has ${degree.isMore ? 'more' : 'less'}` }];
}

const AGAINST =
  /\b(over|above|exceed(?:s|ed|ing)?|beyond|under|below|within|beat|missed|short of)\b (?:its |the |their |our )?(?:approved |planned )?(budget|target|plan|limit|goal|quota|forecast|estimate)\b/i;

/** Over its budget, under the target: two figures of one record. */
export function checkAgainst({ claim, records }: Said): Finding[] {
  const match = AGAINST.exec(claim);
  if (match === null || NOT.test(claim)) return [];
  const isOver = /over|above|exceed|beyond|beat/i.test(match[1] ?? '');
  const verdicts = records.flatMap((record) => {
    const [limit] = measure([record], wordsOf(match[2] ?? ''));
    const [actual] = measure([record], wordsOf('spent actual revenue result'));
    const [x, y] = [actual?.[0]?.value, limit?.[0]?.value];
    return x === undefined || y === undefined || actual === limit ? [] : [isOver ? x > y : x <= y];
  });
  if (verdicts.length === 0 || verdicts.some((isSo) => isSo)) return [];
  return [{ shown: match[0], verdict: 'contradicted', why: 'the record has it the other way round' }];
}

/** A gain where the record shows a loss, a fall where it shows a rise. */
export function checkTrend(claim: string, records: readonly EvidenceRecord[]): Finding[] {
  const isFall = FALLING.test(claim);
  if (isFall === RISING.test(claim) || NOT.test(claim)) return [];
  const signed = records.map((record) => ({ ...record, figures: record.isText ? [] : record.figures.filter(isSigned) }));
  const found = figuresMeant(signed, wordsOf(claim), null);
  // One figure with a sign is the one that is meant, whatever it is called.
  const meant = found.length === 1 ? found : found.filter(({ score }) => score > 0);
  if (meant.length === 0 || !meant.every(({ figure }) => (isFall ? figure.value > 0 : figure.value < 0))) return [];
  return [
    {
      shown: (isFall ? FALLING : RISING).exec(claim)?.[0] ?? '',
      verdict: 'contradicted',
      why: `the record says ${meant[0]?.figure.value}`,
    },
  ];
}
