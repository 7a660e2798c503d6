// Journals with their postings, newest first, and the one number that must be zero.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';

export interface LedgerQuery {
  before: number | null;
  limit: number;
  mode: 'practice' | 'live' | null;
  goalId: number | null;
  account: string | null;
}

export function listJournals(db: DatabaseOrTrx, query: LedgerQuery) {
  let select = db
    .selectFrom('journal')
    .select(['id', 'mode', 'source', 'kind', 'occurred_at', 'goal_id', 'task_id', 'tool_call_id', 'launch_id', 'tool', 'model', 'assumed'])
    .select([sql<string>`left(memo, 300)`.as('memo'), sql<string>`left(external_id, 120)`.as('external_id')])
    .orderBy('id', 'desc')
    .limit(query.limit);
  if (query.before !== null) select = select.where('id', '<', query.before);
  if (query.mode !== null) select = select.where('mode', '=', query.mode);
  if (query.goalId !== null) select = select.where('goal_id', '=', query.goalId);
  const { account } = query;
  if (account !== null) {
    select = select.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('posting').select('posting.id').whereRef('posting.journal_id', '=', 'journal.id').where('posting.account', '=', account),
      ),
    );
  }
  return select.execute();
}

export async function listPostings(db: DatabaseOrTrx, journalIds: readonly number[]) {
  if (journalIds.length === 0) return [];
  return await db
    .selectFrom('posting')
    .select(['id', 'journal_id', 'account', 'amount_micros', 'currency'])
    .where('journal_id', 'in', journalIds)
    .orderBy('id')
    .execute();
}

/** Sum and number of every posting ever made, by currency. A sum other than 0 is a broken ledger. */
export function sumPostings(db: DatabaseOrTrx) {
  return db
    .selectFrom('posting')
    .select((eb) => ['currency', eb.fn.sum<bigint>('amount_micros').as('sum_micros'), eb.fn.countAll<number>().as('postings')])
    .groupBy('currency')
    .execute();
}
