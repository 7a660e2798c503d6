// Which jobs run once a day, and when. The schedule ticks them; the digest tells which were missed.
import type { Config } from '../config.ts';
import type { DailyTime } from '../core/calendar.ts';

export type DailyJob = 'verify-books' | 'reconcile-payments' | 'send-digest';

export const dailyTimes = (config: Config): Partial<Record<DailyJob, DailyTime>> => ({
  'verify-books': { hour: 3, minute: 30, weekdays: null },
  ...(config.stripe === null ? {} : { 'reconcile-payments': { hour: 4, minute: 15, weekdays: null } }),
  'send-digest': config.schedule.digest,
});
