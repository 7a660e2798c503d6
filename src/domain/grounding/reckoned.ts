// What may be reckoned from records, and only where the claim says so: sum, mean, median, least, most, difference, ratio, share.
import { keyOf, type Near, namedKeys, scoreFigure } from './attributes.ts';
import type { EvidenceRecord, Figure } from './evidence-records.ts';
import { isReckoned, isSaidOf } from './match-number.ts';
import type { SaidNumber } from './said-numbers.ts';
import type { Unit } from './units.ts';

const SUM =
  /\b(?:totall?\w*|sum\w*|altogether|combined|together|overall|in all|across|collectively|both|add(?:s|ed|ing)? up|all|over the|between them|taken together|the (?:two|three|four|five|six|seven|eight|nine|ten|\d+)|per|each|covers?|whole|entire|add)\b/i;
const MEAN = /\b(?:average[sd]?|averaging|averages|mean|avg\.?|typical\w*|per|each)\b/i;
const MEDIAN = /\bmedian\b/i;
const LEAST = /\b(?:low\w*|minimum|min|least|smallest|cheapest|fewest|worst|shortest|bottom|from|between|rang\w+|at least|\w{3,}est)\b/i;
const MOST = /\b(?:high\w*|maximum|max|most|largest|biggest|best|peak\w*|top|longest|priciest|to|between|rang\w+|up to|\w{3,}est)\b/i;
export const DIFFERENCE =
  /\b(?:more|less|fewer|higher|lower|greater|difference|differ\w*|gap|ahead|behind|increas\w+|decreas\w+|grew|growth|grown|rose|rise|fell|fall|drop\w*|declin\w+|up|down|chang\w+|left|leaves?|leaving|remain\w*|unspent|unused|free|room|another|exceed\w*|below|above|over|under|longer|shorter|cheaper|dearer|heavier|lighter|older|younger|taller|faster|slower|later|earlier|after|before|saves?d?|saving|apart|net|profit|margin|short|slipp\w+|gained|lost|improv\w+|warmer|cooler|colder|extra|additional|spread)\b/i;
const RATE =
  /\b(?:rates?|ratio|per|percent|share|of|in|out of|conver\w+|margin|roi|return|each|for every|average|full|times|as|account\w*|works? out|unused|cost|complete|used|apiece)\b|%/i;
const MOST_PAIRS = 400;

export interface Series {
  key: string;
  values: number[];
  unit: Unit | null;
}

/** The same figure over all records of a list; calls of one tool are one list. */
export function toSeries(records: readonly EvidenceRecord[], near: readonly Near[]): Series[] {
  const keys = new Set(namedKeys(records, near).map(({ key }) => key));
  const series = new Map<string, Series>();
  for (const { list, figures } of records)
    for (const figure of figures) {
      const name = keyOf(figure);
      if (figure.about.includes('many') || (keys.size > 0 && !keys.has(name))) continue;
      const key = `${list.replace(/^\d+ /, '')}|${name}`;
      const found = series.get(key) ?? { key: name, values: [], unit: figure.unit };
      found.values.push(figure.value);
      series.set(key, found);
    }
  return [...series.values()].filter(({ values }) => values.length > 1);
}

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function reckonings(words: string, values: readonly number[]): number[] {
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

export const wantsShare = (said: SaidNumber): boolean => said.unit?.dimension === 'share';

/** Either over the other. */
const quotients = (a: number, b: number): number[] => [...(b === 0 ? [] : [a / b]), ...(a === 0 ? [] : [b / a])];

/** Differences and ratios of the same figure in two records. */
export function comparesPair(said: SaidNumber, words: string, { values, unit }: Series): boolean {
  const isDifference = DIFFERENCE.test(words);
  return pairsOf(values).some(([a, b]) => {
    if (said.isRatio) return quotients(a, b).some((ratio) => isSaidOf(said, ratio));
    if (!isDifference) return false;
    // Ten percent more: of the other; two percentage points more: of a share.
    if (wantsShare(said) && quotients(a, b).some((ratio) => isSaidOf(said, Math.abs(ratio - 1) * 100))) return true;
    return (!wantsShare(said) || unit?.dimension === 'share') && isReckoned(said, a - b, unit);
  });
}

/** Two things told of in prose: any two of their figures in one unit, apart by so much. */
export function comparesNamed(said: SaidNumber, words: string, [first, second]: readonly ReadonlySet<EvidenceRecord>[]): boolean {
  if (first === undefined || second === undefined || said.isRatio || said.unit === null || !DIFFERENCE.test(words)) return false;
  const [a, b] = [first, second].map((held) =>
    [...held]
      .filter(({ isText }) => isText)
      .flatMap(({ figures }) => figures.filter(({ unit }) => unit?.dimension === said.unit?.dimension)),
  );
  return (a ?? []).some((x) => (b ?? []).some((y) => isReckoned(said, x.value - y.value, x.unit)));
}

/** Part of a whole: what the subject has among all of its list. */
export function sharesWhole(said: SaidNumber, part: readonly Series[], whole: readonly Series[]): boolean {
  if (!wantsShare(said) && !said.isRatio) return false;
  return whole.some(({ key, values }) => {
    const all = sumOf(values);
    const parts = part.filter((series) => series.key === key).map((series) => sumOf(series.values));
    const shares = [...(parts.length > 0 ? parts : values)].map((value) => value / all);
    return all !== 0 && shares.some((share) => isSaidOf(said, wantsShare(said) ? share * 100 : share));
  });
}

/** Words that name a ratio by what it is of. */
const NAMED_RATIOS: Record<string, readonly string[]> = {
  conversion: ['order', 'visitor', 'conversion'],
  margin: ['profit', 'revenue', 'sale'],
  roi: ['profit', 'cost'],
  profit: ['revenue', 'cost'],
  full: ['capacity', 'size', 'used'],
  free: ['capacity', 'size'],
  unspent: ['budget', 'spent'],
  click: ['click', 'impression'],
};

/** A ratio of two figures as it was said: a share, a multiple, or so much per piece. */
function isQuotient(said: SaidNumber, a: Figure, b: Figure): boolean {
  if (said.isRatio || wantsShare(said)) {
    if (a.unit?.dimension !== b.unit?.dimension && a.unit !== null && b.unit !== null) return false;
    return quotients(a.value, b.value).some(
      (ratio) => ratio >= 0 && [ratio, 1 - ratio].some((of) => isSaidOf(said, said.isRatio ? of : of * 100)),
    );
  }
  return [
    ...(b.value === 0 ? [] : [{ ratio: a.value / b.value, of: a }]),
    ...(a.value === 0 ? [] : [{ ratio: b.value / a.value, of: b }]),
  ].some(({ ratio, of }) => isReckoned(said, ratio, of.unit));
}

/** Two figures of one record against each other: orders of visitors, revenue less cost. At least one must be named by the claim. */
export function comparesWithin(said: SaidNumber, words: string, { figures, isText }: EvidenceRecord, near: readonly Near[]): boolean {
  const spoken = [...near, ...near.flatMap(({ word }) => (NAMED_RATIOS[word] ?? []).map((also) => ({ word: also, weight: 1 })))];
  const isRate = said.isRatio || RATE.test(words);
  const isDifference = DIFFERENCE.test(words);
  return pairsOf(figures).some(([a, b]) => {
    const named = Number(scoreFigure(a, spoken) > 0.2) + Number(scoreFigure(b, spoken) > 0.2);
    if (named === 0 || (isText && named < 2)) return false;
    if (isRate && isQuotient(said, a, b)) return true;
    if (!isDifference || a.unit?.dimension !== b.unit?.dimension) return false;
    if (wantsShare(said) && quotients(a.value, b.value).some((ratio) => isSaidOf(said, Math.abs(ratio - 1) * 100))) return true;
    return isReckoned(said, a.value - b.value, a.unit);
  });
}
