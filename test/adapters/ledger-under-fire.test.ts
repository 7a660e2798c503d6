// Fifty writers in two processes that are killed again and again book random entries, many of them twice: at every moment each journal sums to
// zero in each currency, no posting ever changes, and at the end the books are exactly what the entries come to.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, createPool, type Database } from '../../src/db/database.ts';
import { countUnbalanced } from '../../src/domain/money/ledger-store.ts';
import { countWrongSums, readBalance } from '../../src/domain/money/slice-store.ts';
import { draftOf, type LedgerOperation } from '../support/ledger-operations.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const LONG = process.env['JUG_TEST_LONG'] === '1';
const OPERATIONS = LONG ? 100_000 : 500;
const KILLS = LONG ? 40 : 2;
const WRITERS_EACH = 25;
const SCRIPT = new URL('../support/ledger-writer-process.ts', import.meta.url).pathname;

let database: TestDatabase;
let pool: pg.Pool;
let db: Database;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ ...database.connection, max: 3 }, () => {});
  db = createDatabase(pool);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await pool.end();
  await database.drop();
});

const operation = fc.record({
  cents: fc.integer({ min: 1, max: 5_000_000 }),
  mode: fc.constantFrom('practice' as const, 'live' as const),
  kind: fc.constantFrom(
    'sale',
    'refund',
    'spend',
    'spend_return',
    'model_cost',
    'expense',
    'expense_reversal',
    'dispute',
    'dispute_reversed',
    'refund_failed',
    'fee',
    'payout',
    'adjustment',
  ) as fc.Arbitrary<LedgerOperation['kind']>,
  who: fc.integer({ min: 0, max: 40 }),
  minute: fc.integer({ min: 0, max: 40_000 }),
});

async function startWriter(operations: readonly LedgerOperation[], onDone: (id: number) => void): Promise<ChildProcess> {
  const child = fork(SCRIPT, [], { stdio: 'inherit' });
  children.add(child);
  await once(child, 'message');
  child.on('message', (id) => onDone(Number(id)));
  child.send({ connection: database.connection, writers: WRITERS_EACH, operations });
  return child;
}

/** One process's share of the work, begun anew after each kill until all of it is said to be done. */
async function keepWriting(operations: readonly LedgerOperation[], kills: number, dice: () => number): Promise<void> {
  const done = new Set<number>();
  for (let life = 0; done.size < new Set(operations.map(({ id }) => id)).size; life += 1) {
    const killAfter = life < kills ? 1 + Math.floor(dice() * (operations.length / (kills + 1))) : Number.POSITIVE_INFINITY;
    let seen = 0;
    const rest = operations.filter(({ id }) => !done.has(id));
    const child: ChildProcess = await startWriter(rest, (id) => {
      done.add(id);
      seen += 1;
      if (seen === killAfter) child.kill('SIGKILL');
    });
    await once(child, 'exit');
    children.delete(child);
  }
}

const readPostings = async (): Promise<Map<string, string>> =>
  new Map(
    (await pool.query<{ id: string; row: string }>('select id::text, p::text as row from posting p')).rows.map(({ id, row }) => [id, row]),
  );

test(`${OPERATIONS} entries by fifty writers on two processes that are killed`, { timeout: LONG ? 1_800_000 : 120_000 }, async () => {
  const [made] = fc.sample(
    fc.tuple(
      fc.array(operation, { minLength: OPERATIONS, maxLength: OPERATIONS }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    ),
    { numRuns: 1, seed: LONG ? Date.now() % 2 ** 31 : 7 },
  );
  if (made === undefined) throw new Error('nothing was made');
  const [entries, stream] = made;
  const operations: LedgerOperation[] = entries.map((entry, id) => ({ ...entry, id }));
  const dice = () => stream.next().value as number;
  // Every fifth entry is handed to both processes: whoever is first books it.
  const shares = [0, 1].map((side) => operations.filter(({ id }) => id % 2 === side || id % 5 === 0));

  let isOver = false;
  let looks = 0;
  const watch = (async () => {
    while (!isOver) {
      // What a look sees is committed; a journal that did not balance would be seen in at least one of them.
      expect(await countUnbalanced(db)).toBe(0);
      looks += 1;
    }
  })();
  await Promise.all(shares.map((share) => keepWriting(share.slice(0, share.length / 2), KILLS / 2, dice)));
  const early = await readPostings();
  await Promise.all(shares.map((share) => keepWriting(share.slice(share.length / 2), KILLS / 2, dice)));
  isOver = true;
  await watch;
  expect(looks).toBeGreaterThan(3);
  const late = await readPostings();
  expect([...early].filter(([id, row]) => late.get(id) !== row)).toEqual([]);
  expect(early.size).toBeGreaterThan(OPERATIONS / 2);

  // The entries replayed in memory.
  const balances = new Map<string, bigint>();
  for (const draft of operations.map(draftOf))
    for (const { account, amountMicros } of draft.postings.filter((posting) => posting.amountMicros !== 0n)) {
      const key = `${draft.mode} ${draft.currency} ${account}`;
      balances.set(key, (balances.get(key) ?? 0n) + amountMicros);
    }
  const sums = await pool.query<{ key: string; sum: string }>(
    `select j.mode || ' ' || p.currency || ' ' || p.account as key, sum(p.amount_micros)::text as sum from posting p join journal j on j.id = p.journal_id group by 1`,
  );
  expect(Object.fromEntries(sums.rows.map(({ key, sum }) => [key, BigInt(sum)]))).toEqual(Object.fromEntries(balances));
  const kept = await pool.query<{ key: string; sum: string }>(
    `select mode || ' ' || currency || ' ' || account as key, sum(amount_micros)::text as sum from ledger_day group by 1`,
  );
  expect(kept.rows.toSorted((a, b) => a.key.localeCompare(b.key))).toEqual(sums.rows.toSorted((a, b) => a.key.localeCompare(b.key)));
  expect(await countWrongSums(db)).toBe(0);
  expect((await pool.query('select count(*)::int as n from journal')).rows).toEqual([{ n: OPERATIONS }]);
  for (const { sumMicros } of await readBalance(db)) expect(sumMicros).toBe(0n);
});
