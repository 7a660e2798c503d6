// Where the database is, and the pools on it, migrated: a server of one's own, or the embedded one.
import pg from 'pg';
import { JOBS_AT_ONCE, prepareJobs } from './autonomy/loop.ts';
import type { Config } from './config.ts';
import { createPool, keepAlive } from './db/database.ts';
import { openEmbedded } from './db/embedded.ts';
import { prepareMarketRole } from './db/market-role.ts';
import { migrateToLatest } from './db/migrate.ts';
import { PatientClient } from './db/patient-client.ts';
import type { Log } from './observability/logger.ts';

export type Closer = () => Promise<void>;

/** What tests put in the place of the configured database. */
export interface Connections {
  connection?: pg.PoolConfig;
  marketConnection?: pg.PoolConfig;
}

export async function connect(
  config: Config,
  overrides: Connections,
  log: Log,
  closers: Closer[],
): Promise<{ own: pg.PoolConfig; market: pg.PoolConfig }> {
  if (overrides.connection !== undefined) return { own: overrides.connection, market: overrides.marketConnection ?? overrides.connection };
  if (config.db.url !== null) {
    const own = { connectionString: config.db.url };
    return { own, market: config.mode === 'practice' ? await prepareMarketRole(own) : own };
  }
  const embedded = await openEmbedded({ dataDir: config.db.dataDir, log: (message) => log.info(message) });
  closers.push(() => embedded.leave());
  if (embedded.notice !== null) log.warn(embedded.notice);
  const place = { host: embedded.socketDir, port: embedded.port, database: embedded.database };
  return { own: { ...place, user: embedded.user }, market: { ...place, user: embedded.marketUser } };
}

/** One pool for the bot and one for the job engine; tables and the engine's own are there when it returns. */
export async function openPools(connection: pg.PoolConfig, log: Log, closers: Closer[]): Promise<{ pool: pg.Pool; jobsPool: pg.Pool }> {
  const trouble = (error: Error): void => log.warn({ err: error }, 'a database connection broke');
  const pool = createPool(connection, trouble);
  closers.push(() => pool.end());
  const jobsPool = keepAlive(
    new pg.Pool({ Client: PatientClient, ...connection, max: JOBS_AT_ONCE + 2, application_name: 'juggernaut jobs' }),
    trouble,
  );
  closers.push(() => jobsPool.end());
  const applied = await migrateToLatest(pool);
  await prepareJobs(jobsPool);
  if (applied.length > 0) log.info({ applied }, 'migrated');
  return { pool, jobsPool };
}
