// The instrument that crash tests and benches measure with is itself measured against a real server.
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startWireProxy, type WireProxy } from '../support/wire-proxy.ts';

let database: TestDatabase;
let proxy: WireProxy;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const { host = '', port = 0 } = database.connection;
  proxy = await startWireProxy({ target: { host, port } });
  pool = new pg.Pool({ ...database.connection, host: proxy.host, port: proxy.port, connectionTimeoutMillis: 5000 });
  pool.on('error', () => {});
  await pool.query('create table noted (n int primary key)');
});

afterEach(() => {
  proxy.onStatement(null);
  proxy.onAnswer(null);
  proxy.resume();
});

afterAll(async () => {
  await pool.end();
  await proxy.close();
  await database.drop();
});

const isNoted = async (n: number): Promise<boolean> => (await pool.query('select 1 from noted where n = $1', [n])).rowCount === 1;

test('every statement is counted once with its text, also unnamed, prepared, repeated and inside a transaction', async () => {
  const before = proxy.count;
  const client = await pool.connect();
  await client.query('begin');
  for (const n of [1, 2]) await client.query({ name: 'note', text: 'insert into noted values ($1)', values: [n] });
  await client.query('select count(*) from noted where n > $1', [0]);
  await client.query('commit');
  client.release();
  expect(proxy.statements.slice(before)).toEqual([
    'begin',
    'insert into noted values ($1)',
    'insert into noted values ($1)',
    'select count(*) from noted where n > $1',
    'commit',
  ]);
});

test('large results and many connections at once come through unchanged', async () => {
  const rows = await Promise.all(
    Array.from({ length: 30 }, async (_, i) => (await pool.query('select repeat(chr($1), 300000) as text', [97 + (i % 26)])).rows[0]),
  );
  expect(rows.map((row) => row.text.length)).toEqual(Array(30).fill(300_000));
});

test('a dropped statement never reaches the server', async () => {
  proxy.onStatement((_n, sql) => (sql.includes('insert') ? 'drop' : 'forward'));
  await expect(pool.query('insert into noted values ($1)', [10])).rejects.toThrow(/terminated|ECONNRESET/);
  proxy.onStatement(null);
  expect(await isNoted(10)).toBe(false);
});

test('a statement whose answer is dropped has been committed', async () => {
  const seen: string[] = [];
  proxy.onAnswer((_n, sql) => {
    seen.push(sql);
    return sql.includes('insert') ? 'drop' : 'forward';
  });
  await expect(pool.query('insert into noted values ($1)', [11])).rejects.toThrow(/terminated|ECONNRESET/);
  proxy.onAnswer(null);
  expect(await isNoted(11)).toBe(true);
  expect(seen).toEqual(['insert into noted values ($1)']);
});

test('a failing statement is answered too, and the connection goes on', async () => {
  const seen: string[] = [];
  proxy.onAnswer((_n, sql) => {
    seen.push(sql);
    return 'forward';
  });
  await expect(pool.query('select 1/$1::int', [0])).rejects.toThrow('division by zero');
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(seen).toEqual(['select 1/$1::int', 'select 1 as one']);
});

test('paused, nothing passes until it is resumed', async () => {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  await pool.query('select 1');
  proxy.pause();
  let isAnswered = false;
  const answer = pool.query('insert into noted values (12)').then(() => {
    isAnswered = true;
  });
  // Another way to the same server still works, and has not seen the row.
  const direct = new pg.Client(database.connection);
  await direct.connect();
  expect((await direct.query('select 1 from noted where n = 12')).rowCount).toBe(0);
  expect(isAnswered).toBe(false);
  proxy.onStatement(() => {
    resolve();
    return 'forward';
  });
  proxy.resume();
  await Promise.all([reached, answer]);
  expect((await direct.query('select 1 from noted where n = 12')).rowCount).toBe(1);
  await direct.end();
});

test('a cut breaks what is open and lets new connections in', async () => {
  const through = { ...database.connection, host: proxy.host, port: proxy.port };
  const client = new pg.Client(through);
  client.on('error', () => {});
  await client.connect();
  proxy.onStatement(() => {
    setImmediate(() => proxy.cut());
    return 'forward';
  });
  await expect(client.query('select pg_sleep(30)')).rejects.toThrow(/terminated|ECONNRESET/);
  proxy.onStatement(null);
  const next = new pg.Client(through);
  await next.connect();
  expect((await next.query('select 2 as two')).rows).toEqual([{ two: 2 }]);
  await next.end();
});
