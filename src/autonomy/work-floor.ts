// The tasks this process is running right now: claims them one by one as there is room, and tells them to stop.
import { readControl } from '../domain/tasks/control-store.ts';
import { releaseUnknown } from '../domain/tasks/run-store.ts';
import type { Claimed } from '../domain/tasks/run-view-store.ts';
import { listStops } from '../domain/tasks/wake-store.ts';
import type { Deps } from '../flows/deps.ts';
import { claimNext } from '../flows/run-task.ts';
import { type HeldTask, handBackToAll, holdTask, within } from './held-task.ts';

const RETRY_MS = 1_000;

export interface WorkFloor {
  /** Claims and runs what is ready, as far as the limits let it. Returns at once. */
  kick(): void;
  /** Obeys cancel and pause: looks at the rows and aborts what must stop. */
  checkStops(): Promise<void>;
  running(): number;
  /** Stops claiming; waits, then aborts, then hands back what even that did not end. */
  stop(grace: { finishMs: number; abortMs: number }): Promise<void>;
}

export function createWorkFloor(deps: Deps): WorkFloor {
  const running = new Map<number, HeldTask>();
  let claiming = false;
  /** A wake-up came while claiming. */
  let again = false;
  /** More is ready than there was room for, here or under the limits of all processes: look again when a run ends. */
  let more = false;
  /** A claim failed on its way: there may be tasks of ours that we know nothing of. */
  let inDoubt = false;
  let stopping = false;

  function kick(): void {
    again = true;
    if (claiming) return;
    claiming = true;
    claimAll()
      .catch((error: unknown) => {
        deps.log.error({ err: error }, 'could not claim a task');
        // The wake-up is used up, the task still waits; or it was claimed, and the answer got lost.
        inDoubt = true;
        setTimeout(kick, RETRY_MS).unref();
      })
      .finally(() => {
        claiming = false;
      });
  }

  async function claimAll(): Promise<void> {
    while (again && !stopping) {
      again = false;
      if (inDoubt) await releaseUnknown(deps.db, deps.processId, [...running.keys()]);
      inDoubt = false;
      more = running.size >= deps.config.limits.concurrentTasks;
      if (!more) await claimOne();
    }
  }

  /** One at a time, so that processes which share the work take turns. */
  async function claimOne(): Promise<void> {
    const next = await claimNext(deps);
    more = next.more;
    if (next.claimed === null) return;
    if (stopping) return handBackToAll(deps, next.claimed.task, 0);
    start(next.claimed);
    again ||= more;
  }

  function start(claimed: Claimed): void {
    const { task } = claimed;
    const held = holdTask(deps, claimed, () => stopping);
    running.set(task.id, held);
    void held.done.then(() => {
      running.delete(task.id);
      // The claim that is under way may just have been refused for our sake.
      if (more || claiming) kick();
    });
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
      const all = () => Promise.all([...running.values()].map((held) => held.done));
      await within(grace.finishMs, all());
      for (const held of running.values()) held.abort.abort('stopping');
      await within(grace.abortMs, all());
      // Deaf to its signal: the task goes to others, and the fence voids whatever this run still writes.
      for (const { task } of running.values()) await handBackToAll(deps, task, 0);
    },
  };
}
