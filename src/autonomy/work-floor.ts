// The tasks this process is running right now: starts them, watches their leases, tells them to stop.
import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { readControl } from '../domain/tasks/control-store.ts';
import { handBack, renewLease } from '../domain/tasks/run-store.ts';
import type { Task } from '../domain/tasks/task-store.ts';
import { listStops } from '../domain/tasks/wake-store.ts';
import type { Deps } from '../flows/deps.ts';
import { claimNext, LEASE_SECONDS, runTask } from '../flows/run-task.ts';

const RENEW_MS = 20_000;
const RETRY_MS = 1_000;

interface Running {
  task: Task;
  abort: AbortController;
  done: Promise<void>;
}

export interface WorkFloor {
  /** Claims and runs what is ready, as far as the limits let it. Returns at once. */
  kick(): void;
  /** Obeys cancel and pause: looks at the rows and aborts what must stop. */
  checkStops(): Promise<void>;
  running(): number;
  /** Stops claiming; waits, then aborts, then hands back what even that did not end. */
  stop(grace: { finishMs: number; abortMs: number }): Promise<void>;
}

/** Waits for the work, but no longer than `ms`. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  await Promise.race([work, sleep(ms, undefined, { signal: limit.signal, ref: false }).catch(() => undefined)]);
  limit.abort();
}

/** The task is there for any process again, as it is; whoever listens is told. A lost lease changes nothing. */
async function handBackToAll(deps: Deps, task: Task, delayMs: number): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const lease = { taskId: task.id, fence: task.fence };
    if (await handBack(trx, lease, { delayMs, newAttempt: false, error: null })) await wake(trx, { job: 'work' });
  });
}

/** The database was away: the task is handed back as soon as it answers again; at the latest the lease runs out. */
async function giveUp(deps: Deps, task: Task, isStopping: () => boolean): Promise<void> {
  const deadline = performance.now() + LEASE_SECONDS * 1000;
  while (performance.now() < deadline && !isStopping()) {
    await sleep(RETRY_MS);
    try {
      return await handBackToAll(deps, task, RETRY_MS);
    } catch (error) {
      deps.log.warn({ err: error, taskId: task.id }, 'could not hand a task back; trying again');
    }
  }
}

export function createWorkFloor(deps: Deps): WorkFloor {
  const running = new Map<number, Running>();
  let claiming = false;
  /** A wake-up came while claiming. */
  let again = false;
  /** More is ready than there was room for, here or under the limits of all processes: look again when a run ends. */
  let more = false;
  let stopping = false;
  const max = deps.config.limits.concurrentTasks;

  function kick(): void {
    again = true;
    if (claiming) return;
    claiming = true;
    void claim().catch((error: unknown) => {
      deps.log.error({ err: error }, 'could not claim a task');
      // The wake-up is used up, the task still waits.
      setTimeout(kick, RETRY_MS).unref();
    });
  }

  async function claim(): Promise<void> {
    try {
      while (again && !stopping) {
        again = false;
        more = running.size >= max;
        if (more) return;
        const claimed = await claimNext(deps);
        more = claimed.more;
        if (claimed.task === null) continue;
        if (stopping) return handBackToAll(deps, claimed.task, 0);
        start(claimed.task);
        // One at a time, so that processes which share the work take turns.
        again ||= more;
      }
    } finally {
      claiming = false;
    }
  }

  function start(task: Task): void {
    const abort = new AbortController();
    running.set(task.id, { task, abort, done: run(task, abort) });
  }

  async function run(task: Task, abort: AbortController): Promise<void> {
    const timeout = setTimeout(
      () => abort.abort(`timeout: it ran for ${deps.config.limits.taskTimeoutMs / 1000} s`),
      deps.config.limits.taskTimeoutMs,
    );
    const renew = setInterval(() => void renewOne(task, abort), RENEW_MS);
    try {
      await runTask(deps, task, abort.signal);
    } catch (error) {
      deps.log.error({ err: error, taskId: task.id }, 'a run could not be ended');
      await giveUp(deps, task, () => stopping);
    } finally {
      clearTimeout(timeout);
      clearInterval(renew);
      running.delete(task.id);
      // The claim that is under way may just have been refused for our sake.
      if (more || claiming) kick();
    }
  }

  async function renewOne(task: Task, abort: AbortController): Promise<void> {
    try {
      const standing = await renewLease(deps.db, { taskId: task.id, fence: task.fence }, LEASE_SECONDS);
      if (standing !== 'ours') abort.abort(standing);
    } catch (error) {
      deps.log.warn({ err: error, taskId: task.id }, 'could not renew a lease');
    }
  }

  async function checkStops(): Promise<void> {
    if (running.size === 0) return;
    const paused = (await readControl(deps.db)).pausedAt !== null;
    const stops = paused ? [...running.keys()] : (await listStops(deps.db, deps.processId)).map((task) => task.id);
    for (const id of stops) running.get(id)?.abort.abort(paused ? 'paused' : 'cancelled');
  }

  return {
    kick,
    checkStops,
    running: () => running.size,
    stop: async (grace) => {
      stopping = true;
      const all = () => Promise.all([...running.values()].map((entry) => entry.done));
      await within(grace.finishMs, all());
      for (const entry of running.values()) entry.abort.abort('stopping');
      await within(grace.abortMs, all());
      // Deaf to its signal: the task goes to others, and the fence voids whatever this run still writes.
      for (const { task } of running.values()) await handBackToAll(deps, task, 0);
    },
  };
}
