// Recovery: the process that runs a task is killed with kill -9; how long until the task runs in another process.
import { type ModelDouble, startModelDouble } from '../test/support/model-double.ts';
import { type BenchDatabase, makeDataDir, openBenchDatabase, removeDataDir } from './bench-database.ts';
import { type BotProcess, startBot } from './bot-process.ts';
import { percentile, type Report, round } from './report.ts';

const RUNS = 12;
/** A process younger than this is never taken for dead (its lock may just be on its way). */
const GROWN_UP_MS = 1_500;
const LIMIT_MS = 30_000;

export async function benchRecovery(): Promise<Report> {
  const dataDir = await makeDataDir('recovery');
  const double = await startModelDouble();
  const model = { primary: 'bench', fallbacks: [] };
  const env = {
    OPENAI_BASE_URL: double.baseUrl,
    OPENAI_API_KEY: double.apiKey,
    JUG_MODELS: JSON.stringify({ plan: model, execute: model, prices: { bench: { input: 0, output: 0 } } }),
    PRACTICE_DAY_SECONDS: '0',
    JUG_STANDING_BUDGET_USD: '0',
    LOG_LEVEL: 'error',
  };
  const bots = new Set<BotProcess>();
  const start = async (): Promise<BotProcess> => {
    const bot = await startBot({ dataDir, env });
    bots.add(bot);
    return bot;
  };
  let database: BenchDatabase | undefined;
  try {
    let busy = await start();
    database = await openBenchDatabase(dataDir);
    const asked = listenForQuestions(double);
    const first = asked.next();
    await addTask(database);
    await first;
    const ms: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const idle = await start();
      await new Promise((resolve) => setTimeout(resolve, GROWN_UP_MS));
      const again = asked.next();
      const killed = performance.now();
      bots.delete(busy);
      await busy.kill();
      ms.push((await again) - killed);
      busy = idle;
    }
    return report(ms);
  } finally {
    double.otherwise({ fail: 'reset' });
    for (const bot of bots) await bot.kill();
    await database?.close();
    await double.stop();
    await removeDataDir(dataDir);
  }
}

/** The model is asked about the task and never answers: so it runs until its process dies. */
function listenForQuestions(double: ModelDouble): { next(): Promise<number> } {
  let heard: (() => void) | null = null;
  double.otherwise(() => {
    heard?.();
    return { fail: 'hang' };
  });
  return {
    next: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`nobody ran the task within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
        heard = () => {
          clearTimeout(timer);
          resolve(performance.now());
        };
      }),
  };
}

async function addTask({ admin }: BenchDatabase): Promise<void> {
  await admin.query(
    `with g as (insert into goal (mode, title, request, means, metric, status, given_by, given_by_person) values ('practice', 'bench', 'bench', 'other', 'document', 'running', 'bench', 'bench') returning id),
      p as (insert into plan (goal_id, revision, status, summary, success_measure, tasks, model) select id, 1, 'approved', 'bench', 'bench', '[]', 'bench' from g returning id, goal_id)
     insert into task (mode, goal_id, plan_id, key, kind, title, why, priority, status, expected_cost_micros, expected_evidence, risk_score, risk_level)
     select 'practice', p.goal_id, p.id, 'bench', 'research', 'Bench', 'To be taken over', 1, 'pending', 0, 'none', 0, 'low' from p`,
  );
  await admin.query(`select pg_notify('jug_ready', '')`);
}

function report(ms: readonly number[]): Report {
  const [p50, max] = [percentile(ms, 0.5), Math.max(...ms)];
  return {
    title: `Recovery after kill -9, ${ms.length} runs`,
    columns: ['', 'ms'],
    rows: [
      ['fastest', Math.min(...ms).toFixed(0)],
      ['p50', p50.toFixed(0)],
      ['slowest', max.toFixed(0)],
    ],
    notes: [
      'From the kill to the moment the model is asked about the same task by another process that was idle: the death is noticed, the task and its jobs are free, claimed, loaded and run. Goal: ≤ 1 s.',
    ],
    json: { runs: ms.length, ms: { p50: round(p50), max: round(max) }, all: ms.map((value) => round(value)) },
  };
}
