// The approval-gated flow through the whole product path: a task is ready, the model asks for an act that costs money, the request is
// persisted and posted, a person approves, the act happens once at a far side; evidence, ledger, audit and cards are written.
import { type ApprovalsBench, addBlockedTasks, countDone, makeReady, openApprovalsBench } from './approvals-bench.ts';
import { percentile, type Report, round } from './report.ts';

/** BENCH_FLOWS and BENCH_STATEMENTS=1 (what the flows asked the database) are for whoever wants to make them cheaper. */
const FLOWS = Number(process.env['BENCH_FLOWS'] ?? 200);
const AT_ONCE = 50;
const WARM_UP = 300;

interface Window {
  ms: number;
  flows: number;
  clickMs: number[];
  sql: number;
  cpuMs: number;
  /** Of PostgreSQL, and of this process: the model double, the far side and the clicker. */
  serverCpuMs: number;
  benchCpuMs: number;
}

interface Figures {
  sequential: Window;
  concurrent: Window;
  toTheEnd: Window;
  acts: { flows: number; effects: number; requests: number };
}

export async function benchApprovals(): Promise<Report> {
  return report(await measureAll(false), await measureAll(true));
}

async function measureAll(inProcess: boolean): Promise<Figures> {
  const bench = await openApprovalsBench(inProcess);
  try {
    await runToTheEnd(bench, WARM_UP);
    const sequential = await runInBatches(bench, 1);
    const concurrent = await runInBatches(bench, AT_ONCE);
    const toTheEnd = await runToTheEnd(bench, FLOWS);
    const acts = { flows: bench.actedAt.size, effects: bench.far.effects.size, requests: bench.far.requests };
    return { sequential, concurrent, toTheEnd, acts };
  } finally {
    await bench.close();
  }
}

/** Measures from "ready" to "the act is recorded". What follows (reading back, finishing) is held back and runs between the batches. */
async function runInBatches(bench: ApprovalsBench, atOnce: number): Promise<Window> {
  const total: Window = { ms: 0, flows: 0, clickMs: [], sql: 0, cpuMs: 0, serverCpuMs: 0, benchCpuMs: 0 };
  await bench.database.resetCounts();
  for (let done = 0; done < FLOWS; done += AT_ONCE) {
    const tasks = await addBlockedTasks(bench, AT_ONCE);
    bench.hold();
    add(total, await measure(bench, tasks, () => runFlows(bench, tasks, atOnce)));
    bench.release();
    await countDone(bench, tasks);
  }
  if (process.env['BENCH_STATEMENTS'] === '1') await listStatements(bench);
  return total;
}

/** The same without holding anything back: until every task is done. */
async function runToTheEnd(bench: ApprovalsBench, count: number): Promise<Window> {
  const tasks = await addBlockedTasks(bench, count);
  return measure(bench, tasks, async () => {
    await runFlows(bench, tasks, 1);
    await countDone(bench, tasks);
  });
}

async function runFlows(bench: ApprovalsBench, tasks: readonly number[], atOnce: number): Promise<void> {
  for (let from = 0; from < tasks.length; from += atOnce) {
    const together = tasks.slice(from, from + atOnce);
    const recorded = Promise.all(together.map((task) => bench.whenRecorded(task)));
    await makeReady(bench, together);
    await recorded;
  }
}

async function measure(bench: ApprovalsBench, tasks: readonly number[], run: () => Promise<void>): Promise<Window> {
  const before = await readMeters(bench);
  const started = performance.now();
  await run();
  const ms = performance.now() - started;
  const after = await readMeters(bench);
  const clickMs = tasks.map((task) => (bench.actedAt.get(task) ?? Number.NaN) - (bench.clicker.clickedAt.get(task) ?? Number.NaN));
  return {
    ms,
    flows: tasks.length,
    clickMs,
    sql: after.sql - before.sql,
    cpuMs: after.cpuMs - before.cpuMs,
    serverCpuMs: after.serverCpuMs - before.serverCpuMs,
    benchCpuMs: after.benchCpuMs - before.benchCpuMs,
  };
}

async function readMeters({ database, bot }: ApprovalsBench) {
  const { user, system } = process.cpuUsage();
  const { bot: sql } = await database.countStatements();
  return { sql, cpuMs: await bot.cpuMs(), serverCpuMs: await database.serverCpuMs(), benchCpuMs: (user + system) / 1000 };
}

function add(total: Window, part: Window): void {
  total.ms += part.ms;
  total.flows += part.flows;
  total.sql += part.sql;
  total.cpuMs += part.cpuMs;
  total.serverCpuMs += part.serverCpuMs;
  total.benchCpuMs += part.benchCpuMs;
  total.clickMs.push(...part.clickMs);
}

const rate = (window: Window): number => round((window.flows * 1000) / window.ms);

function row(name: string, window: Window): string[] {
  return [
    name,
    String(rate(window)),
    percentile(window.clickMs, 0.5).toFixed(1),
    percentile(window.clickMs, 0.99).toFixed(1),
    (window.sql / window.flows).toFixed(1),
    (window.cpuMs / window.flows).toFixed(1),
    (window.serverCpuMs / window.flows).toFixed(1),
    (window.benchCpuMs / window.flows).toFixed(1),
  ];
}

const shape = (window: Window) => ({
  flowsPerSecond: rate(window),
  clickToEffectMs: { p50: round(percentile(window.clickMs, 0.5)), p99: round(percentile(window.clickMs, 0.99)) },
  sqlPerFlow: round(window.sql / window.flows),
  cpuMsPerFlow: round(window.cpuMs / window.flows, 2),
  serverCpuMsPerFlow: round(window.serverCpuMs / window.flows, 2),
  benchCpuMsPerFlow: round(window.benchCpuMs / window.flows, 2),
});

function rowsOf(name: string, { sequential, concurrent, toTheEnd }: Figures): string[][] {
  return [
    row(`${name}: one after another`, sequential),
    row(`${name}: ${AT_ONCE} at a time`, concurrent),
    row(`${name}: one after another, until the task is done`, toTheEnd),
  ];
}

const shapeAll = ({ sequential, concurrent, toTheEnd }: Figures) => ({
  sequential: shape(sequential),
  concurrent: shape(concurrent),
  toTheEnd: shape(toTheEnd),
  sqlPerFlow: round((sequential.sql + concurrent.sql) / (sequential.flows + concurrent.flows)),
  cpuMsPerFlow: round((sequential.cpuMs + concurrent.cpuMs) / (sequential.flows + concurrent.flows), 2),
});

function report(http: Figures, inProcess: Figures): Report {
  return {
    title: `Approval-gated flows, ${FLOWS} one after another and ${FLOWS} with ${AT_ONCE} at a time`,
    columns: ['', 'flows/s', 'click to effect p50 ms', 'p99 ms', 'SQL per flow', 'CPU ms per flow', 'of PostgreSQL', 'of the bench'],
    rows: [
      ...rowsOf('over HTTP', http),
      ...rowsOf('in process', inProcess),
      ['Mastra 1.71, in process (facts/engines.md)', '82 / 166', '5.2 / 130', '10 / 172', '15', '4.2-7.8', '', ''],
    ],
    notes: [
      'A flow: task ready → claimed → model asked → turn, calls, request and cards persisted → approved → claimed again → hash checked, money reserved → one POST to a far side in another process → evidence, ledger journal, settlement, audit and cards written. Audit sealing, timers and the job engine run along and are counted.',
      "Over HTTP: the model is an OpenAI-compatible server asked through the openai package (streaming), the click a POST to the bot. In process: the model answers and the click is dispatched in the bot itself, as in the peers' figures, which have neither; the far side stays.",
      'Not in the first two rows of each: the two model turns after the act (read back, finish); the third row has them.',
      "SQL: calls of the bot's role in pg_stat_statements, BEGIN and COMMIT included. CPU: the bot, the processes of PostgreSQL, and the bench itself (model double, far side, clicker), which share the machine.",
      `Acts counted at the far side: ${http.acts.effects + inProcess.acts.effects} distinct keys in ${http.acts.requests + inProcess.acts.requests} requests for ${http.acts.flows + inProcess.acts.flows} flows.`,
    ],
    json: {
      ...shapeAll(http),
      inProcess: shapeAll(inProcess),
      flows: http.acts.flows + inProcess.acts.flows,
      effects: http.acts.requests + inProcess.acts.requests,
    },
  };
}

async function listStatements(bench: ApprovalsBench): Promise<void> {
  for (const { calls, ms, query } of await bench.database.listStatements()) {
    const figures = `${(calls / FLOWS).toFixed(2).padStart(6)} ${(ms / FLOWS).toFixed(2).padStart(6)} ms`;
    console.log(`${figures}  ${query.replace(/\s+/g, ' ').slice(0, 170)}`);
  }
}
