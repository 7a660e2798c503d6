// The sums by day are the postings, whatever is booked, in whatever zone; slices of them are flat in the length of the ledger; the digest too.
import fc from 'fast-check';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createDatabase, createPool, type Database } from '../../src/db/database.ts';
import { readCustomers } from '../../src/domain/money/customer-store.ts';
import { bookJournal, type JournalDraft, readProfitAndLoss } from '../../src/domain/money/ledger-store.ts';
import { byKey, profitOf } from '../../src/domain/money/profit.ts';
import { countWrongSums, readAccounts, readBalance, readSums, type Slice, setBookZone } from '../../src/domain/money/slice-store.ts';
import { readDigest } from '../../src/flows/read-digest.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let pool: pg.Pool;
let db: Database;
let admin: pg.Client;
let serial = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ ...database.connection, max: 6 }, () => {});
  db = createDatabase(pool);
  admin = new pg.Client(database.adminConnection);
  await admin.connect();
  await admin.query('set session_replication_role = replica');
  await admin.query(
    `insert into goal (mode, title, request, means, status, given_by, given_by_person) select 'practice', 'G', 'G', 'other', 'running', 'a:b', 'a:b' from generate_series(1, 40)`,
  );
});

beforeEach(async () => {
  await admin.query('truncate posting, journal, ledger_day, ledger_customer');
  await setBookZone(db, 'UTC');
});

afterAll(async () => {
  await pool.end();
  await admin.end();
  await database.drop();
});

function sale(at: string, cents: bigint, more: Partial<JournalDraft> = {}): JournalDraft {
  serial += 1;
  return {
    mode: 'practice',
    source: 'test',
    externalId: String(serial),
    kind: 'sale',
    memo: 'test',
    occurredAt: new Date(at),
    goalId: null,
    taskId: null,
    toolCallId: null,
    launchId: null,
    currency: 'USD',
    postings: [
      { account: 'processor', amountMicros: cents * 10_000n },
      { account: 'revenue', amountMicros: -cents * 10_000n },
    ],
    ...more,
  };
}

const journal = fc.record({
  mode: fc.constantFrom('practice' as const, 'live' as const),
  day: fc.integer({ min: 0, max: 5 }),
  minute: fc.integer({ min: 0, max: 1439 }),
  goalId: fc.option(fc.integer({ min: 1, max: 3 })),
  tool: fc.option(fc.constantFrom('a', 'b')),
  model: fc.option(fc.constantFrom('m', 'n')),
  customer: fc.option(fc.constantFrom('c', 'd')),
  currency: fc.constantFrom('USD', 'USD', 'EUR'),
  cents: fc.bigInt({ min: 1n, max: 1_000_000n }),
  zone: fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/New_York'),
});

test('any slice of the sums is that slice of the postings, booked at once over many connections, also after the zone has changed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(journal, { minLength: 1, maxLength: 30 }), async (entries) => {
      await admin.query('truncate posting, journal, ledger_day, ledger_customer');
      await Promise.all(
        entries.map(({ day, minute, cents, zone: _zone, ...more }) =>
          bookJournal(db, sale(new Date(Date.UTC(2026, 2, 7 + day, 0, minute)).toISOString(), cents, more)),
        ),
      );
      const zone = entries[0]?.zone ?? 'UTC';
      await setBookZone(db, zone);
      const one = entries.at(-1);
      const slice: Slice = {
        mode: one?.mode ?? 'live',
        goalId: one?.goalId ?? undefined,
        tool: one?.tool ?? undefined,
        customer: one?.customer ?? undefined,
        from: '2026-03-08',
        to: '2026-03-10',
      };
      const dayIn = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
      const own = entries.filter((entry) => {
        const local = dayIn.format(new Date(Date.UTC(2026, 2, 7 + entry.day, 0, entry.minute)));
        return (
          entry.mode === slice.mode &&
          entry.currency === 'USD' &&
          (slice.goalId === undefined || entry.goalId === slice.goalId) &&
          (slice.tool === undefined || entry.tool === slice.tool) &&
          (slice.customer === undefined || entry.customer === slice.customer) &&
          local >= '2026-03-08' &&
          local <= '2026-03-10'
        );
      });
      const sums = await readProfitAndLoss(db, slice);
      expect(sums.revenueMicros).toBe(own.reduce((total, entry) => total + entry.cents * 10_000n, 0n));
      expect(sums.journals).toBe(own.length);
      const { tool: _tool, customer: _customer, ...wider } = slice;
      const customers = byKey((await readCustomers(db, wider)).rows);
      for (const customer of ['c', 'd'])
        expect(customers.get(customer)?.revenueMicros ?? 0n).toBe((await readProfitAndLoss(db, { ...wider, customer })).revenueMicros);
      expect(await countWrongSums(db)).toBe(0);
      expect((await readBalance(db)).map(({ sumMicros }) => sumMicros)).toEqual((await readBalance(db)).map(() => 0n));
    }),
    { numRuns: 12 },
  );
});

test('a day ends at midnight of the books, also on the day the clocks change', async () => {
  await setBookZone(db, 'America/New_York');
  // 2026-03-08 has 23 hours there: it ends at 04:00 UTC, the day before it at 05:00.
  for (const at of ['2026-03-08T04:59:00Z', '2026-03-08T05:00:00Z', '2026-03-09T03:59:00Z', '2026-03-09T04:00:00Z'])
    await bookJournal(db, sale(at, 100n));
  const days = await readSums(db, { mode: 'practice' }, 'day');
  expect(days.filter(({ account }) => account === 'revenue').map(({ key, journals }) => [key, journals])).toEqual([
    ['2026-03-07', 0],
    ['2026-03-08', 0],
    ['2026-03-09', 0],
  ]);
  const counted = await Promise.all(
    ['2026-03-07', '2026-03-08', '2026-03-09'].map((day) => readProfitAndLoss(db, { mode: 'practice', from: day, to: day })),
  );
  expect(counted.map(({ journals }) => journals)).toEqual([1, 2, 1]);
});

test('sums that were tampered with are found', async () => {
  await bookJournal(db, sale('2026-03-08T12:00:00Z', 100n));
  expect(await countWrongSums(db)).toBe(0);
  await admin.query(`update ledger_day set amount_micros = amount_micros - 1 where account = 'revenue'`);
  expect(await countWrongSums(db)).toBe(1);
  await bookJournal(db, sale('2026-03-08T12:00:00Z', 100n, { customer: 'c' }));
  await admin.query(`update ledger_customer set revenue_micros = revenue_micros - 1`);
  expect(await countWrongSums(db)).toBe(2);
});

test('a loss is a loss, and an account leads to as many postings as it counts', async () => {
  const spend = {
    kind: 'spend' as const,
    tool: 'market_launch',
    goalId: 2,
    postings: [
      { account: 'offer_spend' as const, amountMicros: 5_000_000n },
      { account: 'cash' as const, amountMicros: -5_000_000n },
    ],
  };
  await bookJournal(db, sale('2026-03-08T12:00:00Z', 200n, { goalId: 2 }));
  await bookJournal(db, sale('2026-03-08T13:00:00Z', 0n, spend));
  const sums = await readProfitAndLoss(db, { mode: 'practice', goalId: 2 });
  expect(profitOf(sums)).toBe(-3_000_000n);
  expect(await readAccounts(db, { mode: 'practice', tool: 'market_launch' })).toEqual([
    { account: 'cash', sumMicros: -5_000_000n, postings: 1 },
    { account: 'offer_spend', sumMicros: 5_000_000n, postings: 1 },
  ]);
  expect(await readProfitAndLoss(db, { mode: 'live' })).toMatchObject({ revenueMicros: 0n, journals: 0 });
});

async function fill(journals: number): Promise<void> {
  await admin.query('truncate posting, journal, ledger_day, ledger_customer');
  await admin.query(
    `insert into journal (mode, source, external_id, kind, memo, occurred_at, goal_id, tool, model, customer) select 'practice', 's', 'j' || n, 'sale', '',
      '2026-03-01'::timestamptz - n * (interval '60 days' / $1), 1 + n % 40, case n % 3 when 0 then 'market_launch' end, case n % 3 when 1 then 'm' end, 'c' || n / 10 from generate_series(1, $1::int) n`,
    [journals],
  );
  await admin.query(
    `insert into posting (journal_id, account, amount_micros, currency) select id, a, case a when 'processor' then 5 else -5 end, 'USD' from journal cross join (values ('processor'), ('revenue')) v(a)`,
  );
  await admin.query(`select rebuild_ledger_days('UTC')`);
  await admin.query('vacuum analyze');
}

/** Rows that the ledger's tables and their indexes gave up while the work ran, and whether journal or posting were among them. */
async function countReads(work: (trx: Database) => Promise<unknown>): Promise<{ sums: number; ledger: number }> {
  return await db.transaction().execute(async (trx) => {
    const count = async (tables: string[]): Promise<number> => {
      const { rows } = await sql<{ read: number }>`
        select coalesce(sum(pg_stat_get_xact_tuples_returned(c.oid)), 0)::float8 as read from pg_class c left join pg_index i on i.indexrelid = c.oid
        where coalesce(i.indrelid, c.oid)::regclass::text = any(${tables})`.execute(trx);
      return rows[0]?.read ?? Number.NaN;
    };
    const before = { sums: await count(['ledger_day']), ledger: await count(['journal', 'posting']) };
    await work(trx);
    return { sums: (await count(['ledger_day'])) - before.sums, ledger: (await count(['journal', 'posting'])) - before.ledger };
  });
}

test('profit and loss and the digest walk through no posting, and no more sums over a ledger ten times as long', {
  timeout: 120_000,
}, async () => {
  const config = readConfig({ JUG_TIMEZONE: 'UTC', JUG_MODE: 'practice' }, '/tmp');
  const looks: Record<string, (trx: Database) => Promise<unknown>> = {
    everything: (trx) => readProfitAndLoss(trx, { mode: 'practice' }),
    goal: (trx) => readProfitAndLoss(trx, { mode: 'practice', goalId: 7 }),
    'tool and days': (trx) => readProfitAndLoss(trx, { mode: 'practice', tool: 'market_launch', from: '2026-02-01', to: '2026-02-07' }),
    'by day': (trx) => readSums(trx, { mode: 'practice' }, 'day'),
    balance: readBalance,
    'one customer': (trx) => readProfitAndLoss(trx, { mode: 'practice', customer: 'c7' }),
    'by customer, of a goal and a week': (trx) => readCustomers(trx, { mode: 'practice', goalId: 7, from: '2026-02-01', to: '2026-02-07' }),
    digest: (trx) => readDigest({ mode: 'practice', config }, trx, new Date('2026-03-01T09:00:00Z')),
  };
  const reads: Record<string, { sums: number; ledger: number }[]> = {};
  for (const journals of [10_000, 100_000]) {
    await fill(journals);
    for (const [name, look] of Object.entries(looks)) {
      reads[name] ??= [];
      reads[name].push(await countReads(look));
    }
  }
  for (const [name, [short, long]] of Object.entries(reads)) {
    // The digest asks once for orders of the last market days; here are none.
    expect(Math.max(short?.ledger ?? 99, long?.ledger ?? 99), name).toBeLessThanOrEqual(name === 'one customer' ? 100 : 10);
    expect(long?.sums, name).toBeLessThanOrEqual((short?.sums ?? 0) * 1.1 + 10);
  }
  // EXPLAIN says the same: a goal's slice goes through its index.
  const { rows } = await sql<{
    'QUERY PLAN': string;
  }>`explain select sum(amount_micros) from ledger_day where mode = 'practice' and goal_id = 7 and day >= '2026-02-01'`.execute(db);
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index|Bitmap/);
});
