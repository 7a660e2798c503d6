// What a number is said to be of: the figure whose words stand nearest to it in the claim.
import type { EvidenceRecord, Figure } from './evidence-records.ts';
import { valuesAs } from './match-number.ts';
import { ONES } from './number-words.ts';
import type { SaidNumber } from './said-numbers.ts';
import { meanings, sameness } from './words.ts';

/** A word of the claim, weighed by how near it stands to the number. */
export interface Near {
  word: string;
  weight: number;
}

/** Beyond this a figure is clearly more the one that was meant than another. */
const CLEARLY = 0.3;
const MOST_UNSAID = 3;
const IN_UNIT = 0.3;
/** A best score below this names nothing. */
const UNCLEAR = 0.35;
const SIDE = /[,;:()—]|\b(?:from|at|for|and|with|per|in|on|by|while|when|after|before|against|than|out|but)\b/i;

/** Sign-ups and signed up are what a key calls signups. */
const joined = (text: string): string =>
  text
    .replace(/(\p{L}{3,}?)(?:ed|s|n)?[- ](ups?|outs?|ins?|offs?|through|rate|mail|line|site|play)\b/giu, '$& $1$2')
    .replace(/(\p{L}+)-(\p{L}+)/gu, '$1-$2 $1$2');

function weigh(text: string, toWeight: (distance: number) => number, isBackward: boolean): Near[] {
  const words = meanings(joined(text)).map((word) => (ONES.includes(word) ? String(ONES.indexOf(word)) : word));
  return (isBackward ? words.toReversed() : words).map((word, at) => ({ word, weight: toWeight(at) }));
}

/** Words after it up to the next preposition count most, then those before it; those beyond another number least. */
export function wordsNear(claim: string, number: SaidNumber, numbers: readonly SaidNumber[], within: { at: number; end: number }): Near[] {
  const others = numbers.filter((other) => other !== number && other.at >= within.at && other.end <= within.end);
  const from = Math.max(within.at, ...others.filter(({ end }) => end <= number.at).map(({ end }) => end));
  const to = Math.min(within.end, ...others.filter(({ at }) => at >= number.end).map(({ at }) => at));
  const after = claim.slice(number.end, Math.max(number.end, to));
  const side = SIDE.exec(after)?.index ?? after.length;
  return [
    ...weigh(`${number.shown.replace(/[\d.,]+/g, ' ')} ${after.slice(0, side)}`, (distance) => 1.3 - distance * 0.05, false),
    // What stands before another number is rather of that one.
    ...weigh(after.slice(side), (distance) => (to < within.end ? 0.35 : 0.75) - distance * 0.03, false),
    ...weigh(claim.slice(from, number.at), (distance) => 1 - distance * 0.02, true),
    ...weigh(claim.slice(within.at, Math.max(within.at, from)), () => 0.35, true),
    ...weigh(claim.slice(Math.max(to, number.end), within.end), () => 0.25, false),
  ];
}

export const wordsOf = (text: string): Near[] => meanings(text).map((word) => ({ word, weight: 1 }));

/** How much of a figure's name was said, less what was not. */
export function scoreFigure({ about }: Pick<Figure, 'about'>, near: readonly Near[]): number {
  let score = 0;
  let unsaid = 0;
  for (const word of new Set(about)) {
    let best = 0;
    for (const { word: said, weight } of near) if (weight > best) best = Math.max(best, sameness(word, said) * weight);
    score += best;
    if (best === 0) unsaid += 1;
  }
  return score === 0 ? 0 : score - 0.05 * Math.min(unsaid, MOST_UNSAID);
}

export interface Meant {
  record: EvidenceRecord;
  figure: Figure;
  score: number;
}

/** A number without a currency is hardly an amount. */
const fitOf = (number: SaidNumber | null, { unit }: Figure): number =>
  number === null || unit === null ? 0 : number.unit !== null ? IN_UNIT : unit.dimension.startsWith('money') ? -IN_UNIT : 0;

/** The figures a number may be of, in its unit: those that are named as well as the best named. All where none is. */
export function figuresMeant(records: readonly EvidenceRecord[], near: readonly Near[], number: SaidNumber | null): Meant[] {
  const found: Meant[] = [];
  for (const record of records)
    for (const figure of record.figures) {
      if (number !== null && valuesAs(number.unit, figure).length === 0) continue;
      const score = scoreFigure(figure, near);
      // A figure that is kept in the unit that was said is meant before one that is kept bare.
      found.push({ record, figure, score: score + fitOf(number, figure) });
    }
  const best = Math.max(0, ...found.map(({ score }) => score));
  return found.filter(({ score }) => score >= best - CLEARLY && (best < UNCLEAR || score > 0));
}

/** @returns each name a figure goes by in these records, best named first; none that was not named at all */
export function namedKeys(records: readonly EvidenceRecord[], near: readonly Near[]): { key: string; score: number }[] {
  const scores = new Map<string, number>();
  for (const { figures, isText } of records)
    if (!isText)
      for (const figure of figures) {
        const key = keyOf(figure);
        if (figure.about.at(-1) === 'many' || figure.isNaming === true) continue;
        if (!scores.has(key)) scores.set(key, scoreFigure(figure, near));
      }
  const best = Math.max(0, ...scores.values());
  return [...scores]
    .map(([key, score]) => ({ key, score }))
    .filter(({ score }) => score > 0 && score >= best - CLEARLY)
    .toSorted((a, b) => b.score - a.score);
}

export const keyOf = ({ about, unit }: Pick<Figure, 'about' | 'unit'>): string => `${about.join(' ')}|${unit?.dimension ?? ''}`;
