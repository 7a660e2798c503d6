// When a daily job was last due, in a time zone with its clock changes. Pure; node-cron does the ticking.

const DAY = 86_400_000;
const MINUTE = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', era: 'short', ...parts });
  formats.set(timeZone, made);
  return made;
}

/** What the clock on the wall shows, written as if it were UTC; whole seconds. */
export function wallOf(instant: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(instant)
      .map((part) => [part.type, Number(part.value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The first instant at which the wall shows `wall` or, where a clock change skips that, the first after the change. */
function firstInstant(wall: number, timeZone: string): number {
  // A day to either side lies beyond any offset, so at most the one clock change in question is between them.
  const offsets = [wall - DAY, wall + DAY].map((instant) => wallOf(instant, timeZone) - instant);
  const guesses = offsets.map((offset) => wall - offset).sort((a, b) => a - b);
  const shown = guesses.find((guess) => wallOf(guess, timeZone) === wall);
  if (shown !== undefined) return shown;
  let [before = 0, after = 0] = guesses;
  while (after - before > MINUTE) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE;
    if (wallOf(middle, timeZone) < wall) before = middle;
    else after = middle;
  }
  return after;
}

/**
 * The latest instant, not after `now`, at which the clock on the wall reached hour:minute. A time that a clock change skips counts at the
 * first minute after it; one that comes twice counts once, the first time.
 */
export function lastDailySlot(now: Date, at: { hour: number; minute: number }, timeZone: string): Date {
  const today = Math.floor(wallOf(now.getTime(), timeZone) / DAY) * DAY;
  const time = (at.hour * 60 + at.minute) * MINUTE;
  // A clock set back over midnight makes yesterday of today: tomorrow's slot may have been already.
  for (const day of [1, 0, -1, -2]) {
    const slot = firstInstant(today + day * DAY + time, timeZone);
    if (slot <= now.getTime()) return new Date(slot);
  }
  throw new RangeError(`no slot ${at.hour}:${at.minute} within two days of ${now.toISOString()} in ${timeZone}`);
}
