// Several questions over one snapshot, in one statement: whoever looks for a dozen kinds of work that is hardly ever there pays one round trip.
import { type Expression, type RawBuilder, sql } from 'kysely';
import type { DatabaseOrTrx } from './database.ts';

/** Whether the query would bring any row. */
export const isThere = (query: Expression<unknown>): RawBuilder<boolean> => sql<boolean>`exists ${query}`;

/** @param questions expressions that stand for themselves; names of sums of money end in _micros */
export async function lookAll<Answers extends Record<string, unknown>>(
  db: DatabaseOrTrx,
  questions: { [Name in keyof Answers]: RawBuilder<Answers[Name]> },
): Promise<Answers> {
  const columns = Object.entries(questions).map(([name, question]) => sql`${question as RawBuilder<unknown>} as ${sql.ref(name)}`);
  const { rows } = await sql<Answers>`select ${sql.join(columns)}`.execute(db);
  const [answers] = rows;
  if (answers === undefined) throw new Error('a look brought no row');
  return answers;
}
