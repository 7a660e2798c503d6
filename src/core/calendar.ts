// Days of the calendar as `2026-11-22`, and when a daily job is due. Pure; which moment is meant, a time zone says.
import { lastDailySlot, wallOf } from './daily-slot.ts';

const DAY = 86_400_000;

/** The day that the clock on the wall shows. */
export const dayOf = (instant: Date, timeZone: string): string => new Date(wallOf(instant.getTime(), timeZone)).toISOString().slice(0, 10);

export const addDays = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);

/** A moment within that day, wherever it is: for what is only known to the day. */
export function momentOn(day: string, timeZone: string): Date {
  // Noon by Greenwich lies in the same day nearly everywhere, midnight in the far east.
  const guesses = [12, 0, 23].map((hour) => new Date(Date.parse(day) + hour * 3_600_000));
  return guesses.find((guess) => dayOf(guess, timeZone) === day) ?? new Date(day);
}

export const firstOfMonth = (day: string): string => `${day.slice(0, 8)}01`;

/** `count` days in order, the last one included. */
export const daysUpTo = (last: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => addDays(last, index - count + 1));

/** Once a day, on every weekday or some (0 is Sunday). */
export interface DailyTime {
  hour: number;
  minute: number;
  weekdays: readonly number[] | null;
}

/** Reads `0 9 * * *` or `30 8 * * 1-5`: minute, hour, and at most weekdays. Null for anything that is not once a day. */
export function parseDailyCron(text: string): DailyTime | null {
  const match = /^\s*(\d{1,2})\s+(\d{1,2})\s+\*\s+\*\s+(\*|[0-7](?:-[0-7])?(?:,[0-7](?:-[0-7])?)*)\s*$/.exec(text);
  if (match === null) return null;
  const [minute, hour] = [Number(match[1]), Number(match[2])];
  const days = (match[3] ?? '').split(',').flatMap((part) => {
    if (part === '*') return [];
    const [from = 0, to = from] = part.split('-').map(Number);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => (from + index) % 7);
  });
  if (minute > 59 || hour > 23 || (match[3] !== '*' && days.length === 0)) return null;
  return { hour, minute, weekdays: match[3] === '*' ? null : [...new Set(days)].toSorted() };
}

export const cronOf = (at: DailyTime): string => `${at.minute} ${at.hour} * * ${at.weekdays?.join(',') ?? '*'}`;

/** The latest moment, not after `now`, at which it was due; see lastDailySlot for clock changes. */
export function lastSlot(now: Date, at: DailyTime, timeZone: string): Date {
  let slot = lastDailySlot(now, at, timeZone);
  while (at.weekdays !== null && !at.weekdays.includes(new Date(dayOf(slot, timeZone)).getUTCDay()))
    slot = lastDailySlot(new Date(slot.getTime() - 1), at, timeZone);
  return slot;
}

/** Every moment from `since` to `now` at which it was due, oldest first. */
export function slotsSince(since: Date, now: Date, at: DailyTime, timeZone: string): Date[] {
  const slots: Date[] = [];
  for (let slot = lastSlot(now, at, timeZone); slot >= since; slot = lastSlot(new Date(slot.getTime() - 1), at, timeZone))
    slots.unshift(slot);
  return slots;
}
