// A number that a record holds as it was said: under its name, in its sentence, as a year, between two days.
import { figuresMeant, type Near } from './attributes.ts';
import { isOfBefore } from './check-changes.ts';
import { minuteOf } from './dates.ts';
import { type EvidenceRecord, type Figure, listOf } from './evidence-records.ts';
import { isFigure, isReckoned } from './match-number.ts';
import type { SaidNumber } from './said-numbers.ts';
import { windowOf } from './terms.ts';

/** A figure of what the things lie in, by its name: the threshold of all. */
export function isAbove(number: SaidNumber, records: readonly EvidenceRecord[], near: readonly Near[], words: string): boolean {
  const above = new Set(
    records.flatMap(({ parent }) => (parent === null ? [] : [parent, ...(parent.parent === null ? [] : [parent.parent])])),
  );
  return figuresMeant([...above], near, number).some(
    ({ figure, score }) => score > 0.5 && figure.about.at(-1) !== 'many' && isFigure(number, figure, words),
  );
}

export function isHeld(number: SaidNumber, records: readonly EvidenceRecord[], near: readonly Near[], words: string): boolean {
  if (number.isRatio)
    return records.some(({ figures }) =>
      figures.some(
        (figure) => figure.about.some((word) => /ratio|factor|multiple|times|fold/.test(word)) && isFigure(number, figure, words),
      ),
    );
  if (figuresMeant(records, near, number).some(({ figure }) => isFigure(number, figure, words) && !isOfBefore(words, figure))) return true;
  // A precise number in a unit says by itself which sentence it is of: only what stands beside it there can be meant instead.
  if (windowOf(number) > (number.unit === null ? 0.002 : number.unit.dimension.startsWith('money') ? 0.13 : 0.01)) return false;
  const isSame = (figure: Figure): boolean => figure.isProse === true && isFigure(number, figure, words);
  return records.some(
    (record) =>
      figuresMeant([record], near, number).some(({ figure }) => isSame(figure)) || (number.unit === null && record.figures.some(isSame)),
  );
}

/** A number that is a word of a figure's name: two days at home. */
export const isNamed = (number: SaidNumber, records: readonly EvidenceRecord[], near: readonly Near[]): boolean =>
  number.bound === 'exact' &&
  records.some(
    ({ figures, isText }) =>
      !isText &&
      figures.some(
        ({ about }) =>
          about.includes(String(number.value)) && about.some((word) => near.some((said) => said.word === word && !/\d/.test(word))),
      ),
  );

export function isYearOf(number: SaidNumber, claim: string, records: readonly EvidenceRecord[]): boolean {
  if (number.unit !== null || !/^(?:19|20)\d\d$/.test(number.shown)) return false;
  if (!/\b(?:in|since|of|by|from|until|to|during|and|year|through|at|before|after) $/i.test(claim.slice(0, number.at))) return false;
  return records.some(
    ({ days, words, figures }) =>
      days.some(({ year }) => year === number.value) ||
      words.includes(` ${number.shown} `) ||
      figures.some(({ about }) => about.includes(number.shown)),
  );
}

/** How long it is between two days or times of one record. */
export function isBetweenDays(number: SaidNumber, records: readonly EvidenceRecord[]): boolean {
  if (number.unit?.dimension !== 'time' && number.unit?.dimension !== 'months') return false;
  const unit = number.unit;
  return records.some(({ days, list, isText }) => {
    const others = isText ? [] : records.filter((record) => listOf(record) === listOf({ list })).flatMap((record) => record.days);
    const at = [
      ...new Set([...days, ...others].slice(0, 40).flatMap((day) => minuteOf(day) ?? (day.month === null ? (day.minutes ?? []) : []))),
    ];
    return at.some((a) =>
      at.some((b) => {
        if (b <= a) return false;
        if (unit.dimension === 'time') return isReckoned(number, (b - a) * 60, { dimension: 'time', factor: 1 });
        return isReckoned(number, (b - a) / 43_830, { dimension: 'months', factor: 1 });
      }),
    );
  });
}
