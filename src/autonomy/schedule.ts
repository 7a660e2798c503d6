// The one table of schedules. node-cron only ticks; a unique slot row makes each tick happen once over all processes.
// Catch-up rule: a daily slot missed while nothing ran happens once at the next start, however many were missed.
import cron, { type ScheduledTask } from 'node-cron';
import { lastDailySlot } from '../core/daily-slot.ts';
import { takeSlot } from '../db/process-store.ts';
import type { Deps } from '../flows/deps.ts';
import { verifyBooks } from '../flows/verify-books.ts';

interface Entry {
  name: string;
  at: { hour: number; minute: number };
  run: (deps: Deps) => Promise<void>;
}

const DAILY: readonly Entry[] = [{ name: 'verify-books', at: { hour: 3, minute: 30 }, run: verifyBooks }];

export interface Schedule {
  stop(): Promise<void>;
}

export function startSchedule(deps: Deps): Schedule {
  const tasks: ScheduledTask[] = [];
  const running = new Set<Promise<void>>();
  for (const entry of DAILY) {
    const tick = (): void => {
      const job = runSlot(deps, entry)
        .then(() => undefined)
        .catch((error: unknown) => deps.log.error({ err: error, schedule: entry.name }, 'a scheduled job failed'))
        .finally(() => running.delete(job));
      running.add(job);
    };
    tasks.push(cron.schedule(`${entry.at.minute} ${entry.at.hour} * * *`, tick, { timezone: deps.config.timezone, name: entry.name }));
    tick();
  }
  return {
    stop: async () => {
      for (const task of tasks) await task.destroy();
      await Promise.all(running);
    },
  };
}

/** Runs the latest slot that is due, unless it was taken before. */
async function runSlot(deps: Deps, entry: Entry): Promise<boolean> {
  const slotAt = lastDailySlot(deps.clock.now(), entry.at, deps.config.timezone);
  if (!(await takeSlot(deps.db, { schedule: entry.name, slotAt, processId: deps.processId }))) return false;
  await entry.run(deps);
  return true;
}
