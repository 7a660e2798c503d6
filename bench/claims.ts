// How long claiming a task takes among 1,000 and among 100,000 that are ready: it must not grow with the queue.
import { createDatabase, createPool } from '../src/db/database.ts';
import { addProcess } from '../src/db/process-store.ts';
import { claimTask } from '../src/domain/tasks/run-view-store.ts';
import { type BenchDatabase, makeDataDir, openBenchDatabase, removeDataDir } from './bench-database.ts';
import { startBot } from './bot-process.ts';
import { percentile, type Report, round } from './report.ts';

const QUEUES = [1_000, 100_000];
const CLAIMS = 500;
/** Processes that claim at the same time in the second half of the claims. */
const CLAIMERS = 4;

interface Figures {
  alone: number[];
  together: number[];
}

export async function benchClaims(): Promise<Report> {
  const dataDir = await makeDataDir('claims');
  // A bot makes the database as it is in production, and leaves; we stay.
  const bot = await startBot({ dataDir });
  const database = await openBenchDatabase(dataDir);
  try {
    await bot.stop();
    const figures = new Map<number, Figures>();
    for (const queue of QUEUES) figures.set(queue, await measure(database, queue));
    return report(figures);
  } finally {
    await database.close();
    await removeDataDir(dataDir);
  }
}

async function measure(database: BenchDatabase, queue: number): Promise<Figures> {
  await fillQueue(database, queue);
  const pool = createPool({ ...database.ownConnection, max: CLAIMERS }, () => {});
  const db = createDatabase(pool);
  const processId = await addProcess(db, { poolId: 'bench', host: 'bench', pid: process.pid });
  const claim = async (): Promise<number> => {
    const started = performance.now();
    const { claimed } = await claimTask(db, {
      mode: 'practice',
      processId,
      leaseSeconds: 60,
      maxRunning: 1_000_000,
      maxPerHour: 1_000_000,
    });
    const ms = performance.now() - started;
    if (claimed === null) throw new Error('nothing was claimed');
    return ms;
  };
  const alone: number[] = [];
  while (alone.length < CLAIMS) alone.push(await claim());
  const together: number[] = [];
  while (together.length < CLAIMS) together.push(...(await Promise.all(Array.from({ length: CLAIMERS }, claim))));
  await pool.end();
  return { alone, together };
}

/** Exactly `queue` tasks are ready, of all priorities and ages; the planner knows no more of them than it would after a burst. */
async function fillQueue({ admin }: BenchDatabase, queue: number): Promise<void> {
  await admin.query('delete from task');
  await admin.query(
    `with g as (insert into goal (mode, title, request, means, metric, status, given_by, given_by_person) values ('practice', 'bench', 'bench', 'other', 'document', 'running', 'bench', 'bench') returning id),
      p as (insert into plan (goal_id, revision, status, summary, success_measure, tasks, model) select id, 1, 'approved', 'bench', 'bench', '[]', 'bench' from g returning id, goal_id)
     insert into task (mode, goal_id, plan_id, key, kind, title, why, priority, status, expected_cost_micros, expected_evidence, risk_score, risk_level, ready_at)
     select 'practice', p.goal_id, p.id, 'task_' || n, 'research', 'Bench', 'To be claimed', n % 4, 'pending', 0, 'none', 0, 'low', clock_timestamp() - n * interval '10 milliseconds'
     from p, generate_series(1, $1::int) n`,
    [queue],
  );
}

function report(figures: Map<number, Figures>): Report {
  const p99 = (ms: readonly number[]): number => round(percentile(ms, 0.99), 2);
  return {
    title: `Claiming a task: ${CLAIMS} claims one after another, then ${CLAIMS} with ${CLAIMERS} at a time`,
    columns: ['ready tasks', 'alone p50 ms', 'p99 ms', `${CLAIMERS} at a time p50 ms`, 'p99 ms'],
    rows: [...figures].map(([queue, { alone, together }]) => [
      String(queue),
      percentile(alone, 0.5).toFixed(2),
      p99(alone).toFixed(2),
      percentile(together, 0.5).toFixed(2),
      p99(together).toFixed(2),
    ]),
    notes: [
      'A claim is one statement: one lock over all processes, the limits, the best rank, the lease, and whether more is ready. Goal: p99 ≤ 50 ms, flat.',
    ],
    json: {
      p99Ms: Object.fromEntries([...figures].map(([queue, { alone }]) => [String(queue), p99(alone)])),
      togetherP99Ms: Object.fromEntries([...figures].map(([queue, { together }]) => [String(queue), p99(together)])),
      claims: CLAIMS,
    },
  };
}
