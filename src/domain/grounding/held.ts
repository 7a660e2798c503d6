// A number that a record holds as it was said: under its name, in its sentence, as a year, between two days.
import { figuresMeant, type Near, scoreFigure } from './attributes.ts';
import { isOfBefore } from './check-changes.ts';
import { minuteOf } from './dates.ts';
import { type EvidenceRecord, type Figure, listOf } from './evidence-records.ts';
import { isFigure, isReckoned, valuesAs } from './match-number.ts';
import type { SaidNumber } from './said-numbers.ts';
import { windowOf } from './terms.ts';
import { meanings } from './words.ts';

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
  const scoreOf = ({ figures }: EvidenceRecord): number =>
    Math.max(0, ...figures.filter((figure) => valuesAs(number.unit, figure).length > 0).map((figure) => scoreFigure(figure, near)));
  const best = Math.max(0, ...records.map(scoreOf));
  return records.some(
    (record) =>
      scoreOf(record) >= best - OUTSAID &&
      (number.unit === null ? record.figures : figuresMeant([record], near, number).map(({ figure }) => figure)).some(isSame),
  );
}

/** Where another sentence names it by so much more, that one is meant. */
const OUTSAID = 0.75;

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
  if (
    !/\b(?:in|since|of|by|from|until|to|during|and|year|through|at|before|after|the|this|its|their|our|his|her) $|['’]s $/i.test(
      claim.slice(0, number.at),
    )
  )
    return false;
  const has = ({ days, words, figures }: EvidenceRecord): boolean =>
    days.some(({ year }) => year === number.value) ||
    words.includes(` ${number.shown} `) ||
    figures.some(({ about }) => about.includes(number.shown));
  // Of sentences that tell of years, one that says more of the claim's words is the one that is meant.
  const said = meanings(claim).filter((word) => !/\d/.test(word));
  const shared = ({ words }: EvidenceRecord): number => said.filter((word) => words.includes(` ${word}`)).length;
  const telling = records.filter(({ isText, words }) => isText && / (?:19|20)\d\d /.test(words));
  const best = Math.max(0, ...telling.map(shared));
  return records.some((record) => has(record) && (!record.isText || best < 2 || shared(record) * 3 >= best));
}

const MOST_TOLD = 8;

/** How long it is between two days or times of one record. */
export function isBetweenDays(number: SaidNumber, records: readonly EvidenceRecord[]): boolean {
  if (number.unit?.dimension !== 'time' && number.unit?.dimension !== 'months') return false;
  const unit = number.unit;
  return records.some(({ days, list, isText }) => {
    const told = isText ? records.filter((record) => record.list === list).flatMap((record) => record.days) : [];
    const others = isText
      ? told.length <= MOST_TOLD
        ? told
        : []
      : records.filter((record) => listOf(record) === listOf({ list })).flatMap((record) => record.days);
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
