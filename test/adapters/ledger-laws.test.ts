// The ledger's laws in a real database: random journals and shuffled, repeated, interrupted events come to the far side's sums; what breaks
// a law is refused; practice and live are never in one sum.
import fc from 'fast-check';
import { runMigrations } from 'graphile-worker';
import type pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, createPool, type Database, inTransaction, isDatabaseTrouble } from '../../src/db/database.ts';
import {
  bookJournal,
  countUnbalanced,
  type JournalDraft,
  type ProfitAndLoss,
  readProfitAndLoss,
} from '../../src/domain/money/ledger-store.ts';
import type { Deps } from '../../src/flows/deps.ts';
import { acceptPayment, bookPayment } from '../../src/flows/record-payment.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const LONG = process.env['JUG_TEST_LONG'] === '1';

let database: TestDatabase;
let pools: pg.Pool[];
let writers: Database[];
let db: Database;
let round = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  pools = Array.from({ length: 3 }, () => createPool({ ...database.connection, max: 6 }, () => {}));
  writers = pools.map(createDatabase);
  db = writers[0] as Database;
  await runMigrations({ pgPool: pools[0] as pg.Pool, logger: undefined as never });
});

afterAll(async () => {
  for (const pool of pools) await pool.end();
  await database.drop();
});

type Mode = 'practice' | 'live';

const nothing = {
  goalId: null,
  taskId: null,
  toolCallId: null,
  launchId: null,
  currency: 'USD',
  memo: 'of a test',
  occurredAt: new Date('2026-01-01'),
};

const KINDS: Record<'sale' | 'refund' | 'spend' | 'spend_return', (amount: bigint, fee: bigint) => JournalDraft['postings']> = {
  sale: (amount: bigint, fee: bigint) => [
    { account: 'processor', amountMicros: amount - fee },
    { account: 'fees', amountMicros: fee },
    { account: 'revenue', amountMicros: -amount },
  ],
  refund: (amount: bigint) => [
    { account: 'refunds', amountMicros: amount },
    { account: 'processor', amountMicros: -amount },
  ],
  spend: (amount: bigint) => [
    { account: 'offer_spend', amountMicros: amount },
    { account: 'cash', amountMicros: -amount },
  ],
  spend_return: (amount: bigint) => [
    { account: 'cash', amountMicros: amount },
    { account: 'offer_spend', amountMicros: -amount },
  ],
};

const entry = fc.record({
  mode: fc.constantFrom<Mode>('practice', 'live'),
  kind: fc.constantFrom('sale', 'refund', 'spend', 'spend_return'),
  amount: fc.bigInt({ min: 1_000n, max: 1_000_000_000n }),
  feePercent: fc.bigInt({ min: 0n, max: 10n }),
  /** How often it arrives, and over which connections. */
  copies: fc.integer({ min: 1, max: 5 }),
});
type Entry = typeof entry extends fc.Arbitrary<infer Value> ? Value : never;

function draftOf(one: Entry, externalId: string): JournalDraft {
  const postings = KINDS[one.kind](one.amount, (one.amount * one.feePercent) / 100n);
  return { ...nothing, mode: one.mode, source: 'test', externalId, kind: one.kind, postings };
}

/** What the entries of one mode come to. */
function sumUp(entries: readonly Entry[], mode: Mode): Partial<ProfitAndLoss> {
  const of = (kind: string) => entries.filter((one) => one.mode === mode && one.kind === kind);
  const sum = (some: readonly Entry[], pick: (one: Entry) => bigint) => some.reduce((total, one) => total + pick(one), 0n);
  return {
    revenueMicros: sum(of('sale'), (one) => one.amount),
    refundsMicros: sum(of('refund'), (one) => one.amount),
    feesMicros: sum(of('sale'), (one) => (one.amount * one.feePercent) / 100n),
    offerSpendMicros: sum(of('spend'), (one) => one.amount) - sum(of('spend_return'), (one) => one.amount),
    journals: entries.filter((one) => one.mode === mode).length,
  };
}

function minus(after: ProfitAndLoss, before: ProfitAndLoss): Partial<ProfitAndLoss> {
  return {
    revenueMicros: after.revenueMicros - before.revenueMicros,
    refundsMicros: after.refundsMicros - before.refundsMicros,
    feesMicros: after.feesMicros - before.feesMicros,
    offerSpendMicros: after.offerSpendMicros - before.offerSpendMicros,
    journals: after.journals - before.journals,
  };
}

const readBoth = async (): Promise<Record<Mode, ProfitAndLoss>> => ({
  practice: await readProfitAndLoss(db, { mode: 'practice' }),
  live: await readProfitAndLoss(db, { mode: 'live' }),
});

test('random journals, repeated and at once over three connections: each counts once, in its own mode, and all balance', {
  timeout: LONG ? 900_000 : 30_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 25 }), async (entries) => {
      round += 1;
      const before = await readBoth();
      const arrivals = entries.flatMap((one, index) => Array.from({ length: one.copies }, () => draftOf(one, `random ${round}:${index}`)));
      const isNew = await Promise.all(arrivals.map((draft, index) => bookJournal(writers[index % 3] as Database, draft)));
      expect(isNew.filter(Boolean)).toHaveLength(entries.length);
      const after = await readBoth();
      for (const mode of ['practice', 'live'] as const) expect(minus(after[mode], before[mode])).toEqual(sumUp(entries, mode));
      expect(await countUnbalanced(db)).toBe(0);
    }),
    { numRuns: LONG ? 500 : 15 },
  );
});

const order = fc.record({
  cents: fc.integer({ min: 100, max: 50_000 }),
  feeCents: fc.integer({ min: 0, max: 90 }),
  refunded: fc.boolean(),
  copies: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
});
type Order = typeof order extends fc.Arbitrary<infer Value> ? Value : never;
interface Event {
  eventId: string;
  type: string;
  body: unknown;
}

function eventsOf(one: Order, name: string): Event[] {
  const head = (id: string, type: string, object: object) => ({
    eventId: id,
    type,
    body: { id, type, created: 1_767_225_600, livemode: false, data: { object } },
  });
  const charge = { id: `ch_${name}`, currency: 'usd', customer: null, metadata: { order_id: `ord_${name}` } };
  const paid = head(`evt_paid_${name}`, 'charge.succeeded', {
    ...charge,
    amount: one.cents,
    balance_transaction: { id: `txn_${name}`, amount: one.cents, fee: one.feeCents, net: one.cents - one.feeCents },
  });
  const back = head(`evt_back_${name}`, 'charge.refunded', {
    ...charge,
    refunds: {
      data: [
        { id: `re_${name}`, amount: one.cents, balance_transaction: { id: `txn_re_${name}`, amount: -one.cents, fee: 0, net: -one.cents } },
      ],
    },
  });
  return [...Array<Event>(one.copies[0]).fill(paid), ...(one.refunded ? Array<Event>(one.copies[1]).fill(back) : [])];
}

test('events sent one to five times, shuffled, over three processes whose connections die: the ledger is the far side', {
  timeout: LONG ? 900_000 : 30_000,
}, async () => {
  const log = pino({ level: 'silent' });
  const deps = writers.map((writer) => ({ db: writer, log, mode: 'practice', config: { timezone: 'UTC' } }) as unknown as Deps);
  const admin = createPool({ ...database.adminConnection, max: 1 }, () => {});
  const shuffled = fc.array(order, { minLength: 1, maxLength: 15 }).chain((orders) => {
    const all = orders.flatMap((one, index) => eventsOf(one, `${index}`));
    return fc.tuple(
      fc.constant(orders),
      fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
    );
  });
  /** Tries again after a lost connection, as the sender and the job engine do. */
  const insist = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isDatabaseTrouble(error)) throw error;
      }
    }
  };
  await fc.assert(
    fc.asyncProperty(shuffled, async ([orders, events, dice]) => {
      round += 1;
      const source = `processor ${round}`;
      const before = await insist(readBoth);
      const kill = () =>
        admin.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = 'juggernaut' and random() < 0.4`,
          [database.name],
        );
      await Promise.all(
        events.map(async (event, index) => {
          const own = deps[index % 3] as Deps;
          await insist(() => acceptPayment(own, { ...event, source, mode: 'practice' }));
          if (dice.next().value === 0) await kill();
        }),
      );
      const stored = await insist(() => db.selectFrom('payment_event').select('id').where('source', '=', source).execute());
      const ids = stored.map((row) => row.id);
      await Promise.all(
        ids.flatMap((id) =>
          [0, 1].map(async (copy) => {
            await insist(() => bookPayment(deps[(id + copy) % 3] as Deps, id));
            if (dice.next().value === 0) await kill();
          }),
        ),
      );
      const after = await insist(readBoth);
      const sum = (pick: (one: Order) => number) => BigInt(orders.reduce((total, one) => total + pick(one), 0)) * 10_000n;
      expect(minus(after.practice, before.practice)).toEqual({
        revenueMicros: sum((one) => one.cents),
        feesMicros: sum((one) => one.feeCents),
        refundsMicros: sum((one) => (one.refunded ? one.cents : 0)),
        offerSpendMicros: 0n,
        journals: orders.length + orders.filter((one) => one.refunded).length,
      });
      expect(minus(after.live, before.live)).toEqual({
        revenueMicros: 0n,
        feesMicros: 0n,
        refundsMicros: 0n,
        offerSpendMicros: 0n,
        journals: 0,
      });
    }),
    { numRuns: LONG ? 100 : 6 },
  );
  await admin.end();
});

const balanced = (externalId: string, postings: JournalDraft['postings']): JournalDraft => ({
  ...nothing,
  mode: 'practice',
  source: 'law',
  externalId,
  kind: 'spend',
  postings,
});

test('a journal that does not sum to zero, or has no postings, is refused', async () => {
  await expect(bookJournal(db, balanced('one sided', [{ account: 'cash', amountMicros: 5n }]))).rejects.toThrow(/does not balance/);
  await expect(
    bookJournal(
      db,
      balanced('a millionth off', [
        { account: 'cash', amountMicros: 1_000_000n },
        { account: 'offer_spend', amountMicros: -999_999n },
      ]),
    ),
  ).rejects.toThrow(/does not balance: currency USD sums to 1/);
  await expect(bookJournal(db, balanced('empty', []))).rejects.toThrow(/has no postings/);
  await expect(bookJournal(db, balanced('zeroes', [{ account: 'cash', amountMicros: 0n }]))).rejects.toThrow(/has no postings/);
  const two = inTransaction(db, async (trx) => {
    await bookJournal(trx, balanced('two currencies', [{ account: 'cash', amountMicros: 5n }]));
    await pools[0]?.query('select 1');
  });
  await expect(two).rejects.toThrow(/does not balance/);
});

test('what is booked stays as it is: no edit, no deletion, no truncation, no strange account or mode', async () => {
  await bookJournal(
    db,
    balanced('to stay', [
      { account: 'cash', amountMicros: 7n },
      { account: 'offer_spend', amountMicros: -7n },
    ]),
  );
  const refused = [
    `update journal set memo = 'x' where external_id = 'to stay'`,
    `delete from journal where external_id = 'to stay'`,
    'truncate journal cascade',
    `update posting set amount_micros = 8 where amount_micros = 7`,
    `delete from posting where amount_micros = 7`,
    'truncate posting',
  ];
  for (const statement of refused) await expect(pools[0]?.query(statement), statement).rejects.toThrow(/append-only/);
  const id = `(select id from journal where external_id = 'to stay')`;
  await expect(
    pools[0]?.query(`insert into posting (journal_id, account, amount_micros, currency) values (${id}, 'pocket', 1, 'USD')`),
  ).rejects.toThrow(/check constraint/);
  await expect(
    pools[0]?.query(`insert into posting (journal_id, account, amount_micros, currency) values (${id}, 'cash', 0, 'USD')`),
  ).rejects.toThrow(/check constraint/);
  await expect(
    pools[0]?.query(`insert into posting (journal_id, account, amount_micros, currency) values (${id}, 'cash', 1, 'USD')`),
  ).rejects.toThrow(/does not balance/);
  await expect(
    bookJournal(db, {
      ...balanced('play money', [
        { account: 'cash', amountMicros: 1n },
        { account: 'revenue', amountMicros: -1n },
      ]),
      mode: 'play' as Mode,
    }),
  ).rejects.toThrow(/check constraint/);
  // The database's owner too: the laws are triggers, not rights.
  const admin = createPool({ ...database.adminConnection, max: 1 }, () => {});
  for (const statement of refused) await expect(admin.query(statement), statement).rejects.toThrow(/append-only/);
  await admin.end();
});
