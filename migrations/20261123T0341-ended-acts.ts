// The latest acts that ended, by mode: what P(failure) is learned from.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`create index tool_call_ended_acts on tool_call (mode, id) where touches <> 'nothing' and status in ('done', 'failed', 'unknown')`)
    .execute(db);
}
