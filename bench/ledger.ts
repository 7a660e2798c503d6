// The books under load: how fast journals are booked, and what profit and loss and the digest cost over 1,000 to 1,000,000 postings.
import { readConfig } from '../src/config.ts';
import { createDatabase, createPool, type Database } from '../src/db/database.ts';
import { listExperimentMoney } from '../src/domain/experiments/experiment-money-store.ts';
import { readCustomers } from '../src/domain/money/customer-store.ts';
import { bookJournal, readProfitAndLoss } from '../src/domain/money/ledger-store.ts';
import { readBalance, readSums, type Slice } from '../src/domain/money/slice-store.ts';
import { readDigest } from '../src/flows/read-digest.ts';
import { type BenchDatabase, makeDataDir, openBenchDatabase, removeDataDir } from './bench-database.ts';
import { startBot } from './bot-process.ts';
import { percentile, type Report, round } from './report.ts';

const SIZES = [1_000, 100_000, 1_000_000];
const WRITERS = 6;
const WRITE_MS = 5_000;
const LOOKS = 15;
const GOALS = 40;
const JOURNALS_A_MARKET_DAY = 50;

/** Slices a person may ask for; the slowest of them is what is reported. */
const SLICES: Record<string, Slice> = {
  everything: { mode: 'practice' },
  goal: { mode: 'practice', goalId: 7 },
  offer: { mode: 'practice', offer: 'offer-3' },
  experiment: { mode: 'practice', experiment: 3 },
  tool: { mode: 'practice', tool: 'market_launch' },
  model: { mode: 'live', model: 'model-1' },
  customer: { mode: 'practice', customer: 'c-7' },
  'goal, tool and month': { mode: 'practice', goalId: 7, tool: 'market_launch', from: '2026-02-01', to: '2026-02-28' },
};

export async function benchLedger(): Promise<Report> {
  const dataDir = await makeDataDir('ledger');
  const bot = await startBot({ dataDir });
  const database = await openBenchDatabase(dataDir);
  try {
    await bot.stop();
    const figures = new Map<number, Figures>();
    const pool = createPool({ ...database.ownConnection, max: WRITERS }, () => {});
    const db = createDatabase(pool);
    for (const size of SIZES) {
      await fill(database, size);
      figures.set(size, await measure(db, dataDir));
    }
    const journalsPerSecond = await measureWriting(db);
    await pool.end();
    return report(figures, journalsPerSecond);
  } finally {
    await database.close();
    await removeDataDir(dataDir);
  }
}

interface Figures {
  slices: Record<string, number>;
  byDay: number;
  byExperiment: number;
  balance: number;
  customers: number;
  digest: number;
}

/**
 * Exactly so many postings, two a journal: a year of sales, spend and model calls of 40 goals with 5 launches each, four fifths of it practice
 * money. Triggers are off while the rows are made, and the sums by day are then worked out as they would be after a change of the time zone.
 */
async function fill({ admin }: BenchDatabase, postings: number): Promise<void> {
  const client = await admin.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query('truncate posting, journal, ledger_day, ledger_customer, launch, goal, experiment cascade');
    await client.query(`insert into goal (id, mode, title, request, means, status, given_by, given_by_person) overriding system value
      select n, 'practice', 'bench', 'bench', 'market', 'running', 'bench', 'bench' from generate_series(1, ${GOALS}) n`);
    await client.query(`insert into experiment (id, mode, goal_id, name, source, risk_class, contract, contract_hash, max_loss_micros, budget_micros, created_by, state, state_deadline) overriding system value
      select n, 'practice', n, 'bench', 'bench', 'low', '{}', '', 1, 1, 'bench', 'proposed', now() from generate_series(1, ${GOALS}) n`);
    await client.query(`insert into launch (id, mode, goal_id, task_id, tool_call_id, external_id, offer_id, name, budget_micros, days, started_day, status, experiment_id) overriding system value
      select n, 'practice', 1 + n % ${GOALS}, n, n, 'l' || n, 'offer-' || n % 25, 'bench', 1, 1, 1, case when n % 20 = 0 then 'running' else 'ended' end, 1 + n % ${GOALS} from generate_series(1, ${GOALS * 5}) n`);
    await client.query(
      `insert into journal (mode, source, external_id, kind, memo, occurred_at, goal_id, launch_id, agent, tool, model, customer, market_day)
      select case n % 5 when 0 then 'live' else 'practice' end, 'bench', 'j' || n, case n % 5 when 0 then 'model_cost' when 1 then 'spend' else 'sale' end, 'bench', clock_timestamp() - n * (interval '365 days' / $1),
        1 + n % ${GOALS}, case when n % 5 > 0 then 1 + n % ${GOALS * 5} end, case n % 5 when 0 then 'generalist' end, case n % 5 when 1 then 'market_launch' end, case n % 5 when 0 then 'model-' || n % 3 end, case when n % 5 > 1 then 'c-' || n % greatest(10, $1::int / 8) end,
        case when n % 5 > 0 then 1 + ($1 - n) / ${JOURNALS_A_MARKET_DAY} end from generate_series(1, $1::int) n`,
      [postings / 2],
    );
    await client.query(`insert into posting (journal_id, account, amount_micros, currency)
      select j.id, side.account, side.amount, 'USD' from journal j cross join lateral (values
        (case j.kind when 'model_cost' then 'model_cost' when 'spend' then 'offer_spend' else 'processor' end, 1000000 + j.id % 1000),
        (case j.kind when 'model_cost' then 'model_payable' when 'spend' then 'cash' else 'revenue' end, -1000000 - j.id % 1000)) side(account, amount)`);
    await client.query(`update spend_gate set market_day = $1 where mode = 'practice'`, [Math.ceil(postings / 2 / JOURNALS_A_MARKET_DAY)]);
    await client.query('set session_replication_role = origin');
    await client.query(`select rebuild_ledger_days('UTC')`);
    for (const table of ['experiment', 'journal', 'posting', 'ledger_day', 'ledger_customer', 'launch', 'goal'])
      await client.query(`vacuum analyze ${table}`);
  } finally {
    client.release();
  }
}

/** The median of several looks, after one to warm up. */
async function time(look: () => Promise<unknown>): Promise<number> {
  await look();
  const ms: number[] = [];
  while (ms.length < LOOKS) {
    const started = performance.now();
    await look();
    ms.push(performance.now() - started);
  }
  return percentile(ms, 0.5);
}

async function measure(db: Database, dataDir: string): Promise<Figures> {
  const slices: Record<string, number> = {};
  for (const [name, slice] of Object.entries(SLICES)) slices[name] = await time(() => readProfitAndLoss(db, slice));
  const deps = { mode: 'practice' as const, config: readConfig({ JUG_TIMEZONE: 'UTC' }, dataDir) };
  return {
    slices,
    byDay: await time(() => readSums(db, { mode: 'practice' }, 'day')),
    byExperiment: Math.max(
      await time(() => readSums(db, { mode: 'practice' }, 'experiment')),
      await time(() => listExperimentMoney(db, 'practice', { endedSince: null, limit: 50 })),
    ),
    balance: await time(() => readBalance(db)),
    customers: Math.max(
      await time(() => readCustomers(db, { mode: 'practice' })),
      await time(() => readCustomers(db, { mode: 'practice', goalId: 7, from: '2026-01-01', to: '2026-12-31' })),
    ),
    digest: await time(() => readDigest(deps, db, new Date())),
  };
}

async function measureWriting(db: Database): Promise<number> {
  const until = performance.now() + WRITE_MS;
  const started = performance.now();
  let booked = 0;
  const write = async (writer: number): Promise<void> => {
    while (performance.now() < until) {
      await bookJournal(db, {
        mode: 'practice',
        source: 'bench writing',
        externalId: `${writer}:${booked}`,
        kind: 'sale',
        memo: 'bench',
        occurredAt: new Date(),
        goalId: 1 + (booked % GOALS),
        taskId: null,
        toolCallId: null,
        launchId: null,
        currency: 'USD',
        postings: [
          { account: 'processor', amountMicros: 970_000n },
          { account: 'fees', amountMicros: 30_000n },
          { account: 'revenue', amountMicros: -1_000_000n },
        ],
      });
      booked += 1;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  return booked / ((performance.now() - started) / 1000);
}

function report(figures: Map<number, Figures>, journalsPerSecond: number): Report {
  const slowest = ({ slices, byDay, byExperiment, customers }: Figures): number =>
    Math.max(...Object.values(slices), byDay, byExperiment, customers);
  const column = (of: (one: Figures) => number): string[] => [...figures.values()].map((one) => of(one).toFixed(1));
  const json = (of: (one: Figures) => number) => Object.fromEntries([...figures].map(([size, one]) => [String(size), round(of(one), 2)]));
  return {
    title: `The ledger: median of ${LOOKS} looks in ms, by number of postings`,
    columns: ['', ...[...figures.keys()].map((size) => size.toLocaleString('en-US'))],
    rows: [
      ...Object.keys(SLICES).map((name) => [`profit and loss: ${name}`, ...column((one) => one.slices[name] ?? Number.NaN)]),
      ['profit and loss of a year, by day', ...column((one) => one.byDay)],
      ['profit and loss by experiment', ...column((one) => one.byExperiment)],
      ['profit and loss by customer', ...column((one) => one.customers)],
      ['balance of the whole ledger', ...column((one) => one.balance)],
      ['the digest', ...column((one) => one.digest)],
    ],
    notes: [
      `Booking: ${journalsPerSecond.toFixed(0)} journals of three postings a second, ${WRITERS} at a time, each durable by itself, behind ${SIZES.at(-1)?.toLocaleString('en-US')} postings.`,
      'Goal: profit and loss of any slice, and the digest, ≤ 300 ms over 1,000,000 postings.',
    ],
    json: { journalsPerSecond: round(journalsPerSecond, 0), profitAndLossMs: json(slowest), digestMs: json((one) => one.digest) },
  };
}
