// A goal's plans: each revision a row, with its tasks as JSON.
import { type Selectable, sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import type { PlannedTask } from '../brain/plan.ts';

export type Plan = Omit<Selectable<Tables['plan']>, 'tasks'> & { tasks: PlannedTask[] };

export interface NewPlan {
  goalId: number;
  summary: string;
  successMeasure: string;
  tasks: PlannedTask[];
  model: string;
}

/** Adds the next revision; earlier proposals are superseded. */
export async function addPlan(db: DatabaseOrTrx, plan: NewPlan): Promise<Plan> {
  await db.updateTable('plan').set({ status: 'superseded' }).where('goal_id', '=', plan.goalId).where('status', '=', 'proposed').execute();
  const row = await db
    .insertInto('plan')
    .values({
      goal_id: plan.goalId,
      revision: sql<number>`(select coalesce(max(revision), 0) + 1 from plan where goal_id = ${plan.goalId})`,
      status: 'proposed',
      summary: plan.summary,
      success_measure: plan.successMeasure,
      tasks: JSON.stringify(plan.tasks),
      model: plan.model,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return row as unknown as Plan;
}

export async function findPlan(db: DatabaseOrTrx, id: number): Promise<Plan | undefined> {
  return (await db.selectFrom('plan').selectAll().where('id', '=', id).executeTakeFirst()) as unknown as Plan | undefined;
}

export async function findLatestPlan(db: DatabaseOrTrx, goalId: number): Promise<Plan | undefined> {
  const row = await db.selectFrom('plan').selectAll().where('goal_id', '=', goalId).orderBy('revision', 'desc').limit(1).executeTakeFirst();
  return row as unknown as Plan | undefined;
}

/** All revisions, oldest first. */
export async function listPlans(db: DatabaseOrTrx, goalId: number): Promise<Plan[]> {
  return (await db.selectFrom('plan').selectAll().where('goal_id', '=', goalId).orderBy('revision').execute()) as unknown as Plan[];
}

/** How often a person sent a plan of this goal back for changes. */
export async function countRejectedPlans(db: DatabaseOrTrx, goalId: number): Promise<number> {
  const row = await db
    .selectFrom('plan')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('goal_id', '=', goalId)
    .where('status', '=', 'rejected')
    .executeTakeFirstOrThrow();
  return row.count;
}

export function setPlanStatus(
  db: DatabaseOrTrx,
  id: number,
  from: 'proposed',
  to: 'approved' | 'rejected',
): Promise<{ id: number } | undefined> {
  return db.updateTable('plan').set({ status: to }).where('id', '=', id).where('status', '=', from).returning('id').executeTakeFirst();
}
