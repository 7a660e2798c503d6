// Statements that go along with another one, as CTEs of it: one round trip, one snapshot, and they happen exactly if its fact does.
// The statement that takes them along has a CTE `fact` with one row (`id`) when the fact came about, none when it did not.
import { type RawBuilder, sql } from 'kysely';

/** `insert …` or `update …` that reads `from fact`. (A `select …` would not run unless somebody looked at it.) */
export type Along = RawBuilder<unknown>;

/** `, along_0 as (…), along_1 as (…)`, to stand behind the CTE `fact`. */
export function takeAlong(along: readonly Along[]): RawBuilder<unknown> {
  if (along.length === 0) return sql``;
  return sql`, ${sql.join(along.map((one, index) => sql`${sql.ref(`along_${index}`)} as (${one})`))}`;
}
