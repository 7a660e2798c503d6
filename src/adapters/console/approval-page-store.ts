// Approvals for the console: what waits, what was decided, and the votes.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';

/** Newest first; `before` is the last id of the page above. */
export function listApprovalRows(db: DatabaseOrTrx, query: { before: number | null; limit: number; pending: boolean }) {
  let select = db
    .selectFrom('approval')
    .select([
      'id',
      'mode',
      'kind',
      'goal_id',
      'task_id',
      'status',
      'amount_micros',
      'payee',
      'risk_level',
      'expires_at',
      'decided_at',
      'decided_by',
      'created_at',
    ])
    .select(sql<string>`left(title, 300)`.as('title'))
    .orderBy('id', 'desc')
    .limit(query.limit);
  if (query.before !== null) select = select.where('id', '<', query.before);
  select = query.pending ? select.where('status', '=', 'pending') : select.where('status', '<>', 'pending');
  return select.execute();
}

export async function countWaiting(db: DatabaseOrTrx): Promise<number> {
  const row = await db
    .selectFrom('approval')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow();
  return row.n;
}

export function listVoteRows(db: DatabaseOrTrx, approvalId: number) {
  return db
    .selectFrom('approval_vote')
    .select(['person', 'platform_id', 'surface', 'created_at'])
    .where('approval_id', '=', approvalId)
    .orderBy('created_at')
    .execute();
}
