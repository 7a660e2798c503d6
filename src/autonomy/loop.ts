// The job runner: graphile-worker carries wake-ups, this process's work floor does the work, timers watch what only time decides.
import { EventEmitter } from 'node:events';
import { Logger, type Runner, run, runMigrations, type TaskList, type WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import type { ReadTool } from '../chat/read-tool.ts';
import { setPoolId } from '../db/process-store.ts';
import { wake } from '../db/wake.ts';
import { bookStored } from '../flows/book-provider.ts';
import type { Deps } from '../flows/deps.ts';
import { fulfilOrders } from '../flows/fulfil-orders.ts';
import { scanOpportunities } from '../flows/opportunities/scan-opportunities.ts';
import { repairCards } from '../flows/repair-cards.ts';
import { sealAudit } from '../flows/seal-audit.ts';
import { setLink } from '../flows/set-link.ts';
import { settleDue } from '../flows/settle-due.ts';
import { type AnswerDesk, createAnswerDesk } from './answer-desk.ts';
import { within } from './held-task.ts';
import { createPlanningDesk, type PlanningDesk } from './planning-desk.ts';
import { sweepDead } from './recovery.ts';
import { createTicker } from './ticker.ts';
import { createWorkFloor, type WorkFloor } from './work-floor.ts';

/** Jobs are wake-ups, plans being drafted and payments being booked; tasks and answers run beside them and take no job. */
export const JOBS_AT_ONCE = 6;
/** The engine polls this seldom; NOTIFY brings jobs at once, and our own timer brings what is due. */
const POLL_MS = 60_000;
const SWEEP_MS = 500;
const SEAL_DELAY_MS = 500;
const LONGEST_SLEEP_MS = 60_000;
const SHORTEST_SLEEP_MS = 50;
/** Under load every task and request tells that it will be due; one look serves them all. */
const DUE_DELAY_MS = 500;
/** What runs may finish for so long; what hangs is not waited for longer than the short one, so that an end takes 10 s at most. */
const GRACE_MS = 4_000;
const SHORT_GRACE_MS = 1_000;

export interface Loop {
  onReady(): void;
  onDue(): void;
  onControl(): void;
  onAudit(): void;
  /** After the database was away: look at everything once. */
  onReturn(): void;
  state(): 'ok' | 'down';
  stop(): Promise<void>;
}

/** Makes the job engine's own tables. Before anybody is heard: words need jobs. */
export async function prepareJobs(jobsPool: pg.Pool): Promise<void> {
  await runMigrations({ pgPool: jobsPool });
}

/** @param reads what the agent may read when it answers a question */
export async function startLoop(deps: Deps, jobsPool: pg.Pool, reads: ReadonlyMap<string, ReadTool>): Promise<Loop> {
  const floor = createWorkFloor(deps);
  const stopping = new AbortController();
  const planning = createPlanningDesk(deps, stopping.signal);
  const answers = createAnswerDesk(deps, reads);
  const runner = await startEngine(deps, jobsPool, listJobs(deps, { floor, planning, answers, stopping: stopping.signal }));
  const watched = (what: string, work: () => Promise<number | null>) =>
    createTicker({ work, onError: (error) => deps.log.warn({ err: error }, `${what} failed; trying again`) });
  const due = watched('settling what is due', async () => {
    const next = await settleDue(deps);
    return next === null
      ? LONGEST_SLEEP_MS
      : Math.min(LONGEST_SLEEP_MS, Math.max(SHORTEST_SLEEP_MS, next.getTime() - deps.clock.now().getTime()));
  });
  const orders = watched('fulfilling orders', async () => {
    const next = await fulfilOrders(deps);
    return Math.min(LONGEST_SLEEP_MS, Math.max(SHORTEST_SLEEP_MS, next ?? LONGEST_SLEEP_MS));
  });
  const dead = watched('looking for dead processes', async () => ((await sweepDead(deps)) > 0 ? SWEEP_MS : LONGEST_SLEEP_MS));
  const seal = watched('sealing the audit trail', async () => {
    await sealAudit(deps);
    return null;
  });
  const control = watched('obeying stops', async () => {
    await Promise.all([floor.checkStops(), planning.checkPause(), answers.checkStops()]);
    return null;
  });
  const cards = watched('repairing open cards', async () => {
    await repairCards(deps);
    return null;
  });
  for (const ticker of [due, orders, dead, seal, cards]) ticker.soon(0);
  return {
    onReady: floor.kick,
    onDue: () => {
      due.soon(DUE_DELAY_MS);
      orders.soon(DUE_DELAY_MS);
    },
    onControl: () => {
      control.soon(0);
      dead.soon(0);
      // After a pause, what was paid for meanwhile.
      orders.soon(0);
    },
    onAudit: () => seal.soon(SEAL_DELAY_MS),
    onReturn: () => {
      for (const ticker of [due, orders, dead, seal, control]) ticker.soon(0);
    },
    state: () => (stopping.signal.aborted ? 'down' : 'ok'),
    stop: async () => {
      stopping.abort('stopping');
      // First of all no more wake-ups: those for what we hand back are for others.
      const engine = runner.stop().catch((error: unknown) => deps.log.warn({ err: error }, 'the job engine had stopped already'));
      await within(SHORT_GRACE_MS, Promise.all([due, orders, dead, control, cards].map((ticker) => ticker.stop())));
      await Promise.all([floor.stop({ finishMs: GRACE_MS, abortMs: SHORT_GRACE_MS }), answers.stop(GRACE_MS)]);
      await within(SHORT_GRACE_MS, engine);
      await seal.stop();
      await sealAudit(deps);
    },
  };
}

/** Hears jobs from now on; other processes know under which name this one holds them. */
async function startEngine(deps: Deps, jobsPool: pg.Pool, taskList: TaskList): Promise<Runner> {
  const events: WorkerEvents = new EventEmitter();
  let poolId = '';
  events.on('pool:create', ({ workerPool }) => {
    poolId = workerPool.id;
  });
  // A job added between the engine's first look and its LISTEN is heard by nobody; one more wake-up makes it look again.
  events.on('pool:listen:success', () => {
    setImmediate(() => wake(deps.db, { job: 'work' }).catch((error: unknown) => deps.log.warn({ err: error }, 'could not look for work')));
  });
  const runner: Runner = await run({
    pgPool: jobsPool,
    taskList,
    events,
    concurrency: JOBS_AT_ONCE,
    pollInterval: POLL_MS,
    noHandleSignals: true,
    logger: quietLogger(deps),
  });
  await setPoolId(deps.db, deps.processId, poolId);
  return runner;
}

function listJobs(deps: Deps, on: { floor: WorkFloor; planning: PlanningDesk; answers: AnswerDesk; stopping: AbortSignal }): TaskList {
  return {
    work: async () => on.floor.kick(),
    plan_goal: async (payload) => on.planning.run((payload as { goalId: number }).goalId),
    answer: async (payload) => on.answers.take((payload as { answerId: number }).answerId),
    scan: async (payload) => scanOpportunities(deps, (payload as { scanId: number }).scanId, on.stopping),
    book_payment: async (payload) => bookStored(deps, (payload as { eventId: number }).eventId),
    set_link: async (payload) => setLink(deps, (payload as { launchId: number }).launchId),
  };
}

/** The engine's own lines go to the debug level; its errors stay errors. */
function quietLogger(deps: Deps): Logger {
  return new Logger(() => (level, message) => {
    if (level === 'error') deps.log.error({ engine: message }, 'job engine');
    else deps.log.debug({ engine: message }, 'job engine');
  });
}
