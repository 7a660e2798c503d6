// One claimed task in this process: its time limit, its lease kept alive, and its way back to everybody when a run cannot be ended.
import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { modeOfKind } from '../domain/brain/modes.ts';
import { handBack, renewLease } from '../domain/tasks/run-store.ts';
import type { Claimed } from '../domain/tasks/run-view-store.ts';
import type { Task } from '../domain/tasks/task-store.ts';
import type { Deps } from '../flows/deps.ts';
import { LEASE_SECONDS, runTask } from '../flows/run-task.ts';

const RENEW_MS = 20_000;
const RETRY_MS = 1_000;

export interface HeldTask {
  task: Task;
  abort: AbortController;
  /** Resolves when this process holds the task no longer; never rejects. */
  done: Promise<void>;
}

/** Runs a claimed task. @param isStopping asked when its end could not be written: a process that stops leaves it to its lease */
export function holdTask(deps: Deps, claimed: Claimed, isStopping: () => boolean): HeldTask {
  const abort = new AbortController();
  // Told to stop while it was going to sleep, or while its process died.
  if (claimed.task.cancel_requested) abort.abort('cancelled');
  return { task: claimed.task, abort, done: run(deps, claimed, abort, isStopping) };
}

async function run(deps: Deps, claimed: Claimed, abort: AbortController, isStopping: () => boolean): Promise<void> {
  const { task } = claimed;
  const taskTimeoutMs = Math.min(
    deps.config.limits.taskTimeoutMs,
    deps.config.modes[modeOfKind(task.kind)].wallMs ?? Number.POSITIVE_INFINITY,
  );
  const timeout = setTimeout(() => abort.abort(`timeout: it ran for ${taskTimeoutMs / 1000} s`), taskTimeoutMs);
  const renew = setInterval(() => void renewOne(deps, task, abort), RENEW_MS);
  try {
    await runTask(deps, claimed, abort.signal);
  } catch (error) {
    deps.log.error({ err: error, taskId: task.id }, 'a run could not be ended');
    await giveUp(deps, task, isStopping);
  } finally {
    clearTimeout(timeout);
    clearInterval(renew);
  }
}

async function renewOne(deps: Deps, task: Task, abort: AbortController): Promise<void> {
  try {
    const standing = await renewLease(deps.db, { taskId: task.id, fence: task.fence }, LEASE_SECONDS);
    if (standing !== 'ours') abort.abort(standing);
  } catch (error) {
    deps.log.warn({ err: error, taskId: task.id }, 'could not renew a lease');
  }
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

/** The task is there for any process again, as it is; whoever listens is told. A lost lease changes nothing. */
export async function handBackToAll(deps: Deps, task: Task, delayMs: number): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const lease = { taskId: task.id, fence: task.fence };
    if (await handBack(trx, lease, { delayMs, newAttempt: false, error: null })) await wake(trx, { job: 'work' });
  });
}

/** Waits for the work, but no longer than `ms`. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  await Promise.race([work, sleep(ms, undefined, { signal: limit.signal, ref: false }).catch(() => undefined)]);
  limit.abort();
}
