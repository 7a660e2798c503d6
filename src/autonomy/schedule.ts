// The one table of schedules. node-cron only ticks; a unique slot row makes each tick happen once over all processes.
// Catch-up rule: a slot missed while nothing ran happens once at the next start, however many were missed.
import cron, { type ScheduledTask } from 'node-cron';
import { cronOf, lastSlot } from '../core/calendar.ts';
import { cronOfRepeated, lastRepeatedSlot } from '../core/repeated-time.ts';
import type { Slot } from '../db/process-store.ts';
import { type DailyJob, dailyTimes } from '../flows/daily-times.ts';
import type { Deps } from '../flows/deps.ts';
import { forgetVisits } from '../flows/forget-visits.ts';
import { scanAtSlot } from '../flows/opportunities/start-scan.ts';
import { reconcilePayments } from '../flows/reconcile-payments.ts';
import { sendDigest, sendWeekly } from '../flows/send-digest.ts';
import { verifyBooks } from '../flows/verify-books.ts';

/** Each takes the slot itself, in the transaction of what it does where that is one: taken and not done must not happen. */
type Job = DailyJob | 'scan';

const RUN: Record<Job, (deps: Deps, slot: Slot) => Promise<void>> = {
  'verify-books': verifyBooks,
  'reconcile-payments': reconcilePayments,
  'send-digest': sendDigest,
  'send-weekly': sendWeekly,
  'forget-visits': forgetVisits,
  scan: scanAtSlot,
};

interface Timed {
  name: Job;
  cron: string;
  last(now: Date): Date;
}

function listJobs({ config }: Deps): Timed[] {
  const { timezone, schedule } = config;
  const daily = Object.entries(dailyTimes(config)).map(([name, at]) => ({
    name: name as DailyJob,
    cron: cronOf(at),
    last: (now: Date) => lastSlot(now, at, timezone),
  }));
  return [...daily, { name: 'scan', cron: cronOfRepeated(schedule.scan), last: (now) => lastRepeatedSlot(now, schedule.scan, timezone) }];
}

const RETRY_MS = 60_000;

export interface Schedule {
  stop(): Promise<void>;
}

export function startSchedule(deps: Deps): Schedule {
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  let stopped = false;
  const tick = (timed: Timed): void => {
    const slot = { schedule: timed.name, slotAt: timed.last(deps.clock.now()), processId: deps.processId };
    const job = RUN[timed.name](deps, slot)
      .catch((error: unknown) => {
        deps.log.error({ err: error, schedule: timed.name }, 'a scheduled job failed; trying again in a minute');
        if (stopped) return;
        const timer = setTimeout(() => {
          timers.delete(timer);
          tick(timed);
        }, RETRY_MS);
        timers.add(timer);
      })
      .finally(() => running.delete(job));
    running.add(job);
  };
  const tasks: ScheduledTask[] = listJobs(deps).map((timed) => {
    tick(timed);
    return cron.schedule(timed.cron, () => tick(timed), { timezone: deps.config.timezone, name: timed.name });
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
