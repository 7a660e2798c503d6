// Which database this is, the same for every process on it and for no other: how a bot recognises another on its port as its own.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { DatabaseOrTrx } from './database.ts';

/** A hash, so that it says nothing about the server. */
export async function readDatabaseIdentity(db: DatabaseOrTrx): Promise<string> {
  const result = await sql<{ server: string; database: string }>`
    select (select system_identifier::text from pg_control_system()) as server, oid::text as database from pg_database where datname = current_database()`.execute(
    db,
  );
  const { server = '', database = '' } = result.rows[0] ?? {};
  return createHash('sha256').update(`${server}/${database}`).digest('hex');
}
