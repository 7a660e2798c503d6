// Migrations from nothing: once, in order, all or none, whoever else is booting; and never behind a database's back.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { MIGRATIONS_FOLDER, migrateToLatest } from '../../src/db/migrate.ts';
import { createOwnedDatabase } from '../../src/db/roles.ts';
import { createTestDatabase, dropDatabase, type TestDatabase } from '../support/postgres.ts';
import { startWireProxy } from '../support/wire-proxy.ts';

let base: TestDatabase;
let admin: pg.Client;
let folder: string;
let name: string;
let serial = 0;
const pools: pg.Pool[] = [];

beforeAll(async () => {
  base = await createTestDatabase();
  admin = new pg.Client({ ...base.adminConnection, database: 'postgres' });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await base.drop();
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jug-migrations-'));
  serial += 1;
  name = `${base.name}_empty_${serial}`;
  await createOwnedDatabase(admin, name);
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
  await dropDatabase(admin, name);
  rmSync(folder, { recursive: true });
});

function connect(overrides: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ ...base.connection, database: name, ...overrides });
  pools.push(pool);
  return pool;
}

function write(file: string, body: string): void {
  writeFileSync(join(folder, `${file}.ts`), `export async function up(db: any): Promise<void> { ${body} }\n`);
}

/** A migration that fails when it runs a second time. */
const table = (file: string) => write(file, `await db.schema.createTable('t_${file.slice(-1)}').addColumn('n', 'integer').execute();`);

const readTables = async (pool: pg.Pool): Promise<string[]> =>
  (await pool.query<{ name: string }>("select tablename as name from pg_tables where tablename like 't\\__' order by 1")).rows.map(
    (row) => row.name,
  );

test('from nothing with two processes at once: each of our migrations is applied once, by one of them', async () => {
  const children = [1, 2].map(() =>
    fork(join(import.meta.dirname, '../support/migrate-process.ts'), [JSON.stringify({ ...base.connection, database: name })], {
      execArgv: [],
    }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const answers = await Promise.all(
    children.map((child) => {
      child.send('go');
      return once(child, 'message');
    }),
  );
  const files = readdirSync(MIGRATIONS_FOLDER).filter((file) => file.endsWith('.ts'));
  expect(answers.flatMap(([applied]) => applied)).toEqual(files.map((file) => file.slice(0, -3)).sort());
});

test('many pools at once apply each migration once, also where each has a single connection', async () => {
  for (const file of ['20260101T0000-a', '20260101T0001-b', '20260101T0002-c']) table(file);
  const answers = await Promise.all(Array.from({ length: 6 }, () => migrateToLatest(connect({ max: 1 }), folder)));
  expect(answers.filter((applied) => applied.length > 0)).toEqual([['20260101T0000-a', '20260101T0001-b', '20260101T0002-c']]);
  expect(await readTables(connect())).toEqual(['t_a', 't_b', 't_c']);
});

test('a new migration is applied on top, and only it', async () => {
  table('20260101T0000-a');
  const pool = connect();
  expect(await migrateToLatest(pool, folder)).toEqual(['20260101T0000-a']);
  table('20260101T0001-b');
  expect(await migrateToLatest(pool, folder)).toEqual(['20260101T0001-b']);
});

test('with nothing to do it costs one statement', async () => {
  table('20260101T0000-a');
  const { host = '', port = 0 } = base.connection;
  const proxy = await startWireProxy({ target: { host, port } });
  const pool = connect({ host: proxy.host, port: proxy.port });
  await migrateToLatest(pool, folder);
  const before = proxy.count;
  expect(await migrateToLatest(pool, folder)).toEqual([]);
  expect(proxy.count - before).toBe(1);
  await Promise.all(pools.splice(0).map((open) => open.end()));
  await proxy.close();
});

test('a failing migration is named, and none of the pending ones stays', async () => {
  table('20260101T0000-a');
  write('20260101T0001-b', "await db.schema.dropTable('never_there').execute();");
  const pool = connect();
  await expect(migrateToLatest(pool, folder)).rejects.toThrow(/20260101T0001-b failed: .*never_there/);
  expect(await readTables(pool)).toEqual([]);
});

test('a database that knows a later migration than this code is refused, untouched', async () => {
  table('20260101T0000-a');
  table('20260101T0002-c');
  const pool = connect();
  await migrateToLatest(pool, folder);
  rmSync(join(folder, '20260101T0002-c.ts'));
  table('20260101T0001-b');
  await expect(migrateToLatest(pool, folder)).rejects.toThrow(/database is newer than this code: it has the migration 20260101T0002-c/);
  expect(await readTables(pool)).toEqual(['t_a', 't_c']);
});

test('a migration that sorts before an applied one is refused instead of run out of order', async () => {
  table('20260101T0001-b');
  const pool = connect();
  await migrateToLatest(pool, folder);
  table('20260101T0000-a');
  await expect(migrateToLatest(pool, folder)).rejects.toThrow(/alphabetically after/);
  expect(await readTables(pool)).toEqual(['t_b']);
});
