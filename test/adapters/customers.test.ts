// Customers read from the journal equal the same worked out by hand; practice and live never meet; cards and metrics say it.
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { revenueCard } from '../../src/chat/views/revenue-card.ts';
import { readConfig } from '../../src/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { randomFrom, uniformInt } from '../../src/core/random.ts';
import { createDatabase, createPool, type Database } from '../../src/db/database.ts';
import { bookJournal, type JournalDraft, readProfitAndLoss } from '../../src/domain/money/ledger-store.ts';
import type { Slice } from '../../src/domain/money/slice-store.ts';
import { readBuyers } from '../../src/domain/value/buyer-store.ts';
import { VALUE_DAYS } from '../../src/domain/value/lifetime-value.ts';
import { measureBooks } from '../../src/flows/measure-books.ts';
import { readCustomers } from '../../src/flows/read-customers.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const TODAY = 200;
let database: TestDatabase;
let pool: pg.Pool;
let db: Database;

interface Entry {
  customer: string;
  day: number;
  kind: 'sale' | 'refund';
  cents: number;
  feeCents: number;
  goalId: number;
  mode: 'practice' | 'live';
}

const entries: Entry[] = [];

function draftOf(entry: Entry, index: number): JournalDraft {
  const [amount, fee] = [BigInt(entry.cents) * 10_000n, BigInt(entry.feeCents) * 10_000n];
  const sold = entry.kind === 'sale';
  return {
    mode: entry.mode,
    source: 'test',
    externalId: String(index),
    kind: entry.kind,
    memo: 'test',
    occurredAt: new Date(Date.UTC(2026, 0, 1 + entry.day, 12)),
    goalId: entry.goalId,
    taskId: null,
    toolCallId: null,
    launchId: null,
    customer: entry.customer,
    marketDay: entry.mode === 'practice' ? entry.day : null,
    currency: 'USD',
    postings: sold
      ? [
          { account: 'processor', amountMicros: amount - fee },
          { account: 'fees', amountMicros: fee },
          { account: 'revenue', amountMicros: -amount },
        ]
      : [
          { account: 'refunds', amountMicros: amount },
          { account: 'processor', amountMicros: -amount },
        ],
  };
}

function drawEntries(): void {
  const random = randomFrom(8);
  const buy = (mode: Entry['mode'], customer: number): void => {
    let day = uniformInt(random, 1, 60);
    for (let count = 0; day < TODAY && count < 1 + (customer % 4); count += 1) {
      const goalId = 1 + ((customer + count) % 3);
      const sale = { customer: `cus_${customer}`, day, mode, goalId, cents: uniformInt(random, 500, 9000), feeCents: 60 };
      entries.push({ ...sale, kind: 'sale' });
      if (random() < 0.1) entries.push({ ...sale, kind: 'refund', day: day + 7, feeCents: 0 });
      day += uniformInt(random, 0, 60);
    }
  };
  for (let customer = 0; customer < 120; customer += 1) buy('practice', customer);
  // The same ids again, fewer of them: whoever mixes the two modes gets both wrong.
  for (let customer = 0; customer < 12; customer += 1) buy('live', customer);
}

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ ...database.connection, max: 2 }, () => {});
  db = createDatabase(pool);
  const admin = new pg.Client(database.adminConnection);
  await admin.connect();
  await admin.query('set session_replication_role = replica');
  await admin.query(
    `insert into goal (mode, title, request, means, status, given_by, given_by_person) select 'practice', 'G', 'G', 'other', 'running', 'a:b', 'a:b' from generate_series(1, 3)`,
  );
  await admin.query(`update spend_gate set market_day = ${TODAY} where mode = 'practice'`);
  await admin.end();
  drawEntries();
  entries.sort((a, b) => a.day - b.day);
  for (const [index, entry] of entries.entries()) await bookJournal(db, draftOf(entry, index));
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** The same by hand. */
function byHand(slice: Slice) {
  const mine = Map.groupBy(
    entries.filter((entry) => entry.mode === slice.mode && entry.day <= TODAY + 7),
    (entry) => entry.customer,
  );
  return [...mine.values()].flatMap((all) => {
    const sales = all.filter((entry) => entry.kind === 'sale');
    const first = sales[0];
    if (first === undefined || (slice.goalId !== undefined && first.goalId !== slice.goalId)) return [];
    const net = (some: Entry[]): number =>
      some.reduce((sum, { kind, cents, feeCents }) => sum + (kind === 'sale' ? cents - feeCents : -cents), 0) / 100;
    const days = [...new Set(sales.map(({ day }) => day - first.day))];
    return [
      {
        days,
        firstDay: first.day,
        age: TODAY - first.day,
        net: net(all),
        netEarly: net(all.filter(({ day }) => day - first.day <= VALUE_DAYS)),
      },
    ];
  });
}

const inOrder = <Row extends { firstDay: number; net: number }>(rows: readonly Row[]): Row[] =>
  rows.toSorted((a, b) => a.firstDay - b.firstDay || a.net - b.net);

test.each<Slice>([{ mode: 'practice' }, { mode: 'practice', goalId: 2 }, { mode: 'practice', from: '2026-01-20', to: '2026-02-10' }])(
  'customers of $mode, goal $goalId, from $from: as worked out by hand, by the goal and day of their first payment',
  async (slice) => {
    const { customers, sample } = await readBuyers(db, slice, { today: TODAY, limit: 1000 });
    const expected = byHand(slice).filter(({ firstDay }) => slice.from === undefined || (firstDay >= 19 && firstDay <= 40));
    expect(customers).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(20);
    const rounded = inOrder(sample).map((buyer) => ({
      ...buyer,
      net: Number(buyer.net.toFixed(2)),
      netEarly: Number(buyer.netEarly.toFixed(2)),
    }));
    expect(rounded).toEqual(
      inOrder(expected).map((buyer) => ({ ...buyer, net: Number(buyer.net.toFixed(2)), netEarly: Number(buyer.netEarly.toFixed(2)) })),
    );
  },
);

test('live days are days of the calendar, and a sample is the same each time and counts everybody', async () => {
  const first = Math.round(Date.UTC(2026, 0, 1) / 86_400_000);
  const live = await readBuyers(db, { mode: 'live' }, { today: first + TODAY, limit: 1000 });
  expect(inOrder(live.sample).map(({ days, firstDay }) => [firstDay - first, days])).toEqual(
    inOrder(byHand({ mode: 'live' })).map(({ days, firstDay }) => [firstDay, days]),
  );
  const some = await readBuyers(db, { mode: 'practice' }, { today: TODAY, limit: 30 });
  expect([some.customers, some.sample.length]).toEqual([120, 30]);
  expect(await readBuyers(db, { mode: 'practice' }, { today: TODAY, limit: 30 })).toEqual(some);
});

test('the card tells worth, cost and payback with ranges; too few customers are said, not counted; other parts of the books have none', async () => {
  const at = { now: new Date('2026-08-01'), timezone: 'UTC' };
  const cardOf = async (slice: Slice, byCohort = false) => {
    const sums = await readProfitAndLoss(db, slice);
    const customers = await readCustomers(db, slice, { ...sums, offerSpendMicros: 600_000_000n }, at);
    const card = revenueCard({ slice, sums, live: null, foreign: [], by: null, unpriced: [], burn: null, customers, byCohort });
    return { card, of: (label: string) => card.fields?.find((field) => field.label.includes(label))?.value ?? '' };
  };
  const practice = await cardOf({ mode: 'practice' }, true);
  expect(practice.of('Customers')).toMatch(/^120; \d+ came back, smoothed .*; likely still active: /);
  expect(practice.of('LTV')).toMatch(
    /^\$\d+\.\d\d \(95 %: \$.* to \$.*\), net of refunds and fees; .* × the cost of one\. \d+ of 120 customers came back.*BG\/NBD/,
  );
  expect(practice.of('CAC')).toMatch(/^\$5\.00 \(95 %: .*\): \$600\.00 of offer, model and tool spend ÷ 120 new customers$/);
  expect(practice.of('Payback')).toBe('at the first purchase');
  expect(practice.of('Conversion')).toBe('unknown: no visitors measured here');
  expect(practice.card.table?.columns.slice(0, 3)).toEqual(['First bought from', 'Customers', 'days 1-30']);
  expect((await cardOf({ mode: 'live' })).of('LTV')).toContain('of 12 customers came back, fewer than 30');
  expect((await cardOf({ mode: 'practice', from: '2026-02-28' })).of('LTV')).toMatch(/^too few to say: \d customers, 5 are needed$/);
  expect((await cardOf({ mode: 'practice', tool: 'x' })).of('Customers')).toBe('');
});

test('Prometheus reads the books by mode and offer, to the cent', async () => {
  const metrics = createMetrics();
  const config = readConfig({ JUG_TIMEZONE: 'UTC' }, '/tmp');
  await measureBooks({ db, config, clock: systemClock }, metrics.books)();
  const lines = (await metrics.text()).split('\n');
  metrics.close();
  const { revenueMicros } = await readProfitAndLoss(db, { mode: 'practice' });
  expect(lines).toContain(`juggernaut_books_revenue_usd{mode="practice",offer="all"} ${Number(revenueMicros) / 1e6}`);
  expect(lines).toContain('juggernaut_customers{mode="practice",offer="all"} 120');
  expect(lines).toContain('juggernaut_customers{mode="live",offer="all"} 12');
  expect(lines.find((line) => line.startsWith('juggernaut_customer_value_usd{mode="practice",offer="all"}'))).toBeDefined();
  expect(lines).toContain('juggernaut_customer_cost_usd{mode="practice",offer="all"} 0');
});

test('the purchases of one customer are found by an index', async () => {
  const plan = await db.connection().execute(async (one) => {
    await sql`analyze journal`.execute(one);
    await sql`set enable_seqscan = off`.execute(one);
    return sql<{
      'QUERY PLAN': string;
    }>`explain select id from journal where mode = 'practice' and customer = 'cus_1' and kind in ('sale', 'refund')`.execute(one);
  });
  expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('journal_of_customer');
});
