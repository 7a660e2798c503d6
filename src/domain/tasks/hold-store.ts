// Tasks that are held until a person says go: they wait as a row, and time never wakes them.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Lease } from './run-store.ts';

/** Nothing is due there. */
const NEVER = sql<Date>`'9999-01-01T00:00:00Z'::timestamptz`;

/** A running one too: whoever runs it finds its lease lost. With a lease, only the run that has it. @returns their ids */
export async function holdTasks(db: DatabaseOrTrx, which: { goalId: number } | { lease: Lease }): Promise<number[]> {
  const rows = await db
    .updateTable('task')
    .set({
      status: 'waiting',
      wait_for: 'go_ahead',
      wait_deadline: NEVER,
      ready_at: NEVER,
      lease_owner: null,
      lease_until: null,
      updated_at: sql<Date>`clock_timestamp()`,
    })
    .where((where) =>
      'lease' in which
        ? where.and([where('id', '=', which.lease.taskId), where('fence', '=', which.lease.fence), where('status', '=', 'running')])
        : where.and([where('goal_id', '=', which.goalId), where('status', 'in', ['pending', 'running'])]),
    )
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

export async function endHold(db: DatabaseOrTrx, goalId: number): Promise<void> {
  const now = sql<Date>`clock_timestamp()`;
  await db
    .updateTable('task')
    .set({ status: 'pending', wait_for: null, wait_deadline: null, ready_at: now, updated_at: now })
    .where('goal_id', '=', goalId)
    .where('status', '=', 'waiting')
    .where('wait_for', '=', 'go_ahead')
    .execute();
}
