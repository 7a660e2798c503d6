// A process of its own that brings a database to the newest migration, for the test that boots several at once.
// Waits for 'go' on the fork channel, so that all begin together; answers with what it applied.
import pg from 'pg';
import { migrateToLatest } from '../../src/db/migrate.ts';

const pool = new pg.Pool({ ...(JSON.parse(process.argv[2] ?? '{}') as pg.PoolConfig), max: 2 });
await pool.query('select 1');
process.once('message', async () => {
  const applied = await migrateToLatest(pool).catch((error: Error) => error.message);
  process.send?.(applied);
  await pool.end();
  process.disconnect();
});
process.send?.('ready');
