// How fast goals spend, and holding one: from the reservations of the last hour, so that a quiet bot reads nothing.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';
import type { Pace } from './runaway.ts';

/**
 * Running goals that spent anything of their own in the last hour. Model calls are live money whatever the goal's mode.
 * @param after only those with a reservation of a higher number
 */
export async function listPaces(db: DatabaseOrTrx, mode: Mode, after: number): Promise<(Pace & { goalId: number })[]> {
  const own = sql`(r.kind = 'model' or exists (select 1 from tool_call c where c.id = r.tool_call_id and c.approval_id is null))`;
  const { rows } = await sql<{
    goal_id: number;
    calls: number;
    spent_micros: bigint;
    hour_micros: bigint;
    usual_micros: bigint;
    hours: number;
  }>`
    with busy as (
      select distinct r.goal_id from reservation r where r.mode in ('live', ${mode}) and r.created_at > statement_timestamp() - interval '1 hour' and r.id > ${after} and ${own})
    select g.id as goal_id, spent.calls, spent.micros as spent_micros, spent.hour_micros, usual.hours, usual.micros / greatest(1, usual.hours) as usual_micros
    from busy join goal g on g.id = busy.goal_id
    cross join lateral (select greatest(g.created_at, g.go_ahead_at, (select max(t.ended_at) from task t where t.goal_id = g.id and t.status = 'done'),
      (select max(a.decided_at) from approval a where a.goal_id = g.id),
      (select max(seen.first) from (select min(e.created_at) as first from evidence e join task t on t.id = e.task_id where t.goal_id = g.id group by e.sha256) seen)) as at) progress
    cross join lateral (select (count(*) filter (where r.kind = 'model' and r.created_at > progress.at))::int as calls,
        coalesce(sum(r.counted_micros) filter (where r.created_at > progress.at), 0)::bigint as micros,
        coalesce(sum(r.counted_micros) filter (where r.created_at > greatest(g.go_ahead_at, statement_timestamp() - interval '1 hour')), 0)::bigint as hour_micros
      from reservation r where r.goal_id = g.id and ${own}) spent
    cross join lateral (select count(distinct date_trunc('hour', r.created_at))::int as hours, coalesce(sum(r.counted_micros), 0)::bigint as micros
      from reservation r where r.goal_id = g.id and ${own} and r.created_at between statement_timestamp() - interval '7 days' and statement_timestamp() - interval '1 hour') usual
    where g.mode = ${mode} and g.status = 'running' and g.held_at is null and not g.standing`.execute(db);
  return rows.map((row) => ({
    goalId: row.goal_id,
    callsSinceProgress: row.calls,
    sinceProgressMicros: row.spent_micros,
    hourMicros: row.hour_micros,
    usualHourMicros: row.usual_micros,
    usualHours: row.hours,
  }));
}

/** @returns when it was held; undefined when it was held before, or does not run. */
export async function markHeld(db: DatabaseOrTrx, goalId: number, reason: string): Promise<Date | undefined> {
  const row = await db
    .updateTable('goal')
    .set({ held_at: sql<Date>`clock_timestamp()`, hold_reason: reason })
    .where('id', '=', goalId)
    .where('status', '=', 'running')
    .where('held_at', 'is', null)
    .returning('held_at')
    .executeTakeFirst();
  return row?.held_at ?? undefined;
}

/** What was spent up to now counts against it no longer. */
export async function markGoAhead(db: DatabaseOrTrx, goalId: number): Promise<void> {
  await db
    .updateTable('goal')
    .set({ held_at: null, hold_reason: null, go_ahead_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', goalId)
    .execute();
}

/** Goals that wait for a person's go. */
export function listHeld(db: DatabaseOrTrx, mode: Mode) {
  return db
    .selectFrom('goal')
    .select(['id', 'title', 'hold_reason'])
    .where('mode', '=', mode)
    .where('held_at', 'is not', null)
    .where('status', '=', 'running')
    .orderBy('id')
    .limit(20)
    .execute();
}
