// A message that is being streamed is continued by the process that began it.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `alter table delivery add column held_by bigint references process, add column held_until timestamptz, add check ((held_by is null) = (held_until is null))`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
