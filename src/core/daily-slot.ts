// When a daily job was last due, in a time zone with its clock changes. Pure; node-cron does the ticking.

/** Local wall-clock parts of an instant. */
function localParts(instant: Date, timeZone: string): { minutes: number; date: string } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(instant);
  const get = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return { minutes: Number(get('hour')) * 60 + Number(get('minute')), date: `${get('year')}-${get('month')}-${get('day')}` };
}

const MINUTE = 60_000;
const LONGEST_DAY_MINUTES = 25 * 60;

/**
 * The latest instant, not after `now`, at which the clock on the wall reached hour:minute. A time that a clock change skips counts at the
 * first minute after it; one that comes twice counts once, the first time.
 */
export function lastDailySlot(now: Date, at: { hour: number; minute: number }, timeZone: string): Date {
  const wanted = at.hour * 60 + at.minute;
  let latest = Math.floor(now.getTime() / MINUTE) * MINUTE;
  for (let back = 0; back <= 2 * LONGEST_DAY_MINUTES; back += 1) {
    const instant = latest - back * MINUTE;
    const here = localParts(new Date(instant), timeZone);
    const before = localParts(new Date(instant - MINUTE), timeZone);
    const reached = here.minutes >= wanted && (before.minutes < wanted || before.date !== here.date);
    if (!reached) continue;
    const first = firstOfTheDay(instant, here.date, wanted, timeZone);
    if (first !== null) return new Date(first);
  }
  latest = now.getTime();
  throw new RangeError(`no slot ${at.hour}:${at.minute} within two days of ${now.toISOString()} in ${timeZone} (${latest})`);
}

/** When the clock went back over the slot, the same local time was reached an hour or so before: that one counts. */
function firstOfTheDay(instant: number, date: string, wanted: number, timeZone: string): number | null {
  for (let back = 1; back <= 180; back += 1) {
    const earlier = localParts(new Date(instant - back * MINUTE), timeZone);
    if (earlier.date === date && earlier.minutes >= wanted) {
      const before = localParts(new Date(instant - (back + 1) * MINUTE), timeZone);
      if (before.minutes < wanted || before.date !== date) return instant - back * MINUTE;
    }
  }
  return instant;
}
