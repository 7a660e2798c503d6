// What the goal pages show, a page at a time.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { GoalStatus } from '../../db/tables/states.ts';

const ENDED: readonly GoalStatus[] = ['done', 'failed', 'cancelled'];

/** Newest first; `before` is the last id of the page above. */
export function listGoalRows(db: DatabaseOrTrx, query: { before: number | null; limit: number; open: boolean }) {
  let select = db
    .selectFrom('goal')
    .select((eb) => [
      'id',
      'mode',
      'status',
      'budget_micros',
      'deadline',
      'created_at',
      'ended_at',
      sql<string>`left(title, 300)`.as('title'),
      eb
        .selectFrom('task')
        .whereRef('task.goal_id', '=', 'goal.id')
        .where('task.status', '<>', 'cancelled')
        .select((inner) => inner.fn.countAll<number>().as('n'))
        .as('tasks'),
      eb
        .selectFrom('task')
        .whereRef('task.goal_id', '=', 'goal.id')
        .where('task.status', '=', 'done')
        .select((inner) => inner.fn.countAll<number>().as('n'))
        .as('tasks_done'),
      eb
        .selectFrom('approval')
        .whereRef('approval.goal_id', '=', 'goal.id')
        .where('approval.status', '=', 'pending')
        .select((inner) => inner.fn.countAll<number>().as('n'))
        .as('waiting'),
    ])
    .orderBy('id', 'desc')
    .limit(query.limit);
  if (query.before !== null) select = select.where('id', '<', query.before);
  if (query.open) select = select.where('status', 'not in', ENDED);
  return select.execute();
}

/** The newest plan that was not thrown away. */
export function findNewestPlan(db: DatabaseOrTrx, goalId: number) {
  return db
    .selectFrom('plan')
    .select(['id', 'revision', 'status', 'summary', 'success_measure', 'model', 'tasks'])
    .where('goal_id', '=', goalId)
    .orderBy('revision', 'desc')
    .executeTakeFirst();
}

export function listTaskRows(db: DatabaseOrTrx, goalId: number) {
  return db
    .selectFrom('task')
    .select(['id', 'plan_id', 'key', 'kind', 'title', 'status', 'risk_level', 'expected_cost_micros', 'attempt', 'error', 'stop_reason'])
    .where('goal_id', '=', goalId)
    .orderBy('id')
    .limit(200)
    .execute();
}

export function listDocumentRows(db: DatabaseOrTrx, goalId: number) {
  return db
    .selectFrom('document')
    .select((eb) => [
      'id',
      'title',
      'created_at',
      eb
        .selectFrom('document_version')
        .whereRef('document_version.document_id', '=', 'document.id')
        .select((inner) => inner.fn.max('version').as('v'))
        .as('versions'),
    ])
    .where('goal_id', '=', goalId)
    .orderBy('id')
    .limit(100)
    .execute();
}

export function listLaunchRows(db: DatabaseOrTrx, goalId: number) {
  return db
    .selectFrom('launch')
    .select(['id', 'name', 'offer_id', 'external_id', 'budget_micros', 'days', 'started_day', 'status', 'task_id', 'tool_call_id'])
    .where('goal_id', '=', goalId)
    .orderBy('id')
    .limit(100)
    .execute();
}

/** Whether a person has ever given a goal: what it tries by itself belongs to its standing goal. */
export async function hasGoals(db: DatabaseOrTrx): Promise<boolean> {
  return (await db.selectFrom('goal').select('id').where('standing', '=', false).limit(1).executeTakeFirst()) !== undefined;
}
