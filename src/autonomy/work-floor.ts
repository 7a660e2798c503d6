// The tasks this process is running right now: starts them, watches their leases, tells them to stop.
import { readControl } from '../domain/tasks/control-store.ts';
import { handBack, renewLease } from '../domain/tasks/run-store.ts';
import type { Task } from '../domain/tasks/task-store.ts';
import { listStops } from '../domain/tasks/wake-store.ts';
import type { Deps } from '../flows/deps.ts';
import { claimNext, LEASE_SECONDS, runTask } from '../flows/run-task.ts';

const RENEW_MS = 20_000;

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
  /** Stops claiming; waits, then aborts and hands back what is left. */
  stop(graceMs: number): Promise<void>;
}

export function createWorkFloor(deps: Deps): WorkFloor {
  const running = new Map<number, Running>();
  let claiming = 0;
  let stopping = false;
  const max = deps.config.limits.concurrentTasks;

  function kick(): void {
    if (stopping || running.size + claiming >= max) return;
    claiming += 1;
    void claimOne()
      .catch((error: unknown) => deps.log.error({ err: error }, 'could not claim a task'))
      .finally(() => {
        claiming -= 1;
      });
  }

  async function claimOne(): Promise<void> {
    const task = await claimNext(deps);
    if (task === undefined) return;
    if (stopping) {
      await handBack(deps.db, { taskId: task.id, fence: task.fence }, { delayMs: 0, newAttempt: false, error: null });
      return;
    }
    const abort = new AbortController();
    running.set(task.id, { task, abort, done: run(task, abort) });
    // Perhaps more is ready than one wake-up said.
    queueMicrotask(kick);
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
      // The database was away; the lease runs out or a sweep hands the task on.
      deps.log.error({ err: error, taskId: task.id }, 'a run could not be ended');
    } finally {
      clearTimeout(timeout);
      clearInterval(renew);
      running.delete(task.id);
      kick();
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
    stop: async (graceMs) => {
      stopping = true;
      const all = () => Promise.all([...running.values()].map((entry) => entry.done));
      await Promise.race([all(), new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
      for (const entry of running.values()) entry.abort.abort('stopping');
      await all();
    },
  };
}
