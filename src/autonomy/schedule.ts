// The one table of schedules. node-cron only ticks; a unique slot row makes each tick happen once over all processes.
// Catch-up rule: a daily slot missed while nothing ran happens once at the next start, however many were missed.
import cron, { type ScheduledTask } from 'node-cron';
import { cronOf, type DailyTime, lastSlot } from '../core/calendar.ts';
import type { Slot } from '../db/process-store.ts';
import { type DailyJob, dailyTimes } from '../flows/daily-times.ts';
import type { Deps } from '../flows/deps.ts';
import { forgetVisits } from '../flows/forget-visits.ts';
import { reconcilePayments } from '../flows/reconcile-payments.ts';
import { sendDigest, sendWeekly } from '../flows/send-digest.ts';
import { verifyBooks } from '../flows/verify-books.ts';

/** Each takes the slot itself, in the transaction of what it does where that is one: taken and not done must not happen. */
const RUN: Record<DailyJob, (deps: Deps, slot: Slot) => Promise<void>> = {
  'verify-books': verifyBooks,
  'reconcile-payments': reconcilePayments,
  'send-digest': sendDigest,
  'send-weekly': sendWeekly,
  'forget-visits': forgetVisits,
};

const RETRY_MS = 60_000;

export interface Schedule {
  stop(): Promise<void>;
}

export function startSchedule(deps: Deps): Schedule {
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  let stopped = false;
  const tick = (name: DailyJob, at: DailyTime): void => {
    const slotAt = lastSlot(deps.clock.now(), at, deps.config.timezone);
    const job = RUN[name](deps, { schedule: name, slotAt, processId: deps.processId })
      .catch((error: unknown) => {
        deps.log.error({ err: error, schedule: name }, 'a scheduled job failed; trying again in a minute');
        if (stopped) return;
        const timer = setTimeout(() => {
          timers.delete(timer);
          tick(name, at);
        }, RETRY_MS);
        timers.add(timer);
      })
      .finally(() => running.delete(job));
    running.add(job);
  };
  const tasks: ScheduledTask[] = Object.entries(dailyTimes(deps.config)).map(([name, at]) => {
    tick(name as DailyJob, at);
    return cron.schedule(cronOf(at), () => tick(name as DailyJob, at), { timezone: deps.config.timezone, name });
  });
  return {
    stop: async () => {
      stopped = true;
      for (const task of tasks) await task.destroy();
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
