// Statements that travel together: what is committed, what is undone, and what the connection can still do afterwards.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDatabase, createPool, type Database, inTransaction, lastly } from '../../src/db/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let pool: ReturnType<typeof createPool>;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ ...database.connection, max: 1 }, () => {});
  db = createDatabase(pool);
  await pool.query('create table note (id int primary key, text text not null, twin int unique deferrable initially deferred)');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query('delete from note');
});

const add = (id: number, twin: number = id) => sql<{ id: number }>`insert into note values (${id}, ${`note ${id}`}, ${twin}) returning id`;
const ids = async (): Promise<number[]> => (await pool.query('select id from note order by id')).rows.map((row: { id: number }) => row.id);

test('a transaction whose first and last statements carry BEGIN and COMMIT keeps both, and answers each', async () => {
  for (const id of [1, 3, 5]) {
    const answers = await inTransaction(db, async (trx) => [await add(id).execute(trx), await add(id + 1).execute(lastly(trx))]);
    expect(answers.map((answer) => answer.rows)).toEqual([[{ id }], [{ id: id + 1 }]]);
  }
  expect(await ids()).toEqual([1, 2, 3, 4, 5, 6]);
});

test('one statement that is the first and the last commits by itself', async () => {
  await inTransaction(db, (trx) => add(1).execute(lastly(trx)));
  expect(await ids()).toEqual([1]);
});

test('when the first statement fails nothing stays, and the connection goes on', async () => {
  await add(1).execute(db);
  await expect(inTransaction(db, (trx) => add(1).execute(trx))).rejects.toThrow('duplicate key');
  await expect(inTransaction(db, (trx) => add(1).execute(lastly(trx)))).rejects.toThrow('duplicate key');
  await add(2).execute(db);
  expect(await ids()).toEqual([1, 2]);
});

test('when the last statement fails, or only its COMMIT does, what came before is undone', async () => {
  await add(1).execute(db);
  const twice = (second: ReturnType<typeof add>) =>
    inTransaction(db, async (trx) => {
      await add(2).execute(trx);
      await second.execute(lastly(trx));
    });
  await expect(twice(add(1))).rejects.toThrow('duplicate key');
  await expect(twice(add(3, 1))).rejects.toThrow('note_twin_key');
  expect(await ids()).toEqual([1]);
});

test('an error thrown between the statements undoes them; one before any statement sends none', async () => {
  const stop = new Error('stop');
  await expect(
    inTransaction(db, (trx) =>
      add(1)
        .execute(trx)
        .then(() => Promise.reject(stop)),
    ),
  ).rejects.toThrow(stop);
  await expect(inTransaction(db, () => Promise.reject(stop))).rejects.toThrow(stop);
  await inTransaction(db, async () => {});
  await add(2).execute(db);
  expect(await ids()).toEqual([2]);
});

test('a statement without parameters may be the first, and a statement after the last is refused', async () => {
  await inTransaction(db, async (trx) => {
    await sql`insert into note values (1, 'plain', 1)`.execute(trx);
    await sql`insert into note values (2, 'plain', 2)`.execute(lastly(trx));
  });
  expect(await ids()).toEqual([1, 2]);
  const late = inTransaction(db, async (trx) => {
    await add(3).execute(lastly(trx));
    await add(4).execute(trx);
  });
  await expect(late).rejects.toThrow('said to be the last');
  expect(await ids()).toEqual([1, 2, 3]);
});

test('answers keep their columns when they are not described again, and a changed table is noticed', async () => {
  await add(1).execute(db);
  const read = sql`select * from note where id = ${1}`;
  for (let round = 0; round < 3; round += 1) expect((await read.execute(db)).rows).toEqual([{ id: 1, text: 'note 1', twin: 1 }]);
  await pool.query('alter table note add column more int');
  await expect(read.execute(db)).rejects.toThrow('cached plan must not change result type');
  expect((await read.execute(db)).rows).toEqual([{ id: 1, text: 'note 1', twin: 1, more: null }]);
});
