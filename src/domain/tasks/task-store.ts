// Tasks as rows: made from a plan, read, cancelled, restarted.
import { type Selectable, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';
export type Task = Selectable<Tables['task']>;
const NOW = sql<Date>`clock_timestamp()`;

export interface NewTask {
  key: string;
  kind: string;
  title: string;
  why: string;
  priority: number;
  expectedCostMicros: Micros;
  expectedEvidence: string;
  riskScore: number;
  riskLevel: string;
  dependsOn: string[];
}

/** Inserts a plan's tasks with their dependencies; those without any are ready, the rest blocked. */
export async function addTasks(
  db: DatabaseOrTrx,
  plan: { mode: Mode; goalId: number; planId: number },
  tasks: readonly NewTask[],
): Promise<Task[]> {
  const rows = await db
    .insertInto('task')
    .values(
      tasks.map((task) => ({
        mode: plan.mode,
        goal_id: plan.goalId,
        plan_id: plan.planId,
        key: task.key,
        kind: task.kind,
        title: task.title,
        why: task.why,
        priority: task.priority,
        status: task.dependsOn.length === 0 ? ('pending' as const) : ('blocked' as const),
        expected_cost_micros: task.expectedCostMicros,
        expected_evidence: task.expectedEvidence,
        risk_score: task.riskScore,
        risk_level: task.riskLevel,
      })),
    )
    .returningAll()
    .execute();
  const idOf = new Map(rows.map((row) => [row.key, row.id]));
  const edges = tasks.flatMap((task) => task.dependsOn.map((key) => ({ task_id: idOf.get(task.key), depends_on: idOf.get(key) })));
  const known = edges.filter(
    (edge): edge is { task_id: number; depends_on: number } => edge.task_id !== undefined && edge.depends_on !== undefined,
  );
  if (known.length > 0) await db.insertInto('task_dependency').values(known).execute();
  return rows;
}

export function findTask(db: DatabaseOrTrx, id: number): Promise<Task | undefined> {
  return db.selectFrom('task').selectAll().where('id', '=', id).executeTakeFirst();
}

export function listTasksOfGoal(db: DatabaseOrTrx, goalId: number): Promise<Task[]> {
  return db.selectFrom('task').selectAll().where('goal_id', '=', goalId).orderBy('id').execute();
}

/** Cancels what is not running and asks the running ones to stop. Returns all ids touched. */
export async function cancelTasks(
  db: DatabaseOrTrx,
  which: { goalId: number } | { taskId: number },
  reason: string,
): Promise<{ id: number; status: string }[]> {
  const result = await sql<{ id: number; status: string }>`
    update task set
      status = case when status = 'running' then status else 'cancelled' end,
      cancel_requested = true, stop_reason = ${reason}, updated_at = clock_timestamp(),
      ended_at = case when status = 'running' then ended_at else clock_timestamp() end
    where ${'goalId' in which ? sql`goal_id = ${which.goalId}` : sql`id = ${which.taskId}`} and status not in ('done', 'failed', 'dead', 'cancelled')
    returning id, status`.execute(db);
  return result.rows;
}

/** Gives a dead, failed or cancelled task a new life: fresh attempts, no old conversation, and what was denied before may be asked anew. */
export function restartTask(db: DatabaseOrTrx, id: number): Promise<Task | undefined> {
  return db
    .updateTable('task')
    .set({
      status: 'pending',
      attempt: sql<number>`attempt + 1`,
      max_attempts: sql<number>`attempt + 3`,
      cancel_requested: false,
      error: null,
      stop_reason: null,
      ended_at: null,
      retried_at: NOW,
      ready_at: NOW,
      updated_at: NOW,
    })
    .where('id', '=', id)
    .where('status', 'in', ['dead', 'failed', 'cancelled'])
    .returningAll()
    .executeTakeFirst();
}
