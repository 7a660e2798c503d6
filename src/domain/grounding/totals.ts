// What is reckoned from more than two values: what is left of a whole, and sums of products row by row.
import type { Near } from './attributes.ts';
import type { EvidenceRecord } from './evidence-records.ts';
import { isReckoned } from './match-number.ts';
import type { SaidNumber } from './said-numbers.ts';
import { areAlike, inUnitOf, isShare, NAMED, type Term, termsOf } from './terms.ts';
import type { Unit } from './units.ts';

const TAKES_OFF =
  /\b(?:after|before|minus|without|excluding|less|net|left|leav\w+|remain\w*|not|unreserved|free|available|profit|difference|spare|over|more|up|down|added|still|keep|between)\b/i;
const MULTIPLIES =
  /\b(?:worth|cost\w*|total\w*|over|represent\w*|come to|comes to|came to|works? out|value\w*|weighted|adds? up|altogether|in all|bill\w*|for|if|at|pay\w*|earn\w*|expected)\b/i;

/** What is left of the largest when others of the same kind, all named, are taken off. */
export function isNet(said: SaidNumber, terms: readonly Term[], claim: string): boolean {
  if (isShare(said) || said.isRatio || !TAKES_OFF.test(claim)) return false;
  const named = terms.filter(({ score }) => score > NAMED).toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return terms.slice(0, 8).some((whole) => {
    const parts = named.filter((term) => term !== whole && areAlike(whole.unit, term.unit)).slice(0, 4);
    for (let chosen = 1; chosen < 1 << parts.length; chosen += 1) {
      const off = parts.filter((_, at) => (chosen & (1 << at)) !== 0).reduce((sum, part) => sum + inUnitOf(whole, part), 0);
      if (isReckoned(said, whole.value - off, whole.unit)) return true;
    }
    return false;
  });
}

/** Sum of two keys' products over the rows: value by probability, price by stock. */
export function isWeighted(said: SaidNumber, records: readonly EvidenceRecord[], near: readonly Near[], claim: string): boolean {
  if (isShare(said) || said.isRatio || !MULTIPLIES.test(claim)) return false;
  const rows = records.map((record) => termsOf([record], near).filter(({ unit, score }) => unit !== null || score > 0));
  const keys = [...new Set(rows.flatMap((row) => row.map(({ key }) => key)))].slice(0, 10);
  return keys.some((one, at) =>
    keys.slice(at + 1).some((other) => {
      let unit: Unit | null = null;
      const sum = rows.reduce((total, row) => {
        const [a, b] = [row.find(({ key }) => key === one), row.find(({ key }) => key === other)];
        unit ??= [a?.unit, b?.unit].find((each) => each?.dimension.startsWith('money')) ?? null;
        return total + (a?.value ?? 0) * (b?.value ?? 0);
      }, 0);
      return isReckoned(said, sum, unit) || isReckoned(said, sum / 100, unit);
    }),
  );
}
