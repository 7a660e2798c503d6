// The figures, days and changes that a text tells of.
import { changesIn } from './check-changes.ts';
import { findDays } from './dates.ts';
import type { EvidenceRecord, Figure } from './evidence-records.ts';
import { FALLING, RISING } from './match-number.ts';
import { findNumbers } from './numbers.ts';
import type { SaidNumber } from './said-numbers.ts';
import { meanings } from './words.ts';

/** Ids and named numbers count nothing. */
const CODE =
  /#\d+\b|(?<![\w.,/:-])(?:[A-Z]{2})?\+?\(?\d{2,5}\)?(?:[ -]\d{2,6}){2,6}(?![\w/:-]|[.,]\d)|\b[A-Za-z]{1,12}[-_]?\d[\w-]*\b|\b\d+[a-z]+\d\w*\b|\b(?:Disk|Volume|Room|Phase|Step|Unit|Line|Site|Part|Zone|Gate|Route|Floor|Level|Batch|Shelf|Server|Node) \d+\b|\b\d+(?:\.\d+){2,}[\w-]*/g;
/** Between numbers of which one thing is said. */
const SERIES = /^(?: \p{L}+){0,2} (?:to|and|or|from|against|until) (?:just |only |about )?$|^ ?[-–] ?$/u;
const SHARE = { dimension: 'share', factor: 1 };

/** What prose says of its sign, before it. */
function trendOf(before: string): Pick<Figure, 'trend'> {
  const isFall = FALLING.test(before);
  return isFall === RISING.test(before) ? {} : { trend: isFall ? 'falls' : 'rises' };
}

/** Two in five, half of them: a share. */
function partOf({ outOf, value, isRatio }: SaidNumber): number | null {
  if (outOf !== undefined) return value / outOf;
  return isRatio && value < 1 ? value : null;
}

/** @param about the words of the key that the text stands under */
export function readProse(text: string, about: readonly string[]): Pick<EvidenceRecord, 'days' | 'figures' | 'changes'> {
  const found = findDays(text);
  const days = found.map(({ at, end, shown, ...day }) => ({
    ...day,
    about: about.length > 0 ? about : meanings(text.slice(Math.max(0, at - 40), at)),
  }));
  if (/^-?\d[\d.]*$/.test(text.trim())) return { days, figures: [], changes: [] };
  const codes = [...text.matchAll(CODE)].map((match) => ({ at: match.index, end: match.index + match[0].length }));
  const numbers = findNumbers(text, (at) => [...found, ...codes].some((part) => at >= part.at && at < part.end));
  const isProse = /\p{L}{3}.*\p{L}{3}/u.test(text);
  const figures = numbers.flatMap((number, index): Figure[] => {
    // `from 38 accounts to 214`: what is said of the first is said of the second.
    const last = numbers[index - 1];
    const isSecond = last !== undefined && SERIES.test(text.slice(last.end, number.at));
    const before = text.slice((isSecond ? numbers[index - 2]?.end : last?.end) ?? 0, number.at);
    const after = text.slice(number.end, numbers[index + 1]?.at ?? text.length);
    const near = meanings(`${before.split(/[.;]/).at(-1)?.slice(-60)} ${after.split(/[.;,]/)[0]?.slice(0, 40)}`);
    const of = [...about, ...near];
    const part = partOf(number);
    const per = number.per === undefined ? {} : { per: number.per };
    const figure = { about: of, value: number.value, unit: number.unit, isProse, ...per, ...trendOf(before) };
    return part === null ? [figure] : [{ about: of, value: part, unit: SHARE }, figure];
  });
  return { days, figures, changes: changesIn(text, numbers) };
}
