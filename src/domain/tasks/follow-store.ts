// A task that does later what another one was skipped for: same work, fresh attempts; whatever waited for the one waits for the other.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';

/**
 * Call it in the transaction that ends the skipped task.
 * @returns the new task's number; null when the skipped one follows another itself, or is followed already
 */
export async function addFollowUp(db: DatabaseOrTrx, taskId: number, delayMs: number): Promise<number | null> {
  const { rows } = await sql<{ id: number }>`
    with skipped as (select * from task t where t.id = ${taskId} and t.followed_by is null and not exists (select 1 from task before where before.goal_id = t.goal_id and before.followed_by = t.id)),
    later as (insert into task (mode, goal_id, plan_id, key, kind, title, why, agent, priority, status, expected_cost_micros, expected_evidence, risk_score, risk_level, ready_at)
      select mode, goal_id, plan_id, left(key, 24) || '_later', kind, title, why, agent, priority, 'pending', expected_cost_micros, expected_evidence, risk_score, risk_level,
        clock_timestamp() + make_interval(secs => ${delayMs / 1000}) from skipped returning id),
    own as (insert into task_dependency (task_id, depends_on) select later.id, d.depends_on from later, task_dependency d where d.task_id = ${taskId}),
    moved as (update task_dependency set depends_on = later.id from later where task_dependency.depends_on = ${taskId}),
    linked as (update task set followed_by = later.id from later where task.id = ${taskId})
    select id from later`.execute(db);
  return rows[0]?.id ?? null;
}
