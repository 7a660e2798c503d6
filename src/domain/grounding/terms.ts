// Values of records that a number may be reckoned from, each with how well the claim names it.
import { keyOf, type Near, scoreFigure } from './attributes.ts';
import type { EvidenceRecord } from './evidence-records.ts';
import type { SaidNumber } from './said-numbers.ts';
import { isSameDimension, toBase, type Unit } from './units.ts';

export interface Term {
  value: number;
  unit: Unit | null;
  key: string;
  /** How well the claim names it. */
  score: number;
  record: EvidenceRecord | null;
}

/** A term that scores more is named by the claim. */
export const NAMED = 0.3;
export const MOST_TERMS = 36;

/** The part of all numbers of its size that would pass for this one. */
export function windowOf({ value, place, bound, unit, isRatio, outOf }: SaidNumber): number {
  if (value === 0) return 1;
  const exact = (outOf === undefined ? place : 1 / outOf) / Math.abs(value);
  if (bound === 'about') return Math.max(exact, 0.12);
  if (bound !== 'exact') return 0.6;
  // A share is one of a hundred at best.
  return Math.max(exact, isRatio || unit?.dimension === 'share' ? 0.01 : 0.0002);
}

export const isShare = ({ unit }: SaidNumber): boolean => unit?.dimension === 'share';
export const areAlike = (a: Unit | null, b: Unit | null): boolean =>
  a === null || b === null ? a === b || (a ?? b)?.factor === 1 : isSameDimension(a, b);
/** In the unit of the first. */
export const inUnitOf = (a: Term, b: Term): number =>
  a.unit !== null && b.unit !== null ? toBase(b.value, b.unit) / a.unit.factor : b.value;

export const pairsOf = (terms: readonly Term[]): [Term, Term][] =>
  terms.flatMap((a, at) => terms.slice(at + 1).map((b): [Term, Term] => [a, b]));

export function termsOf(records: readonly EvidenceRecord[], near: readonly Near[]): Term[] {
  return records.flatMap((record) =>
    record.figures
      .filter(({ about }) => about.at(-1) !== 'many')
      .map((figure) => ({ value: figure.value, unit: figure.unit, key: keyOf(figure), score: scoreFigure(figure, near), record })),
  );
}

/** Sums of what a list (or the part of it that is meant) has under each key, and of products of two keys row by row. */
export function totalsOf(records: readonly EvidenceRecord[], near: readonly Near[]): Term[] {
  const byKey = Map.groupBy(
    termsOf(
      records.filter(({ isText }) => !isText),
      near,
    ),
    ({ key }) => key,
  );
  return [...byKey].flatMap(([key, terms]) => {
    const [first] = terms;
    return first === undefined || terms.length < 2
      ? []
      : [{ ...first, key, value: terms.reduce((sum, { value }) => sum + value, 0), record: null }];
  });
}
