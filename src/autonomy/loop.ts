// The job runner: graphile-worker carries wake-ups, this process's work floor does the work, timers watch what only time decides.
import { EventEmitter } from 'node:events';
import { Logger, type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import { setPoolId } from '../db/process-store.ts';
import { findNextDue } from '../domain/tasks/wake-store.ts';
import type { Deps } from '../flows/deps.ts';
import { planGoal } from '../flows/plan-goal.ts';
import { bookPayment } from '../flows/record-payment.ts';
import { sealAudit } from '../flows/seal-audit.ts';
import { settleDue } from '../flows/settle-due.ts';
import { sweepDead } from './recovery.ts';
import { createTicker } from './ticker.ts';
import { createWorkFloor } from './work-floor.ts';

/** The engine polls this seldom; NOTIFY brings jobs at once, and our own timer brings what is due. */
const POLL_MS = 60_000;
const SWEEP_MS = 500;
const SEAL_DELAY_MS = 250;
const LONGEST_SLEEP_MS = 60_000;
const SHORTEST_SLEEP_MS = 50;
const GRACE_MS = 5_000;

export interface Loop {
  onDue(): void;
  onControl(): void;
  onAudit(): void;
  /** After the database was away: look at everything once. */
  onReturn(): void;
  state(): 'ok' | 'down';
  stop(): Promise<void>;
}

export async function startLoop(deps: Deps, jobsPool: pg.Pool): Promise<Loop> {
  const floor = createWorkFloor(deps);
  const stopping = new AbortController();
  const taskList: TaskList = {
    work: async () => floor.kick(),
    plan_goal: async (payload) => planGoal(deps, (payload as { goalId: number }).goalId, stopping.signal),
    book_payment: async (payload) => bookPayment(deps, (payload as { eventId: number }).eventId),
  };
  const events: WorkerEvents = new EventEmitter();
  let poolId = '';
  events.on('pool:create', ({ workerPool }) => {
    poolId = workerPool.id;
  });
  const runner: Runner = await run({
    pgPool: jobsPool,
    taskList,
    events,
    concurrency: deps.config.limits.concurrentTasks + 2,
    pollInterval: POLL_MS,
    noHandleSignals: true,
    logger: quietLogger(deps),
  });
  await setPoolId(deps.db, deps.processId, poolId);

  const watched = (what: string, work: () => Promise<number | null>) =>
    createTicker({ work, onError: (error) => deps.log.warn({ err: error }, `${what} failed; trying again`) });
  const due = watched('settling what is due', async () => {
    await settleDue(deps);
    const next = await findNextDue(deps.db);
    return next === null
      ? LONGEST_SLEEP_MS
      : Math.min(LONGEST_SLEEP_MS, Math.max(SHORTEST_SLEEP_MS, next.getTime() - deps.clock.now().getTime()));
  });
  const dead = watched('looking for dead processes', async () => ((await sweepDead(deps)) > 0 ? SWEEP_MS : LONGEST_SLEEP_MS));
  const seal = watched('sealing the audit trail', async () => {
    await sealAudit(deps);
    return null;
  });
  const control = watched('obeying stops', async () => {
    await floor.checkStops();
    return null;
  });
  for (const ticker of [due, dead, seal]) ticker.soon(0);
  return {
    onDue: () => due.soon(SHORTEST_SLEEP_MS),
    onControl: () => {
      control.soon(0);
      dead.soon(0);
    },
    onAudit: () => seal.soon(SEAL_DELAY_MS),
    onReturn: () => {
      for (const ticker of [due, dead, seal, control]) ticker.soon(0);
    },
    state: () => (stopping.signal.aborted ? 'down' : 'ok'),
    stop: async () => {
      stopping.abort('stopping');
      await Promise.all([due, dead, control].map((ticker) => ticker.stop()));
      await floor.stop(GRACE_MS);
      await runner.stop().catch((error: unknown) => deps.log.warn({ err: error }, 'the job engine had stopped already'));
      await seal.stop();
      await sealAudit(deps);
    },
  };
}

/** The engine's own lines go to the debug level; its errors stay errors. */
function quietLogger(deps: Deps): Logger {
  return new Logger(() => (level, message) => {
    if (level === 'error') deps.log.error({ engine: message }, 'job engine');
    else deps.log.debug({ engine: message }, 'job engine');
  });
}
