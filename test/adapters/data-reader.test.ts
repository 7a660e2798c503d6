// The role that queries run under: it sees the views of its mode and nothing else, writes nothing, and is bounded; also where it has to be made first.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openReader } from '../../src/db/reader.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let owner: pg.Client;
const PASSWORD = 'a-password-of-the-test';

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client(database.connection);
  await owner.connect();
  await owner.query(`insert into goal (mode, title, request, means, metric, status, given_by, given_by_person, notes) select mode, 'secret title', 'r', 'market', 'revenue', 'running', 'console:a', 'console:a', '[]'
    from (values ('practice'), ('practice'), ('live')) as m(mode)`);
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const open = (mode: 'practice' | 'live' = 'practice', connection = database.connection) =>
  openReader(connection, mode, async () => PASSWORD);

test('it reads the views of its own mode', async () => {
  expect(await open().query('select count(*) as n, min(status) as s from goals')).toEqual({
    rows: [{ n: 2, s: 'running' }],
    truncated: false,
  });
  expect((await open('live').query('select id from goals;')).rows).toHaveLength(1);
  expect(await open().prepare()).toBeNull();
});

test('no table of ours, no view of the other mode, no other schema, no role, no write: whatever the text says', async () => {
  const reader = open();
  // One session's worth of privileges, asked of the database itself, then a few by trying.
  const own = new pg.Client({ ...database.connection, user: 'juggernaut_reader_practice', password: PASSWORD });
  await own.connect();
  own.on('error', () => {});
  const seen = await own.query<{ name: string; may: boolean }>(
    `select n.nspname || '.' || c.relname as name, has_table_privilege(c.oid, 'select, insert, update, delete, truncate, references, trigger') as may
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'S') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  expect(seen.rows.length).toBeGreaterThan(60);
  expect(seen.rows.filter(({ may }) => may).every(({ name }) => name.startsWith('practice_view.'))).toBe(true);
  for (const attempt of [
    'set role juggernaut',
    'set session authorization juggernaut',
    'create table public.x ()',
    'create temp table x ()',
    `create schema x`,
    'listen x; select 1 from approval',
    `update practice_view.goals set status = 'done'`,
  ])
    await expect(own.query(attempt), attempt).rejects.toThrow(/permission denied|must be|cannot/);
  await own.end();
  for (const text of [
    'select token_hash from public.access_token',
    'select * from audit',
    'select * from live_view.goals',
    'select * from market.offer',
    'select rolpassword from pg_authid',
    'delete from goals returning id',
    'select id from goals) q; drop table goal; --',
  ])
    await expect(reader.query(text), text).rejects.toThrow(/query is wrong/);
});

test('what is slow is ended, what is long is cut', async () => {
  const reader = open();
  await expect(reader.query('select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b')).rejects.toThrow(
    /longer than 5 s/,
  );
  expect(await reader.query('select g from generate_series(1, 500) g')).toMatchObject({
    truncated: true,
    rows: expect.objectContaining({ length: 200 }),
  });
}, 30_000);

test('a login that may not make the role says so, and the tool is off', async () => {
  const admin = new pg.Client(database.adminConnection);
  await admin.connect();
  const { rows } = await admin.query<{ version: number }>(`select current_setting('server_version_num')::int as version`);
  expect(rows[0]?.version).toBeGreaterThan(140_000);
  // As on a server of the operators' own: other names, no roles of ours, a login that owns its database and nothing more.
  const name = `${database.name}_own`;
  await admin.query(`create role ${name} login`);
  await admin.query(`alter schema practice_view owner to ${name}`);
  const mine = { ...database.connection, user: name };
  const reader = open('practice', mine);
  await admin.query(`revoke all on schema practice_view from juggernaut_reader_practice`);
  await admin.query(`grant connect on database ${database.name} to ${name}`);
  expect(await reader.prepare()).toMatch(/may not make a role for it .*createrole/);
  expect(reader.off()).toMatch(/createrole/);
  await expect(reader.query('select id from goals')).rejects.toThrow(/cannot be queried here/);
  // Allowed to, it makes one of its own.
  await admin.query(`alter role ${name} createrole; grant juggernaut to ${name} with inherit true`);
  const made = open('practice', mine);
  expect(await made.prepare()).toBeNull();
  expect((await made.query('select id from goals')).rows).toHaveLength(2);
  await admin.query(`reassign owned by ${name} to juggernaut`);
  await admin.end();
}, 30_000);
