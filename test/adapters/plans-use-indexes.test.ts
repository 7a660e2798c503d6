// A hundred thousand waiting tasks, two hundred thousand postings (a fifth in the short run), and the questions that are asked all the time: each reads a
// handful of rows through an index, whatever lies in the table. Counted by PostgreSQL itself while the real statement runs, in functions too.
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, createPool, type Database, type Trx } from '../../src/db/database.ts';
import { listDue } from '../../src/domain/approvals/approval-store.ts';
import { listExperimentMoney } from '../../src/domain/experiments/experiment-money-store.ts';
import { listExperiments, listLate, listOpen } from '../../src/domain/experiments/experiment-store.ts';
import { readPageResults } from '../../src/domain/experiments/page-result-store.ts';
import { listUnread, readResults } from '../../src/domain/experiments/result-store.ts';
import { listLatestReadings, listReadings } from '../../src/domain/experiments/review-store.ts';
import { readGoalUse } from '../../src/domain/money/cap-store.ts';
import { lockUntold } from '../../src/domain/money/cap-warning-store.ts';
import { readProfitAndLoss } from '../../src/domain/money/ledger-store.ts';
import { listUnbooked } from '../../src/domain/money/payment-store.ts';
import { releaseExpired, reserve } from '../../src/domain/money/reservation-store.ts';
import { listGoalsDueForResult } from '../../src/domain/offers/launch-store.ts';
import { listOpportunities } from '../../src/domain/opportunities/opportunity-store.ts';
import { countVisits, listVisitTotals } from '../../src/domain/pages/visit-store.ts';
import { claimTask } from '../../src/domain/tasks/run-view-store.ts';
import { listStops, releaseTasksOf, wakeOnDayAlong, wakeWaiting } from '../../src/domain/tasks/wake-store.ts';
import { beginCall, countEndedActs, listUsedTools } from '../../src/domain/tools/call-store.ts';
import { listUnknown } from '../../src/domain/tools/unknown-call-store.ts';
import { readDue } from '../../src/flows/read-due.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

/** Bounds below do not know these numbers; the long run shows that they need not. */
const TASKS = process.env['JUG_TEST_LONG'] === '1' ? 100_000 : 20_000;
const JOURNALS = TASKS;
const EXPERIMENTS = 10_000;

let database: TestDatabase;
let pool: pg.Pool;
let db: Database;

/** Triggers are off while the rows are made: they guard what the product writes, and cost minutes here. */
const ROWS = [
  `insert into process (pool_id, host, pid) values ('p', 'h', 1)`,
  `insert into goal (mode, title, request, means, status, given_by, given_by_person) select 'practice', 'G', 'G', 'other', 'running', 'a:b', 'a:b' from generate_series(1, 100)`,
  `insert into plan (goal_id, revision, status, summary, success_measure, tasks, model) select id, 1, 'approved', '', '', '[]', 'm' from goal`,
  `insert into task (mode, goal_id, plan_id, key, kind, title, why, priority, status, expected_cost_micros, expected_evidence, risk_score, risk_level, ready_at, started_at, wait_for, wait_market_day, wait_deadline, lease_owner, lease_until)
    select 'practice', g, g, 'k' || n, 'research', 'T', 'W', n % 4, s, 0, 'E', 0, 'low', clock_timestamp() - (n * interval '1 ms') + case when n % 1000 = 7 then interval '1 day' else interval '0' end,
      case when s = 'done' then clock_timestamp() - n * interval '10 min' end,
      case when s = 'waiting' then 'market_day' end, case when s = 'waiting' then 90 end, case when s = 'waiting' then clock_timestamp() + interval '1 day' end,
      case when s = 'running' then 1 end, case when s = 'running' then clock_timestamp() + interval '1 min' end
    from (select n, 1 + n % 100 as g, case when n % 20000 = 3 then 'running' when n % 5000 = 5 then 'waiting' when n <= ${TASKS} then 'pending' else 'done' end as s from generate_series(1, ${TASKS * 1.1}) n) rows`,
  `update task set ready_at = clock_timestamp() + interval '1 day' where status = 'waiting'`,
  `insert into turn (goal_id, task_id, attempt, seq, text, model) select 1, 1, 1, n, '', 'm' from generate_series(1, 10) n`,
  `insert into tool_call (mode, goal_id, task_id, turn_id, call_ref, attempt, tool, tool_version, act, touches, arguments, tainted, risk_score, risk_level, factors, status, idempotency_key, started_at)
    select 'practice', 1 + n % 100, 1 + n % 1000, 1 + n % 10, 'c' || n, 1, case n % 3 when 0 then 'market_offers' when 1 then 'market_launch' else 'web_fetch' end, '1', 'read', 'nothing', '{}', false, 0, 'low', '[]',
      case when n % 25000 = 9 then 'unknown' else 'done' end, 'key' || n, clock_timestamp() - n * interval '20 s' from generate_series(1, ${TASKS}) n`,
  `insert into tool_call (mode, goal_id, task_id, turn_id, call_ref, attempt, tool, tool_version, act, touches, arguments, tainted, risk_score, risk_level, factors, status, idempotency_key)
    values ('practice', 1, 1, 1, 'new', 1, 'web_fetch', '1', 'read', 'nothing', '{}', false, 0, 'low', '[]', 'proposed', 'new')`,
  `insert into approval (mode, kind, goal_id, title, status, asked_by, amount_micros, risk_score, risk_level, factors, reversible, outward, story, request_hash, needed, type_amount, expires_at, remind_at)
    select 'practice', 'act', 1 + n % 100, 'A', case when n % 1000 = 1 then 'pending' else 'approved' end, 'a', 0, 0, 'low', '[]', true, false, '[]', 'h', 1, false, clock_timestamp() + interval '1 day', null from generate_series(1, 10000) n`,
  `insert into reservation (mode, kind, goal_id, task_id, status, amount_micros, counted_micros, market_day, created_at, expires_at)
    select case when n % 10 = 0 then 'live' else 'practice' end, 'act', 1 + n % 100, 1 + n % 1000, case when n % 20000 = 4 then 'held' else 'settled' end, 1, 1, n / 100, clock_timestamp() - n * interval '1 hour', clock_timestamp() + interval '1 min' from generate_series(1, ${TASKS}) n`,
  `insert into payment_event (source, event_id, mode, type, body, received_at, booked_at) select 's', 'e' || n, 'practice', 't', '{}', clock_timestamp() - interval '1 h', case when n % 10000 <> 2 then clock_timestamp() end from generate_series(1, 50000) n`,
  `insert into journal (mode, source, external_id, kind, memo, occurred_at, goal_id) select 'practice', 's', 'j' || n, 'sale', '', clock_timestamp() - n * interval '1 min', 1 + n % 100 from generate_series(1, ${JOURNALS}) n`,
  `insert into posting (journal_id, account, amount_micros, currency) select id, a, case a when 'processor' then 5 else -5 end, 'USD' from journal cross join (values ('processor'), ('revenue')) v(a)`,
  // Ten thousand experiments, each with its launch, reading and books; ten of them are under way.
  `insert into experiment (mode, goal_id, name, source, risk_class, contract, contract_hash, max_loss_micros, budget_micros, created_by, state, state_deadline, verdict, created_at, ended_at, started_day, deadline_day, ended_day)
    select 'practice', 1 + n % 100, 'E', 's', 'low', '{}', '', 1, 1, 'p', case when open then 'running' else 'concluded' end, clock_timestamp() + interval '1 day', case when not open then 'kill' end,
      clock_timestamp() - n * interval '1 hour', case when not open then clock_timestamp() - n * interval '1 hour' end, 1, 100, case when not open then 9 end from (select n, n % 1000 = 3 as open from generate_series(1, ${EXPERIMENTS}) n) rows`,
  `insert into experiment_variant (mode, experiment_id, name, price_micros, visitor_cost_micros, offer_id, page_slug, page_variant) select 'practice', n, 'a', 1, 0, 'o' || n, case when n % 10 = 0 then 'page-' || n end, case when n % 10 = 0 then 'a' end from generate_series(1, ${EXPERIMENTS}) n`,
  `insert into experiment_reading (variant_id, experiment_id, day, visitors, orders, refunds, revenue_micros, refunded_micros, fees_micros, spend_micros, posterior, evidence, allocated_micros)
    select n, n, day, 1, 0, 0, 0, 0, 0, 0, '{}', '{}', 0 from generate_series(1, ${EXPERIMENTS}) n cross join generate_series(1, 3) day`,
  `insert into launch (mode, goal_id, task_id, tool_call_id, external_id, offer_id, name, budget_micros, days, started_day, status, experiment_id)
    select 'practice', 1 + n % 100, 1, n, 'x' || n, 'o' || n, 'L', 1, 5, 1, 'ended', n from generate_series(1, ${EXPERIMENTS}) n`,
  `insert into ledger_day (mode, day, goal_id, launch_id, agent, tool, model, currency, account, amount_micros, postings, journals, assumed)
    select 'practice', current_date - 1 - n % 300, 1 + n % 100, n, '', '', '', 'USD', a, 1, 1, 1, 0 from generate_series(1, ${EXPERIMENTS}) n cross join (values ('processor'), ('revenue')) v(a)`,
  `insert into opportunity (mode, source, external_id, name, name_key, sells, price_micros, unit_cost_micros, visitor_cost_micros, capital_micros, automation, risk, status, reason, score, tainted, found_by)
    select 'practice', 'idea', 'i' || n, 'O', 'o', 's', 1, 1, 1, 1, 0.5, 0.5, case when n % 50 = 0 then 'open' else 'closed' end, 'r', n % 100, false, 'p' from generate_series(1, ${EXPERIMENTS}) n`,
  `insert into offer_page (mode, slug, goal_id, status, retired_at, retired_why) select 'practice', 'page-' || n, 1 + n % 100, 'retired', clock_timestamp(), 'w' from generate_series(1, ${EXPERIMENTS}) n`,
  `insert into page_visit (page_id, variant, day, channel, visits, visitors) select n, 'a', current_date - day, '', 1, 1 from generate_series(1, ${EXPERIMENTS}) n cross join generate_series(1, 3) day`,
  `insert into cap_warning (mode, cap, period, used_micros, limit_micros, told_at) select 'practice', 'market_day', n::text, 1, 1, clock_timestamp() from generate_series(1, 10000) n`,
];

beforeAll(async () => {
  database = await createTestDatabase();
  const admin = new pg.Client(database.adminConnection);
  await admin.connect();
  await admin.query('set session_replication_role = replica');
  for (const statement of ROWS) await admin.query(statement);
  await admin.query('vacuum analyze');
  await admin.end();
  pool = createPool({ ...database.connection, max: 1 }, () => {});
  db = createDatabase(pool);
}, 120_000);

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Small tables may be walked through: nothing in them grows with the work. */
const BIG = [
  'task',
  'tool_call',
  'approval',
  'reservation',
  'payment_event',
  'journal',
  'posting',
  'cap_warning',
  'experiment',
  'experiment_variant',
  'experiment_reading',
  'launch',
  'ledger_day',
  'opportunity',
  'offer_page',
  'page_visit',
];

/** Rows and index entries read so far and not reported yet, over the big tables and their indexes. */
async function countReads(trx: Trx): Promise<number> {
  const { rows } = await sql<{ read: number }>`
    select coalesce(sum(pg_stat_get_xact_tuples_returned(c.oid)), 0)::float8 as read from pg_class c left join pg_index i on i.indexrelid = c.oid
    where coalesce(i.indrelid, c.oid)::regclass::text = any(${BIG})`.execute(trx);
  return rows[0]?.read ?? Number.NaN;
}

/** Runs the statement for real, asks how much it read, and takes it back. */
async function countReadsOf(work: (trx: Trx) => Promise<unknown>): Promise<number> {
  class Back extends Error {}
  let read = Number.NaN;
  const tried = db.transaction().execute(async (trx) => {
    const before = await countReads(trx);
    await work(trx);
    read = (await countReads(trx)) - before;
    throw new Back();
  });
  await tried.catch((error: unknown) => {
    if (!(error instanceof Back)) throw error;
  });
  return read;
}

const NO_CAPS = { hourMicros: null, dayMicros: null, monthMicros: null, marketDayMicros: null, goalMicros: null, taskMicros: null };
const CAPS = {
  hourMicros: 10_000n,
  dayMicros: 10_000n,
  monthMicros: 10_000n,
  marketDayMicros: 10_000n,
  goalMicros: 10_000n,
  taskMicros: 10_000n,
};
const claim = { mode: 'practice' as const, processId: 1, leaseSeconds: 60, maxRunning: 100, maxPerHour: 100_000 };
const request = {
  spender: { agent: null, tool: null, model: null },
  kind: 'act' as const,
  goalId: 1,
  taskId: 1,
  toolCallId: null,
  amountMicros: 1n,
  status: 'held' as const,
};

test.each<{ what: string; run: (trx: Trx) => Promise<unknown>; atMost: number }>([
  { what: 'claim the next task', run: (trx) => claimTask(trx, claim), atMost: 50 },
  { what: 'claim when the hour is used up', run: (trx) => claimTask(trx, { ...claim, maxPerHour: 1 }), atMost: 50 },
  { what: 'what is due, and what is next', run: (trx) => readDue(trx, 'practice'), atMost: 200 },
  { what: 'wake what time has woken', run: (trx) => wakeWaiting(trx, {}), atMost: 100 },
  {
    what: 'wake what a market day wakes',
    run: (trx) => listGoalsDueForResult(trx, 'practice', 14, { along: [wakeOnDayAlong('practice', 100)] }),
    atMost: 200,
  },
  { what: 'wake what an order wakes', run: (trx) => wakeWaiting(trx, { orderOfGoal: 1 }), atMost: 100 },
  { what: 'leases that ran out', run: (trx) => releaseTasksOf(trx, []), atMost: 50 },
  { what: 'runs that must stop', run: (trx) => listStops(trx, 1), atMost: 50 },
  { what: 'requests that are due', run: (trx) => listDue(trx, 'practice'), atMost: 200 },
  { what: 'events that are not booked', run: (trx) => listUnbooked(trx, 100), atMost: 50 },
  { what: 'money held too long', run: releaseExpired, atMost: 50 },
  { what: 'warnings nobody was told', run: lockUntold, atMost: 10 },
  { what: 'calls in doubt', run: (trx) => listUnknown(trx, 'practice'), atMost: 50 },
  { what: 'how the latest acts ended', run: (trx) => countEndedActs(trx, 'practice'), atMost: 5_000 },
  { what: 'which tools were used', run: (trx) => listUsedTools(trx, 'practice'), atMost: 50 },
  {
    what: 'begin a call within its rate',
    run: (trx) =>
      beginCall(trx, {
        id: TASKS + 1,
        taskId: 1,
        fence: 0,
        tool: 'web_fetch',
        rate: { perMinute: 60, perHour: 1000, atOnce: 3 },
        retake: false,
      }),
    atMost: 400,
  },
  { what: "a goal's use of its budget", run: (trx) => readGoalUse(trx, 1, 'practice'), atMost: 1_500 },
  { what: 'reserve without caps', run: (trx) => reserve(trx, { ...request, mode: 'live', caps: NO_CAPS }), atMost: 200 },
  { what: 'reserve under every cap', run: (trx) => reserve(trx, { ...request, mode: 'practice', caps: CAPS }), atMost: 5_000 },
  { what: "a goal's profit and loss", run: (trx) => readProfitAndLoss(trx, { mode: 'practice', goalId: 1 }), atMost: 3_500 },
  { what: 'experiments under way', run: (trx) => listOpen(trx, 'practice'), atMost: 50 },
  { what: 'experiments that are late', run: (trx) => listLate(trx, 'practice'), atMost: 50 },
  { what: 'the newest experiments', run: (trx) => listExperiments(trx, 'practice', 20), atMost: 60 },
  { what: 'what launches brought', run: (trx) => readResults(trx, 'practice', [3, 1003]), atMost: 300 },
  { what: 'launches that nobody has read', run: (trx) => listUnread(trx, 'practice', 2), atMost: 500 },
  { what: 'what pages brought', run: (trx) => readPageResults(trx, 'practice', [10, 20], 'UTC'), atMost: 300 },
  { what: 'the latest readings', run: (trx) => listLatestReadings(trx, [3, 1003, 2003]), atMost: 60 },
  { what: 'readings of one experiment', run: (trx) => listReadings(trx, 3, 30), atMost: 30 },
  {
    what: 'books of the newest experiments',
    run: (trx) => listExperimentMoney(trx, 'practice', { endedSince: null, limit: 50 }),
    atMost: 25_000,
  },
  { what: "an experiment's profit and loss", run: (trx) => readProfitAndLoss(trx, { mode: 'practice', experiment: 3 }), atMost: 50 },
  { what: 'the board of opportunities', run: (trx) => listOpportunities(trx, 'practice', { status: 'open', limit: 20 }), atMost: 60 },
  { what: 'visits of the newest pages', run: (trx) => listVisitTotals(trx, 'practice', 50), atMost: 500 },
  {
    what: 'count a visit',
    run: (trx) => countVisits(trx, [{ pageId: 7, variant: 'a', channel: '', day: '2026-03-01', hash: 'h', visits: 1 }]),
    atMost: 20,
  },
  {
    what: 'profit and loss of today',
    run: (trx) => readProfitAndLoss(trx, { mode: 'practice', from: new Date().toISOString().slice(0, 10) }),
    atMost: 400,
  },
])('$what: at most $atMost rows', async ({ run, atMost }) => {
  expect(await countReadsOf(run)).toBeLessThanOrEqual(atMost);
});

test('the count has teeth: a question without an index reads the whole table', async () => {
  expect(await countReadsOf((trx) => trx.selectFrom('task').select('id').where('title', '=', 'none').execute())).toBeGreaterThanOrEqual(
    TASKS,
  );
});
