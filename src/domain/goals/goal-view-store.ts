// A goal as its card shows it, in one statement, with whatever else is to be read in the same breath.
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { readJsonRow, readJsonRows } from '../../db/json-rows.ts';
import type { Tables } from '../../db/tables.ts';
import type { Goal } from './goal-store.ts';

/** What a goal's card shows: the goal, its tasks in order, and what its acts have committed, returned money taken off. */
export interface GoalView {
  goal: Goal;
  tasks: Selectable<Tables['task']>[];
  committedMicros: Micros;
  /** What was asked for in the same breath. */
  besides: unknown;
}

/** @param besides an expression to be read along */
export async function readGoalView(db: DatabaseOrTrx, id: number, besides: RawBuilder<unknown> = sql`null`): Promise<GoalView | null> {
  const result = await sql<{ goal: unknown; tasks: unknown; committed_micros: bigint; besides: unknown }>`
    select to_json(goal) as goal, (select json_agg(t order by t.id) from task t where t.goal_id = goal.id and t.policy is null) as tasks,
      (select coalesce(sum(counted_micros), 0) from reservation where goal_id = goal.id and mode = goal.mode and kind = 'act') as committed_micros,
      ${besides} as besides
    from goal where id = ${id}`.execute(db);
  const row = result.rows[0];
  const goal = readJsonRow('goal', row?.goal);
  return row === undefined || goal === null
    ? null
    : { goal, tasks: readJsonRows('task', row.tasks), committedMicros: row.committed_micros, besides: row.besides };
}
