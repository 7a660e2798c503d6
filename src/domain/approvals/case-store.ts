// A request as whoever decides it finds it: locked, with its goal, its calls and the votes so far, in one statement.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { readJsonRow, readJsonRows } from '../../db/json-rows.ts';
import type { Goal } from '../goals/goal-store.ts';
import type { ToolCall } from '../tools/call-store.ts';
import type { Approval } from './approval-store.ts';

export interface Case {
  approval: Approval;
  goal: Goal;
  calls: ToolCall[];
}

/**
 * Locks the request until the transaction ends: voters and deciders queue here. Goal and calls are those of before the queue, and
 * stay so while the request is pending.
 */
export async function lockCase(db: DatabaseOrTrx, id: number): Promise<Case | null> {
  const { rows } = await sql<{ approval: unknown; goal: unknown; calls: unknown }>`
    select to_json(approval) as approval, to_json(goal) as goal,
      (select json_agg(c order by c.id) from tool_call c where c.approval_id = approval.id) as calls
    from approval join goal on goal.id = approval.goal_id where approval.id = ${id} for update of approval`.execute(db);
  const approval = readJsonRow('approval', rows[0]?.approval);
  const goal = readJsonRow('goal', rows[0]?.goal);
  return approval === null || goal === null ? null : { approval, goal, calls: readJsonRows('tool_call', rows[0]?.calls) };
}
