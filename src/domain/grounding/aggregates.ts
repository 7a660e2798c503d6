// What may be reckoned from records, and only where the claim says so: sum, mean, median, least, most, count, ratio, difference.

import { figuresOf } from './attributes.ts';
import type { EvidenceRecord, Figure } from './evidence-records.ts';
import { isReckoned, isSaidOf } from './match-number.ts';
import type { SaidNumber } from './numbers.ts';
import type { Unit } from './units.ts';
import { canon, meanings } from './words.ts';

const SUM = /\b(?:totall?\w*|sum\w*|altogether|combined|together|overall|in all|across|collectively|both|add(?:s|ed|ing)? up|all)\b/i;
const MEAN = /\b(?:average[sd]?|averaging|mean|avg\.?|on average|typical\w*|per|each)\b/i;
const MEDIAN = /\bmedian\b/i;
const LEAST = /\b(?:lowest|minimum|min|least|smallest|cheapest|fewest|worst|shortest|bottom|from|between|rang\w+)\b/i;
const MOST = /\b(?:highest|maximum|max|most|largest|biggest|best|peak\w*|top|longest|priciest|to|between|rang\w+)\b/i;
const DIFFERENCE =
  /\b(?:more|less|fewer|higher|lower|greater|difference|differ\w*|gap|ahead|behind|increas\w+|decreas\w+|grew|growth|grown|rose|rise|fell|fall|drop\w*|declin\w+|up|down|chang\w+|left|remain\w*|exceed\w*|below|above|longer|shorter|cheaper|saved?|apart|net|profit|margin)\b/i;
const RATE = /\b(?:rates?|ratio|per|percent|share|of|conver\w+|margin|roi|return|each|for every|average)\b|%/i;
const MOST_PAIRS = 400;

interface Series {
  values: number[];
  unit: Unit | null;
}

/** The same figure over all records of a list. */
function toSeries(records: readonly EvidenceRecord[], attribute: string | null): Series[] {
  const series = new Map<string, Series>();
  for (const { list, figures } of records)
    for (const figure of figuresOf(figures, attribute)) {
      if (figure.about.includes('many')) continue;
      const key = `${listName(list)}|${figure.about.join(' ')}|${figure.unit?.dimension ?? ''}`;
      const found = series.get(key) ?? { values: [], unit: figure.unit };
      found.values.push(figure.value);
      series.set(key, found);
    }
  return [...series.values()].filter(({ values }) => values.length > 1);
}

/** Lists of the same tool are one list, however many calls brought it. */
const listName = (list: string): string => list.replace(/^\d+ /, '');

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? (sorted[Math.floor(middle)] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function reckonings(words: string, values: readonly number[]): number[] {
  const found: number[] = [];
  if (SUM.test(words)) found.push(sumOf(values));
  if (MEAN.test(words)) found.push(sumOf(values) / values.length);
  if (MEDIAN.test(words)) found.push(medianOf(values));
  if (LEAST.test(words)) found.push(Math.min(...values));
  if (MOST.test(words)) found.push(Math.max(...values));
  return found;
}

/** Every two of them, once, at most so many. */
function pairsOf<T>(values: readonly T[]): [T, T][] {
  const pairs: [T, T][] = [];
  for (const [at, a] of values.entries()) {
    for (const b of values.slice(at + 1)) pairs.push([a, b]);
    if (pairs.length > MOST_PAIRS) break;
  }
  return pairs;
}

const wantsShare = (said: SaidNumber): boolean => said.unit?.dimension === 'share';

/** Either over the other. */
const quotients = (a: number, b: number): number[] => [...(b === 0 ? [] : [a / b]), ...(a === 0 ? [] : [b / a])];

/** Differences and ratios of the same figure in two records. */
function comparesPair(said: SaidNumber, words: string, { values, unit }: Series): boolean {
  const isDifference = DIFFERENCE.test(words);
  return pairsOf(values).some(([a, b]) => {
    if (said.isRatio) return quotients(a, b).some((ratio) => isSaidOf(said, ratio));
    if (!isDifference) return false;
    // Ten percent more: of the other; two percentage points more: of a share.
    if (wantsShare(said) && quotients(a, b).some((ratio) => isSaidOf(said, Math.abs(ratio - 1) * 100))) return true;
    return (!wantsShare(said) || unit?.dimension === 'share') && isReckoned(said, a - b, unit);
  });
}

/** Part of a whole: one record's figure among all of its list. */
const sharesWhole = (said: SaidNumber, { values }: Series): boolean => {
  const whole = sumOf(values);
  return wantsShare(said) && whole !== 0 && values.some((value) => isSaidOf(said, (value / whole) * 100));
};

/** Words that name a ratio by what it is of. */
const NAMED_RATIOS = new Map([
  ['conversion', ['order', 'visitor']],
  ['margin', ['profit', 'revenue']],
  ['roi', ['profit', 'cost']],
  ['profit', ['revenue', 'cost']],
]);

/** A ratio of two figures as it was said: a share, a multiple, or so much per piece. */
function isQuotient(said: SaidNumber, a: Figure, b: Figure): boolean {
  if (said.isRatio || wantsShare(said))
    return quotients(a.value, b.value).some((ratio) => isSaidOf(said, said.isRatio ? ratio : ratio * 100));
  const per = [
    ...(b.value === 0 ? [] : [{ ratio: a.value / b.value, of: a }]),
    ...(a.value === 0 ? [] : [{ ratio: b.value / a.value, of: b }]),
  ];
  return per.some(({ ratio, of }) => isReckoned(said, ratio, of.unit));
}

/** Two figures of one record against each other: orders of visitors, revenue less cost. At least one must be named by the claim. */
function comparesWithin(said: SaidNumber, words: string, figures: readonly Figure[]): boolean {
  const spoken = meanings(words).map(canon);
  const named = new Set([...spoken, ...spoken.flatMap((word) => NAMED_RATIOS.get(word) ?? [])]);
  const isNamed = ({ about }: Figure): boolean => about.some((word) => named.has(canon(word)));
  const [isRate, isDifference] = [said.isRatio || RATE.test(words), DIFFERENCE.test(words)];
  return pairsOf(figures).some(([a, b]) => {
    if (!(isNamed(a) || isNamed(b))) return false;
    if (isRate && isQuotient(said, a, b)) return true;
    return isDifference && a.unit?.dimension === b.unit?.dimension && isReckoned(said, a.value - b.value, a.unit);
  });
}

const OF_THEM = /\b(?:results?|rows?|items?|entries|records|lines|of (?:them|the|these|those))\b/i;

/** How many records of a list there are, or say one of the claim's words: "three offers", "two are running". */
function counts(said: SaidNumber, words: string, records: readonly EvidenceRecord[]): boolean {
  if (said.unit !== null || !Number.isInteger(said.value)) return false;
  const named = new Set(meanings(words).map(canon));
  const isNamed = (text: string): boolean => meanings(text).some((word) => named.has(canon(word)));
  const lists = [...Map.groupBy(records, ({ list }) => listName(list))].filter(([, members]) => members.length > 1);
  return lists.some(([name, members]) => {
    if ((isNamed(name) || OF_THEM.test(words)) && isSaidOf(said, members.length)) return true;
    const groups = Map.groupBy(
      members.flatMap(({ labels }) => labels.map(({ value }) => value.trim())),
      (value) => value,
    );
    return [...groups].some(([value, found]) => isNamed(value) && isSaidOf(said, found.length));
  });
}

/**
 * @param records those that the clause's things leave; @param whole all records, for shares of a whole
 * @param words of the claim, in which the reckoning must be declared
 */
export function isDeclaredAggregate(
  said: SaidNumber,
  words: string,
  attribute: string | null,
  records: readonly EvidenceRecord[],
  whole: readonly EvidenceRecord[],
): boolean {
  for (const series of toSeries(records, attribute)) {
    if (!said.isRatio && reckonings(words, series.values).some((value) => isReckoned(said, value, series.unit))) return true;
    if (comparesPair(said, words, series)) return true;
  }
  if (counts(said, words, records)) return true;
  if (records.some(({ figures }) => comparesWithin(said, words, figures))) return true;
  return toSeries(whole, attribute).some((series) => sharesWhole(said, series));
}
