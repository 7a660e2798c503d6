// A database of its own for each test file: cloned from a template that holds all migrations, on the run's one server
// (our own embedded one, or the superuser's TEST_DATABASE_URL).
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
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

/** Changes with any migration file, and with what the roles may do. */
async function nameTemplate(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(MIGRATIONS_FOLDER)).sort())
    hash.update(`${name}\0`).update(await readFile(join(MIGRATIONS_FOLDER, name)));
  hash.update(await readFile(new URL('../../src/db/roles.ts', import.meta.url)));
  return `jug_template_${hash.digest('hex').slice(0, 16)}`;
}

async function listDatabases(client: pg.Client, pattern: string): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database where datname like $1', [pattern]);
  return rows.map((row) => row.datname);
}

/** Makes the template under another name and renames it when complete, so that a killed run leaves no half of one. */
async function buildTemplate(client: pg.Client, server: TestServer, template: string): Promise<void> {
  for (const stale of await listDatabases(client, 'jug\\_template\\_%'))
    await client.query(`drop database if exists ${stale} with (force)`);
  const draft = `${template}_draft`;
  await createOwnedDatabase(client, draft);
  const pool = new pg.Pool({ ...configFor(server, draft, BOT_ROLE), max: 1 });
  try {
    await migrateToLatest(pool);
  } finally {
    await pool.end();
  }
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
async function copyTemplate(client: pg.Client, template: string, name: string): Promise<boolean> {
  await client.query('select pg_advisory_lock_shared($1)', [TEMPLATE_LOCK]);
  try {
    if ((await listDatabases(client, template)).length === 0) return false;
    await createOwnedDatabase(client, name, { template });
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
    while (!(await copyTemplate(client, await ensureTemplate(client, server), name)));
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

/** Once a run: the roles where missing (with their password where one is needed), and without what killed runs left behind. */
export async function prepareServer(server: TestServer): Promise<void> {
  await withAdmin(server, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
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
