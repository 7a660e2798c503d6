// Which jobs run once a day or on some days of the week, and when. The schedule ticks them; the digest tells which were missed.
import type { Config } from '../config.ts';
import type { DailyTime } from '../core/calendar.ts';

export type DailyJob = 'verify-books' | 'reconcile-payments' | 'send-digest' | 'send-weekly' | 'forget-visits';

const MONDAY = 1;

export const dailyTimes = (config: Config): Partial<Record<DailyJob, DailyTime>> => ({
  'forget-visits': { hour: 0, minute: 5, weekdays: null },
  'verify-books': { hour: 3, minute: 30, weekdays: null },
  ...(config.stripe === null ? {} : { 'reconcile-payments': { hour: 4, minute: 15, weekdays: null } }),
  'send-digest': config.schedule.digest,
  'send-weekly': afterDigest(config.schedule.digest),
});

/** On Mondays, five minutes after the digest, whose day may be another; never on the day after. */
function afterDigest({ hour, minute }: DailyTime): DailyTime {
  const later = Math.min(hour * 60 + minute + 5, 24 * 60 - 1);
  return { hour: Math.floor(later / 60), minute: later % 60, weekdays: [MONDAY] };
}
