// A bench's own database server, joined as its superuser beside the bot: counts the statements of each role, leaves no trace.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { createDatabase, createPool, type Database } from '../src/db/database.ts';
import { openEmbedded } from '../src/db/embedded.ts';
import { BOT_ROLE, MARKET_ROLE } from '../src/db/roles.ts';

export interface BenchDatabase {
  /** As the superuser, whose statements are in no count. */
  admin: pg.Pool;
  db: Database;
  connection: pg.PoolConfig;
  /** As the bot's role. */
  ownConnection: pg.PoolConfig;
  /** Statements each role sent since the last reset, BEGIN, COMMIT and the job engine's included; queries inside triggers (`new.…`) are not. */
  countStatements(): Promise<{ bot: number; market: number }>;
  resetCounts(): Promise<void>;
  /** CPU time of the server's processes that live now, ms; a difference is right as long as the same sessions stand. */
  serverCpuMs(): Promise<number>;
  /** What the bot's statements were, most frequent first. */
  listStatements(): Promise<{ calls: number; ms: number; query: string }[]>;
  close(): Promise<void>;
}

export async function makeDataDir(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `jug-bench-${name}-`));
}

/** The embedded server keeps its files elsewhere when run by root; they go too. */
export async function removeDataDir(dataDir: string): Promise<void> {
  await rm(dataDir, { recursive: true, force: true });
}

export async function openBenchDatabase(dataDir: string): Promise<BenchDatabase> {
  const embedded = await openEmbedded({ dataDir, log: () => {} });
  const place = { host: embedded.socketDir, port: embedded.port, database: embedded.database };
  const connection = { ...place, user: embedded.adminUser };
  const admin = createPool({ ...connection, max: 4 }, () => {});
  await admin.query('create extension if not exists pg_stat_statements');
  return {
    admin,
    db: createDatabase(admin),
    connection,
    ownConnection: { ...place, user: embedded.user },
    countStatements: async () => {
      const { rows } = await admin.query<{ role: string; calls: number }>(
        `select rolname as role, sum(calls)::int as calls from pg_stat_statements join pg_roles on pg_roles.oid = userid
          where dbid = (select oid from pg_database where datname = current_database()) and query !~ '\\mnew\\.' group by rolname`,
      );
      const of = (role: string): number => rows.find((row) => row.role === role)?.calls ?? 0;
      return { bot: of(BOT_ROLE), market: of(MARKET_ROLE) };
    },
    resetCounts: async () => {
      await admin.query('select pg_stat_statements_reset()');
    },
    serverCpuMs: async () => {
      const { rows } = await admin.query<{ pid: number }>('select pid from pg_stat_activity');
      const spent = await Promise.all(rows.map(({ pid }) => readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0')));
      return spent.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0);
    },
    listStatements: async () => {
      const { rows } = await admin.query<{ calls: number; ms: number; query: string }>(
        `select calls::int, round(total_exec_time::numeric, 1)::float as ms, query from pg_stat_statements join pg_roles on pg_roles.oid = userid where rolname = $1 order by total_exec_time desc`,
        [BOT_ROLE],
      );
      return rows;
    },
    close: async () => {
      await admin.end();
      await embedded.leave();
    },
  };
}
