// A database of its own for each test file: cloned from a template that holds all migrations, on the run's one server
// (our own embedded one, or the superuser's TEST_DATABASE_URL).
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { keepAlive } from '../../src/db/database.ts';
import { MIGRATIONS_FOLDER, migrateToLatest } from '../../src/db/migrate.ts';
import { BOT_ROLE, createOwnedDatabase, createRoles, MARKET_ROLE } from '../../src/db/roles.ts';

/** How to reach the run's server as its superuser; global-setup.ts provides it to the workers. */
export interface TestServer {
  host: string;
  port: number;
  user: string;
  password: string | null;
  /** What the two roles log in with; null where the server trusts its socket. */
  rolePassword: string | null;
  /** Our own embedded one: nothing in it has to outlive the machine. */
  ours: boolean;
}

declare module 'vitest' {
  interface ProvidedContext {
    testServer: TestServer;
  }
}

export interface TestDatabase {
  name: string;
  /** As the product's role `juggernaut`, the owner. */
  connection: pg.PoolConfig;
  /** As the practice market's role. */
  marketConnection: pg.PoolConfig;
  /** As the superuser. */
  adminConnection: pg.PoolConfig;
  /** Ends every session in it and removes it. */
  drop(): Promise<void>;
}

/** Advisory lock in the `postgres` database: exclusive to make templates, shared to copy one. */
const TEMPLATE_LOCK = 7_246_511;
const ABANDONED_AFTER_SECONDS = 3600;
const LAST_SESSIONS_MS = 1000;

let serial = 0;

function configFor(server: TestServer, database: string, role: string | null): pg.PoolConfig {
  const password = role === null ? server.password : server.rolePassword;
  return {
    host: server.host,
    port: server.port,
    user: role ?? server.user,
    database,
    ssl: false,
    ...(password === null ? {} : { password }),
  };
}

async function withAdmin<Result>(server: TestServer, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client(configFor(server, 'postgres', null));
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Whatever says what is in the template, beside the migrations: the roles' rights, the market's own tables, the job engine's, this file. */
const INGREDIENTS = ['src/db/roles.ts', 'src/adapters/practice/market-schema.ts', 'package.json', 'test/support/postgres.ts'];

/** Changes with any of them. */
async function nameTemplate(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(MIGRATIONS_FOLDER)).sort())
    hash.update(`${name}\0`).update(await readFile(join(MIGRATIONS_FOLDER, name)));
  for (const path of INGREDIENTS) hash.update(await readFile(new URL(`../../${path}`, import.meta.url)));
  return `jug_template_${hash.digest('hex').slice(0, 16)}`;
}

async function listDatabases(client: pg.Client, pattern: string): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database where datname like $1', [pattern]);
  return rows.map((row) => row.datname);
}

/** All that the first start of a bot makes; the later ones, as a test's is, find it there. */
async function fillTemplate(own: pg.PoolConfig, markets: pg.PoolConfig): Promise<void> {
  // Not above: the tests that need a database need not load the job engine.
  const { prepareJobs } = await import('../../src/autonomy/loop.ts');
  const { prepareSchema } = await import('../../src/adapters/practice/market-schema.ts');
  const pool = keepAlive(new pg.Pool({ ...own, max: 1 }), () => {});
  const market = new pg.Client(markets);
  try {
    await migrateToLatest(pool);
    await prepareJobs(pool);
    await market.connect();
    await prepareSchema(market);
  } finally {
    await pool.end();
    await market.end();
  }
}

/** Makes the template under another name and renames it when complete, so that a killed run leaves no half of one. */
async function buildTemplate(client: pg.Client, server: TestServer, template: string): Promise<void> {
  for (const stale of await listDatabases(client, 'jug\\_template\\_%'))
    await client.query(`drop database if exists ${stale} with (force)`);
  const draft = `${template}_draft`;
  await createOwnedDatabase(client, draft);
  await fillTemplate(configFor(server, draft, BOT_ROLE), configFor(server, draft, MARKET_ROLE));
  await client.query(`alter database ${draft} rename to ${template}`);
}

async function ensureTemplate(client: pg.Client, server: TestServer): Promise<string> {
  const template = await nameTemplate();
  if ((await listDatabases(client, template)).length > 0) return template;
  await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    // The files may have changed while we waited.
    const current = await nameTemplate();
    if ((await listDatabases(client, current)).length === 0) await buildTemplate(client, server, current);
    return current;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

/** Copies the template; false when another run replaced it since. */
async function copyTemplate(client: pg.Client, server: TestServer, template: string, name: string): Promise<boolean> {
  await client.query('select pg_advisory_lock_shared($1)', [TEMPLATE_LOCK]);
  try {
    if ((await listDatabases(client, template)).length === 0) return false;
    // Copying files needs a checkpoint, which is dear where changes go to a disk.
    await createOwnedDatabase(client, name, { template, strategy: server.ours ? 'file_copy' : 'wal_log' });
    return true;
  } finally {
    await client.query('select pg_advisory_unlock_shared($1)', [TEMPLATE_LOCK]);
  }
}

/** A fresh, migrated database with the same owner and grants as the bot's own. Drop it in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('testServer');
  serial += 1;
  const name = `jug_test_${Math.floor(Date.now() / 1000)}_${process.pid}_${serial}`;
  await withAdmin(server, async (client) => {
    while (!(await copyTemplate(client, server, await ensureTemplate(client, server), name)));
  });
  return {
    name,
    connection: configFor(server, name, BOT_ROLE),
    marketConnection: configFor(server, name, MARKET_ROLE),
    adminConnection: configFor(server, name, null),
    drop: () => withAdmin(server, (client) => dropDatabase(client, name)),
  };
}

/**
 * Removes a database. A pool's end() resolves before its sessions are gone, and cutting one then is an uncaught error in the
 * client; so they get a moment, and only what a test forgot to close is cut.
 */
export async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  const deadline = performance.now() + LAST_SESSIONS_MS;
  while (performance.now() < deadline) {
    const { rowCount } = await client.query('select 1 from pg_stat_activity where datname = $1', [name]);
    if (rowCount === 0) break;
    await sleep(5);
  }
  await client.query(`drop database if exists ${name} with (force)`);
}

/** What only costs time where nothing has to outlive the machine. */
const IN_HASTE = ['fsync = off', 'full_page_writes = off', 'synchronous_commit = off', "min_wal_size = '32MB'"];

/** Once a run: the settings and the roles where missing (with their password where one is needed), and without what killed runs left behind. */
export async function prepareServer(server: TestServer): Promise<void> {
  await withAdmin(server, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    if (server.ours) {
      for (const setting of IN_HASTE) await client.query(`alter system set ${setting}`);
      await client.query('select pg_reload_conf()');
    }
    await createRoles(client);
    if (server.rolePassword !== null) {
      for (const role of [BOT_ROLE, MARKET_ROLE]) await client.query(`alter role ${role} password '${server.rolePassword}'`);
    }
    const oldest = Date.now() / 1000 - ABANDONED_AFTER_SECONDS;
    for (const name of await listDatabases(client, 'jug\\_test\\_%')) {
      if (Number(name.split('_')[2]) < oldest) await client.query(`drop database if exists ${name} with (force)`);
    }
  });
}
