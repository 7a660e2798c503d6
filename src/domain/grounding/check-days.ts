// Days, weekdays and times: a day said of a thing must be that thing's day, under the word it is said of.
import { scoreFigure, wordsOf } from './attributes.ts';
import type { Finding } from './check-claim.ts';
import { type FoundDay, isSameDay, minuteOf, weekdayOf } from './dates.ts';
import type { EvidenceRecord, RecordedDay } from './evidence-records.ts';
import type { Mention } from './mentions.ts';
import { SPEAKS_OF_BEFORE, subjectOf } from './subjects.ts';

const CLEARLY = 0.3;
/** Characters around a day that say which it is. */
const REACH = 60;
const WEEKDAY_BEFORE = /\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday),? (?:the )?$/i;

/** The days that a claim's words name best; all where none is named. */
function daysMeant(claim: string, { at, end }: FoundDay, days: readonly RecordedDay[]): RecordedDay[] {
  const before =
    claim
      .slice(Math.max(0, at - REACH), at)
      .split(/[,;:]|\d\S*/)
      .at(-1) ?? '';
  const after = claim.slice(end, end + REACH / 2).split(/[,;:.]|\band\b|\d/)[0] ?? '';
  const near = wordsOf(`${before} ${after}`.replace(/\btimes?\b/g, ' '));
  const scored = days.map((day) => ({ day, score: scoreFigure(day, near) }));
  const best = Math.max(0, ...scored.map(({ score }) => score));
  return scored.filter(({ score }) => score >= best - CLEARLY && (best === 0 || score > 0)).map(({ day }) => day);
}

function checkWeekday(claim: string, day: FoundDay, records: readonly EvidenceRecord[]): Finding[] {
  const said = WEEKDAY_BEFORE.exec(claim.slice(0, day.at))?.[1]?.toLowerCase();
  if (said === undefined || day.month === null) return [];
  const recorded = records.flatMap(({ days }) => days).find((other) => other.year !== null && isSameDay(day, other));
  const right = weekdayOf(day.year === null && recorded !== undefined ? { ...day, year: recorded.year } : day);
  return right !== null && said !== right ? [{ shown: day.shown, verdict: 'contradicted', why: `that day was a ${right}` }] : [];
}

export function checkDays(claim: string, days: readonly FoundDay[], mentions: readonly Mention[], context: Known): Finding[] {
  // What is denied names no thing.
  const isDenied = /\b(?:no|not|without|never)\b/i.test(claim);
  const named = mentions.filter(({ isDay, isWeak }) => !isDay && !(isWeak && isDenied));
  if (/^[^\p{L}]*(?:no|none|neither|nothing|nobody)\b/iu.test(claim)) return [];
  const { records: subject } = subjectOf(named, context.records, claim);
  const present = SPEAKS_OF_BEFORE.test(claim) ? subject : subject.filter(({ isOld }) => !isOld);
  return days.flatMap((day) => [
    ...checkWeekday(claim, day, context.records),
    ...checkDay(claim, day, present, { ...context, isOfAny: named.length === 0 }),
  ]);
}

/** `on Friday`, told on a day less than a week off. */
function isWeekdayNear(day: FoundDay, subject: readonly EvidenceRecord[], told: readonly RecordedDay[]): boolean {
  const year = day.year ?? told.find((other) => other.year !== null)?.year ?? null;
  const [at, weekday] = [minuteOf({ ...day, year }), weekdayOf({ ...day, year })];
  if (at === null || !subject.some(({ isText, days }) => isText && days.some((other) => other.weekday === weekday && other.month === null)))
    return false;
  return told.some((other) => Math.abs((minuteOf({ ...other, minutes: 0 }) ?? Number.POSITIVE_INFINITY) - at) < 7 * 1440);
}

const MINUTES_A_DAY = 1440;

/** So many days or months after a day of the record: when a term ends. */
function isAfter(day: FoundDay, subject: readonly EvidenceRecord[]): boolean {
  if (day.month === null || day.minutes !== undefined) return false;
  const spans = subject.flatMap(({ figures }) =>
    figures.flatMap(({ value, unit }) => (unit?.dimension === 'time' || unit?.dimension === 'months' ? [{ value, unit }] : [])),
  );
  const starts = subject.flatMap(({ days }) => days.flatMap((start) => (minuteOf(start) === null ? [] : [start])));
  return starts.slice(0, MOST_STARTS).some((start) =>
    spans.slice(0, MOST_STARTS).some(({ value, unit }) => {
      const months = unit.dimension === 'months' ? value * unit.factor : 0;
      const minutes = unit.dimension === 'time' ? (value * unit.factor) / 60 : 0;
      const end = Date.UTC(start.year ?? 0, (start.month ?? 1) - 1 + months, start.day ?? 1) / 60_000 + minutes;
      return [0, -MINUTES_A_DAY].some((off) => {
        const date = new Date((end + off) * 60_000);
        return isSameDay(day, { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() });
      });
    }),
  );
}

const MOST_STARTS = 12;

interface Known {
  records: readonly EvidenceRecord[];
  /** Days the user spoke of. */
  askedDays: readonly FoundDay[];
}

function checkDay(
  claim: string,
  day: FoundDay,
  subject: readonly EvidenceRecord[],
  { records, askedDays, isOfAny }: Known & { isOfAny: boolean },
): Finding[] {
  const isTime = day.minutes !== undefined && day.month === null;
  const own = subject.flatMap((record) => record.days.filter(({ minutes, month }) => (isTime ? minutes !== undefined : month !== null)));
  const isAsked = askedDays.some((other) => isSameDay(day, other) || isSameDay(other, day));
  const isIn = (recorded: readonly RecordedDay[]): boolean => recorded.some((other) => isSameDay(day, other));
  if (own.length === 0)
    return isAsked ||
      isWeekdayNear(
        day,
        subject,
        records.flatMap((record) => record.days),
      ) ||
      records.some((record) => isIn(record.days))
      ? []
      : [{ shown: day.shown, verdict: 'unverified', why: 'no record names this day' }];
  if (
    isIn(daysMeant(claim, day, own)) ||
    isWeekdayNear(
      day,
      subject,
      records.flatMap((record) => record.days),
    ) ||
    isAfter(day, subject) ||
    (isAsked && (isOfAny || own.some(({ about }) => about[0] === 'period')))
  )
    return [];
  return [{ shown: day.shown, verdict: 'contradicted', why: 'the record names another day' }];
}
