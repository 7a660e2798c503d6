// Jobs that are due several times a day: reading their cron line, and when one was last due. Pure; node-cron does the ticking.
import { lastSlot } from './calendar.ts';

/** Several times a day, on every weekday or some. */
export interface RepeatedTime {
  times: readonly { hour: number; minute: number }[];
  weekdays: readonly number[] | null;
}

/** As often as every quarter of an hour. */
const MOST_TIMES = 96;

// Minutes and hours as numbers, lists, ranges and steps: 0 */4 * * *, or 15,45 8-18/2 * * 1-5.
/** Null for anything else, or more than 96 a day. */
export function parseRepeatedCron(text: string): RepeatedTime | null {
  const [minutes = '', hours = '', day, month, weekdays = '', ...rest] = text.trim().split(/\s+/);
  if (day !== '*' || month !== '*' || rest.length > 0) return null;
  const [minuteList, hourList] = [expand(minutes, 59), expand(hours, 23)];
  const weekdayList = weekdays === '*' ? null : expand(weekdays, 7)?.map((one) => one % 7);
  if (minuteList === null || hourList === null || weekdayList === undefined) return null;
  const times = hourList.flatMap((hour) => minuteList.map((minute) => ({ hour, minute })));
  return times.length > MOST_TIMES ? null : { times, weekdays: weekdayList === null ? null : [...new Set(weekdayList)].toSorted() };
}

/** From 0 to `last`, in order; null when it is no such field. */
function expand(field: string, last: number): number[] | null {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (match === null) return null;
    const [, first, to, step] = match;
    const from = Number(first ?? 0);
    // `5/10` means from 5 on, as cron has it.
    const until = first === undefined || (to === undefined && step !== undefined) ? last : Number(to ?? from);
    const by = Number(step ?? 1);
    if (by === 0 || until > last || from > until) return null;
    for (let one = from; one <= until; one += by) found.add(one);
  }
  return [...found].toSorted((a, b) => a - b);
}

/** In the five fields that node-cron reads; every time is one of hour × minute. */
export function cronOfRepeated({ times, weekdays }: RepeatedTime): string {
  const list = (values: readonly number[]): string => [...new Set(values)].join(',');
  return `${list(times.map(({ minute }) => minute))} ${list(times.map(({ hour }) => hour))} * * ${weekdays?.join(',') ?? '*'}`;
}

/** The latest moment, not after `now`, at which it was due. */
export function lastRepeatedSlot(now: Date, { times, weekdays }: RepeatedTime, timeZone: string): Date {
  const slots = times.map((time) => lastSlot(now, { ...time, weekdays }, timeZone).getTime());
  return new Date(Math.max(...slots));
}
