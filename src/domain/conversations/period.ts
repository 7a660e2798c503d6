// The span of days that words name: "today", "last week", "in November 2026", "since 2026-11-01". Pure; days are the books' own.
import { addDays, firstOfMonth } from '../../core/calendar.ts';

export interface Period {
  from?: string;
  to?: string;
}

const DAY = /\b(\d{4}-\d{2}-\d{2})\b/g;
const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const MONTH = new RegExp(`\\b(?:in|of|for|during|since) (${MONTHS.join('|')})(?: (\\d{4}))?\\b`, 'i');

/** Monday of a day's week (ISO 8601). */
export const firstOfWeek = (day: string): string => addDays(day, -((new Date(day).getUTCDay() + 6) % 7));
const lastOfMonth = (day: string): string => addDays(firstOfMonth(addDays(firstOfMonth(day), 31)), -1);

const NAMED: readonly [RegExp, (today: string) => Period][] = [
  [/\btoday\b|\bso far today\b/i, (today) => ({ from: today, to: today })],
  [/\byesterday\b/i, (today) => ({ from: addDays(today, -1), to: addDays(today, -1) })],
  [/\bthis week\b/i, (today) => ({ from: firstOfWeek(today), to: today })],
  [/\b(?:last|previous) week\b/i, (today) => ({ from: addDays(firstOfWeek(today), -7), to: addDays(firstOfWeek(today), -1) })],
  [/\bthis month\b/i, (today) => ({ from: firstOfMonth(today), to: today })],
  [
    /\b(?:last|previous) month\b/i,
    (today) => {
      const last = addDays(firstOfMonth(today), -1);
      return { from: firstOfMonth(last), to: last };
    },
  ],
  [/\bthis year\b/i, (today) => ({ from: `${today.slice(0, 4)}-01-01`, to: today })],
];

/** @param today the books' day now. Words that name no span give none. */
export function readPeriod(text: string, today: string): Period {
  const days = [...text.matchAll(DAY)].map(([, day = '']) => day).filter((day) => !Number.isNaN(Date.parse(day)));
  if (days.length >= 2) return { from: days.toSorted()[0] ?? today, to: days.toSorted().at(-1) ?? today };
  const [day] = days;
  if (day !== undefined) return /\b(?:since|from|after)\b/i.test(text) ? { from: day, to: today } : { from: day, to: day };
  const back = /\b(?:last|past) (\d{1,3}) days?\b/i.exec(text);
  if (back !== null) return { from: addDays(today, 1 - Math.max(1, Number(back[1]))), to: today };
  const named = NAMED.find(([pattern]) => pattern.test(text));
  return named === undefined ? readMonth(text, today) : named[1](today);
}

/** A month without a year is the latest one that has begun. */
function readMonth(text: string, today: string): Period {
  const match = MONTH.exec(text);
  if (match === null) return {};
  const month = String(MONTHS.indexOf((match[1] ?? '').toLowerCase()) + 1).padStart(2, '0');
  const ofThisYear = `${today.slice(0, 4)}-${month}-01`;
  const year = match[2] ?? String(Number(today.slice(0, 4)) - (ofThisYear > today ? 1 : 0));
  const from = `${year}-${month}-01`;
  const end = lastOfMonth(from);
  return { from, to: end > today ? today : end };
}
