// Starting, cold (nothing there yet) and warm, and what an idle bot costs: memory, and statements a second while nobody asks anything.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchDatabase, makeDataDir, openBenchDatabase, removeDataDir } from './bench-database.ts';
import { type BotProcess, startBot } from './bot-process.ts';
import { percentile, type Report, round } from './report.ts';
import { readRssMb } from './rss.ts';

const STARTS = 3;
/** Four market days: every fourth one has a scan. */
const IDLE_MS = 40_000;
/** A new bot looks for opportunities and proposes experiments by itself; until those wait for a person it is not idle. */
const SETTLED_WITHIN_MS = 120_000;
const LOOK_AGAIN_MS = 1_000;

export async function benchStart(): Promise<Report> {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let run = 0; run < STARTS; run += 1) {
    const dataDir = await makeDataDir('start');
    try {
      cold.push(await startAndStop(dataDir));
      warm.push(await startAndStop(dataDir));
    } finally {
      await removeDataDir(dataDir);
    }
  }
  return report(cold, warm, await measureIdle());
}

async function startAndStop(dataDir: string): Promise<number> {
  const bot = await startBot({ dataDir });
  await bot.stop();
  return bot.readyMs;
}

interface Idle {
  /** From the start until nothing but people was waited for, and what that took. */
  settledMs: number;
  settledSql: number;
  rssMb: number;
  sqlPerSecond: number;
  marketSqlPerSecond: number;
  cpuPercent: number;
}

/** The bot as it is by default: practice mode, a market day every ten seconds, alone on its database. */
async function measureIdle(): Promise<Idle> {
  const dataDir = await makeDataDir('idle');
  const bot = await startBot({ dataDir });
  const database = await openBenchDatabase(dataDir);
  try {
    const settled = await waitUntilSettled(database);
    await database.resetCounts();
    const [started, cpu] = [performance.now(), await readCpuMs(bot)];
    await sleep(IDLE_MS);
    const seconds = (performance.now() - started) / 1000;
    const calls = await database.countStatements();
    if (process.env['BENCH_STATEMENTS'] === '1') {
      for (const statement of await database.listStatements())
        console.log(`${String(statement.calls).padStart(5)}  ${statement.query.replace(/\s+/g, ' ').slice(0, 150)}`);
    }
    return {
      ...settled,
      rssMb: await readRssMb(bot.pid),
      sqlPerSecond: calls.bot / seconds,
      marketSqlPerSecond: calls.market / seconds,
      cpuPercent: ((await readCpuMs(bot)) - cpu) / seconds / 10,
    };
  } finally {
    await bot.stop();
    await database.close();
    await removeDataDir(dataDir);
  }
}

/** Proposals wait for a person, and nothing else is under way. */
async function waitUntilSettled({ admin, countStatements }: BenchDatabase): Promise<{ settledMs: number; settledSql: number }> {
  const started = performance.now();
  for (;;) {
    await sleep(LOOK_AGAIN_MS);
    const { rows } = await admin.query<{ settled: boolean }>(
      `select exists (select 1 from approval where status = 'pending') and not exists (select 1 from scan where status = 'open')
        and not exists (select 1 from task where status in ('pending', 'running')) as settled`,
    );
    const settledMs = performance.now() - started;
    if (rows[0]?.settled === true) return { settledMs, settledSql: (await countStatements()).bot };
    if (settledMs > SETTLED_WITHIN_MS) throw new Error('the bot proposed nothing: it cannot be seen idle with experiments waiting');
  }
}

/** User and system time in ticks of 10 ms. */
async function readCpuMs(bot: BotProcess): Promise<number> {
  const fields = (await readFile(`/proc/${bot.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function report(cold: readonly number[], warm: readonly number[], idle: Idle): Report {
  const [coldMs, warmMs] = [percentile(cold, 0.5), percentile(warm, 0.5)];
  return {
    title: `Start and idle: median of ${cold.length} starts, then ${IDLE_MS / 1000} s of nothing to do`,
    columns: ['', 'value', 'goal'],
    rows: [
      ['cold start, to "Console:"', `${coldMs.toFixed(0)} ms`, '≤ 6000 ms'],
      ['warm start, to "Console:"', `${warmMs.toFixed(0)} ms`, '≤ 2000 ms'],
      ['statements until its first proposals wait', `${idle.settledSql} in ${(idle.settledMs / 1000).toFixed(0)} s`, ''],
      ['idle memory of the bot (RSS)', `${idle.rssMb.toFixed(0)} MB`, '≤ 200 MB'],
      ["idle statements of the bot's role", `${idle.sqlPerSecond.toFixed(2)} /s`, '≤ 1 /s'],
      ["idle statements of the practice market's role", `${idle.marketSqlPerSecond.toFixed(2)} /s`, ''],
      ['idle CPU of the bot', `${idle.cpuPercent.toFixed(1)} %`, ''],
    ],
    notes: [
      'Cold: an empty data directory, so the database is made (initdb) and migrated. Warm: the database exists but its server was stopped. Both from the spawn of `node bin/bot.mjs src/main.ts`, which is what `npm start` runs.',
      'Idle: practice mode as it is by default, with the first proposals of experiments waiting for a person; four market days, one of them with a scan.',
      "The practice market is a far side of its own with its own role; a market day ends every 10 s, which costs the bot a few statements too: they are in the bot's figure.",
    ],
    json: {
      coldMs: round(coldMs),
      warmMs: round(warmMs),
      idleRssMb: round(idle.rssMb),
      idleSqlPerSecond: round(idle.sqlPerSecond, 2),
      idleMarketSqlPerSecond: round(idle.marketSqlPerSecond, 2),
      settledSql: idle.settledSql,
      idleCpuPercent: round(idle.cpuPercent),
    },
  };
}
