// Statements that go along with another one, as CTEs of it: one round trip, one snapshot, and they happen exactly if its fact does.
// The statement that takes them along has a CTE `fact` with one row (`id`) when the fact came about, none when it did not.
import { type RawBuilder, sql } from 'kysely';
import type { DatabaseOrTrx } from './database.ts';

/** `insert …` or `update …` that reads `from fact`, or from one before it that has a name. (A `select …` would not run unless somebody looked at it.) */
export type Along = RawBuilder<unknown> | { as: string; statement: RawBuilder<unknown> };

/** `, along_0 as (…), along_1 as (…)`, to stand behind the CTE `fact`. */
export function takeAlong(along: readonly Along[]): RawBuilder<unknown> {
  if (along.length === 0) return sql``;
  const parts = along.map((one, index) =>
    'as' in one && 'statement' in one ? sql`${sql.ref(one.as)} as (${one.statement})` : sql`${sql.ref(`along_${index}`)} as (${one})`,
  );
  return sql`, ${sql.join(parts)}`;
}

/** The same where the fact is in the transaction already. */
export async function runAlong(db: DatabaseOrTrx, along: readonly Along[]): Promise<void> {
  if (along.length > 0) await sql`with fact as (select 1 as id)${takeAlong(along)} select`.execute(db);
}
