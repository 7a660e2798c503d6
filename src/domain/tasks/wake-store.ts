// What makes tasks ready again: events, decisions, time, dead owners; and what time will do next.
import { type RawBuilder, sql } from 'kysely';
import type { Along } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';

/** For writing. To look for rows by time say statement_timestamp(): an index cannot be entered at a time that is another for every row. */
const NOW = sql<Date>`clock_timestamp()`;

/** Waits that ran out. */
export const waitsOver = (db: DatabaseOrTrx) =>
  db.selectFrom('task').select('id').where('status', '=', 'waiting').where('ready_at', '<=', sql<Date>`statement_timestamp()`);

/** Tasks whose order or reply has come, or whose wait ran out, are ready again. Returns what woke. */
export function wakeWaiting(
  db: DatabaseOrTrx,
  event: { orderOfGoal?: number; replyToGoal?: number },
): Promise<{ id: number; goal_id: number }[]> {
  return db
    .updateTable('task')
    .set({ status: 'pending', ready_at: NOW, updated_at: NOW })
    .where('status', '=', 'waiting')
    .where((where) =>
      where.or([
        where('ready_at', '<=', NOW),
        ...(event.orderOfGoal === undefined
          ? []
          : [where.and([where('wait_for', '=', 'order'), where('goal_id', '=', event.orderOfGoal)])]),
        ...(event.replyToGoal === undefined
          ? []
          : [where.and([where('wait_for', '=', 'reply'), where('goal_id', '=', event.replyToGoal)])]),
      ]),
    )
    .returning(['id', 'goal_id'])
    .execute();
}

/** Tasks whose market day has come, along with another statement; whoever has room is told. */
export function wakeOnDayAlong(mode: Mode, day: number): Along {
  return sql`update task set status = 'pending', ready_at = clock_timestamp(), updated_at = clock_timestamp()
    from fact where task.status = 'waiting' and task.wait_for = 'market_day' and task.mode = ${mode} and task.wait_market_day <= ${day}
    returning pg_notify('jug_ready', '')`;
}

/** Waits for this market day or one before it. */
export const waitsForDay = (db: DatabaseOrTrx, mode: Mode, day: number) =>
  db
    .selectFrom('task')
    .select('id')
    .where('status', '=', 'waiting')
    .where('wait_for', '=', 'market_day')
    .where('mode', '=', mode)
    .where('wait_market_day', '<=', day);

/** Leases that ran out although nobody saw their process die. */
export const leasesOver = (db: DatabaseOrTrx) =>
  db.selectFrom('task').select('id').where('status', '=', 'running').where('lease_until', '<', sql<Date>`statement_timestamp()`);

/** Everything a dead process held is ready again; its fence makes the dead owner's late writes void. */
export function releaseTasksOf(db: DatabaseOrTrx, processIds: readonly number[]): Promise<{ id: number; goal_id: number }[]> {
  return db
    .updateTable('task')
    .set({ status: 'pending', lease_owner: null, lease_until: null, ready_at: NOW, updated_at: NOW })
    .where('status', '=', 'running')
    .where((where) => where.or([where('lease_owner', 'in', [...processIds, -1]), where('lease_until', '<', NOW)]))
    .returning(['id', 'goal_id'])
    .execute();
}

/** Unblocks what waited only for tasks that are done. Returns the ids that became ready. */
export async function unblockDependents(db: DatabaseOrTrx, taskId: number): Promise<number[]> {
  const result = await sql<{ id: number }>`
    update task set status = 'pending', ready_at = clock_timestamp(), updated_at = clock_timestamp()
    where status = 'blocked' and id in (select task_id from task_dependency where depends_on = ${taskId})
      and not exists (select 1 from task_dependency d join task t on t.id = d.depends_on where d.task_id = task.id and t.status <> 'done')
    returning id`.execute(db);
  return result.rows.map((row) => row.id);
}

/** A decision has fallen: the task is ready to go on. */
export async function resumeFromApproval(db: DatabaseOrTrx, taskId: number): Promise<void> {
  await db
    .updateTable('task')
    .set({ status: 'pending', ready_at: NOW, updated_at: NOW })
    .where('id', '=', taskId)
    .where('status', '=', 'waiting_approval')
    .execute();
}

/** The same along with the decision; whoever has room is told. */
export function resumeAlong(taskId: number): Along {
  return sql`update task set status = 'pending', ready_at = clock_timestamp(), updated_at = clock_timestamp()
    from fact where task.id = ${taskId} and task.status = 'waiting_approval' returning pg_notify('jug_ready', '')`;
}

/** Tasks that could be claimed now. */
export const readyTasks = (db: DatabaseOrTrx, mode: Mode) =>
  db
    .selectFrom('task')
    .select('id')
    .where('mode', '=', mode)
    .where('status', '=', 'pending')
    .where('ready_at', '<=', sql<Date>`statement_timestamp()`);

/** When time alone will make something due: the next wait or retry, the next reminder, silence or expiry. Null when nothing waits for time. */
export const nextDue = (): RawBuilder<Date | null> => sql<Date | null>`
    least((select min(ready_at) from task where status in ('pending', 'waiting') and ready_at > statement_timestamp()),
      (select case when paused_at is null then (select min(least(remind_at, silence_approves_at, expires_at)) from approval where status = 'pending')
        else (select min(least(remind_at, expires_at)) from approval where status = 'pending') end from control),
      (select min(expires_at) from reservation where status = 'held'),
      (select min(deferred_until) from goal where status = 'planning' and deferred_until > statement_timestamp()),
      (select min(deadline) from goal where status not in ('draft', 'done', 'failed', 'cancelled')),
      (select min(lease_until) from task where status = 'running'))`;

/** Running tasks of a process whose run must stop now. */
export function listStops(db: DatabaseOrTrx, processId: number): Promise<{ id: number }[]> {
  return db
    .selectFrom('task')
    .select('id')
    .where('lease_owner', '=', processId)
    .where('status', '=', 'running')
    .where('cancel_requested', '=', true)
    .execute();
}

/** Every process looks at its own running tasks when it hears this. */
export async function tellStops(db: DatabaseOrTrx): Promise<void> {
  await sql`select pg_notify('jug_control', '')`.execute(db);
}

/** What a task is about to wait for has come already: it is ready at once. */
export async function endWait(db: DatabaseOrTrx, taskId: number): Promise<void> {
  await db
    .updateTable('task')
    .set({ status: 'pending', ready_at: NOW, updated_at: NOW })
    .where('id', '=', taskId)
    .where('status', '=', 'waiting')
    .execute();
}
