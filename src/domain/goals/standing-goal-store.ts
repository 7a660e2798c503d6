// The one standing goal of a mode with its plan; unique, so that of two makers one makes it.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';
import type { Goal } from './goal-store.ts';

export interface StandingGoal {
  goal: Goal;
  planId: number;
}

export async function findStandingGoal(db: DatabaseOrTrx, mode: Mode): Promise<StandingGoal | null> {
  const row = await db
    .selectFrom('goal')
    .innerJoin('plan', 'plan.goal_id', 'goal.id')
    .selectAll('goal')
    .select('plan.id as plan_id')
    .where('goal.mode', '=', mode)
    .where('goal.standing', '=', true)
    .orderBy('plan.id')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { plan_id: planId, ...goal } = row;
  return { goal, planId };
}

/** Null when somebody was first. */
export async function addStandingGoal(
  trx: Trx,
  draft: { mode: Mode; title: string; request: string; summary: string; successMeasure: string },
): Promise<StandingGoal | null> {
  const goal = await trx
    .insertInto('goal')
    .values({
      mode: draft.mode,
      title: draft.title,
      request: draft.request,
      means: 'market',
      metric: 'profit',
      budget_micros: 0n,
      status: 'running',
      given_by: 'policy',
      given_by_person: 'policy',
      notes: JSON.stringify([]),
      standing: true,
    })
    .onConflict((conflict) => conflict.column('mode').where('standing', '=', true).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (goal === undefined) return null;
  const plan = await trx
    .insertInto('plan')
    .values({
      goal_id: goal.id,
      revision: 1,
      status: 'approved',
      summary: draft.summary,
      success_measure: draft.successMeasure,
      tasks: JSON.stringify([]),
      model: 'policy',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { goal, planId: plan.id };
}

/** What it may cost in all follows the period: what it has committed, and what is left now. */
export async function setStandingBudget(trx: Trx, goalId: number, budgetMicros: Micros): Promise<void> {
  await trx
    .updateTable('goal')
    .set({ budget_micros: budgetMicros, updated_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', goalId)
    .where('budget_micros', '<>', budgetMicros)
    .execute();
}
