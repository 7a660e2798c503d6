// The world of the approvals bench: a bot in its own process, a scripted model, a far side that counts, a person who clicks, tasks to do.
import { addGoal } from '../src/domain/goals/goal-store.ts';
import { addPlan } from '../src/domain/goals/plan-store.ts';
import { addTasks } from '../src/domain/tasks/task-store.ts';
import { type ModelDouble, startModelDouble } from '../test/support/model-double.ts';
import { type BenchDatabase, makeDataDir, openBenchDatabase, removeDataDir } from './bench-database.ts';
import { type BotProcess, startBot } from './bot-process.ts';
import { type Clicker, openHttpClick, startClicker } from './clicker.ts';
import { type FarSide, startFarSide } from './far-side.ts';
import { createGate } from './gate.ts';
import { nextCall, readTaskId, resultsIn } from './scripted-model.ts';

const LIMIT_MS = 60_000;
const LOOK_AGAIN_MS = 10;

export interface ApprovalsBench {
  database: BenchDatabase;
  bot: BotProcess;
  far: FarSide;
  clicker: Clicker;
  /** Task → when its act reached the far side, ms of performance.now(). */
  actedAt: Map<number, number>;
  /** Resolves when the act of a task is recorded: the model is asked what comes next. */
  whenRecorded(taskId: number): Promise<void>;
  /** Keeps back the model's answers to the question after the act, until released. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** @param inProcess the model answers in the bot and the click is dispatched there: what peers measure, who have neither */
export async function openApprovalsBench(inProcess: boolean): Promise<ApprovalsBench> {
  const dataDir = await makeDataDir('approvals');
  const double = await startModelDouble();
  const far = await startFarSide();
  const bot = await startBot({
    dataDir,
    env: environmentFor(double),
    script: [new URL('approvals-bot.ts', import.meta.url).pathname, far.url, inProcess ? 'in-process' : 'http'],
  });
  const database = await openBenchDatabase(dataDir);
  const clicker = await startClicker(database, inProcess ? (id) => bot.order({ say: 'approve', id }) : openHttpClick(bot));
  const actedAt = new Map<number, number>();
  far.onAct = (body) => actedAt.set(Number(body.offerId.split('-')[1]), performance.now());
  const gate = createGate();
  const recorded = new Map<number, () => void>();
  bot.onWord((word) => {
    if ('recorded' in word) recorded.get(word.recorded)?.();
  });
  double.otherwise(async ({ body }) => {
    const taskId = readTaskId(body.messages);
    const results = resultsIn(body.messages);
    if (results.length > 0) {
      recorded.get(taskId)?.();
      await gate.open();
    }
    return { text: 'next', toolCalls: [nextCall(taskId, results)] };
  });
  return {
    database,
    bot,
    far,
    clicker,
    actedAt,
    whenRecorded: (taskId) => within(new Promise<void>((resolve) => recorded.set(taskId, resolve)), `task ${taskId}`),
    hold: () => {
      gate.close();
      bot.order({ say: 'hold' });
    },
    release: () => {
      gate.release();
      bot.order({ say: 'release' });
    },
    close: async () => {
      gate.release();
      await clicker.stop();
      await bot.stop();
      await database.close();
      await double.stop();
      await far.stop();
      await removeDataDir(dataDir);
    },
  };
}

/** The model's price is written out as 0, so that no model money is booked; every limit on pace is out of the way. */
function environmentFor(double: ModelDouble): Record<string, string> {
  const only = { primary: 'bench', fallbacks: [] };
  return {
    OPENAI_BASE_URL: double.baseUrl,
    OPENAI_API_KEY: double.apiKey,
    JUG_MODELS: JSON.stringify({ plan: only, execute: only, prices: { bench: { input: 0, output: 0 } } }),
    JUG_MAX_CONCURRENT_TASKS: '100',
    JUG_MAX_TASKS_PER_HOUR: '100000',
    PRACTICE_CAP_DAY_USD: '1000000',
    PRACTICE_DAY_SECONDS: '0',
    JUG_STANDING_BUDGET_USD: '0',
    JUG_AUTO_APPROVE_AFTER_MINUTES: '0',
    LOG_LEVEL: 'warn',
  };
}

function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not get there within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Goals of one launch task each, not ready yet. */
export async function addBlockedTasks(bench: ApprovalsBench, count: number): Promise<number[]> {
  const { db, admin } = bench.database;
  const ids: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const goal = await addGoal(db, {
      mode: 'practice',
      title: 'Earn the first dollar',
      request: 'Earn the first dollar',
      means: 'market',
      metric: 'revenue',
      targetMicros: 1_000_000n,
      budgetMicros: 20_000_000n,
      deadline: null,
      status: 'planning',
      givenBy: 'console:owner',
      givenByPerson: 'console:owner',
      mayStartAlone: true,
    });
    const plan = await addPlan(db, { goalId: goal.id, summary: 'Launch one offer', successMeasure: 'revenue', tasks: [], model: 'bench' });
    const [task] = await addTasks(db, { mode: 'practice', goalId: goal.id, planId: plan.id }, [
      {
        key: 'launch',
        kind: 'launch',
        title: 'Launch the offer',
        why: 'It may earn a dollar',
        priority: 1,
        expectedCostMicros: 5_000_000n,
        expectedEvidence: 'the receipt, read back',
        riskScore: 0.4,
        riskLevel: 'medium',
        dependsOn: [],
      },
    ]);
    if (task === undefined) throw new Error('no task was added');
    ids.push(task.id);
    await admin.query(`update task set status = 'blocked' where id = $1`, [task.id]);
    await admin.query(`update goal set status = 'running' where id = $1`, [goal.id]);
  }
  return ids;
}

/** What the end of an earlier task does to those that waited for it. */
export async function makeReady(bench: ApprovalsBench, tasks: readonly number[]): Promise<void> {
  await bench.database.admin.query(
    `with ready as (update task set status = 'pending', ready_at = clock_timestamp() where id = any($1) returning id)
      select pg_notify('jug_ready', '') from ready limit 1`,
    [tasks],
  );
}

/** Waits until all these tasks are done. @throws when one ended otherwise */
export async function countDone(bench: ApprovalsBench, tasks: readonly number[]): Promise<void> {
  const started = performance.now();
  for (;;) {
    const { rows } = await bench.database.admin.query<{ status: string; count: number; why: string | null }>(
      `select status, count(*)::int as count, min(coalesce(stop_reason, error)) as why from task where id = any($1) group by status`,
      [tasks],
    );
    if (rows.length === 1 && rows[0]?.status === 'done') return;
    const wrong = rows.find((row) => ['failed', 'dead', 'cancelled'].includes(row.status));
    if (wrong !== undefined || performance.now() - started > LIMIT_MS)
      throw new Error(`tasks did not get done: ${rows.map((row) => `${row.count} ${row.status} (${row.why})`).join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
