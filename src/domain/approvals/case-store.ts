// A request as whoever decides it finds it: with its goal and its calls, in one statement, locked where the decision takes more than one.
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

/** The same without a lock, for a decision that is one statement: it holds if nobody was quicker. `readAt`: the database's time, exact. */
export async function readCase(db: DatabaseOrTrx, id: number): Promise<(Case & { readAt: string }) | null> {
  const { rows } = await sql<CaseRow & { read_at: string }>`${selectCase(id)}`.execute(db);
  const found = toCase(rows[0]);
  return found === null ? null : { ...found, readAt: rows[0]?.read_at ?? '' };
}

/**
 * Locks the request until the transaction ends: voters and deciders queue here. Goal and calls are those of before the queue, and
 * stay so while the request is pending.
 */
export async function lockCase(db: DatabaseOrTrx, id: number): Promise<Case | null> {
  const { rows } = await sql<CaseRow>`${selectCase(id)} for update of approval`.execute(db);
  return toCase(rows[0]);
}

interface CaseRow {
  approval: unknown;
  goal: unknown;
  calls: unknown;
}

const selectCase = (id: number) => sql`
    select to_json(approval) as approval, to_json(goal) as goal,
      (select json_agg(c order by c.id) from tool_call c where c.approval_id = approval.id) as calls, to_json(clock_timestamp()) #>> '{}' as read_at
    from approval join goal on goal.id = approval.goal_id where approval.id = ${id}`;

function toCase(row: CaseRow | undefined): Case | null {
  const approval = readJsonRow('approval', row?.approval);
  const goal = readJsonRow('goal', row?.goal);
  return approval === null || goal === null ? null : { approval, goal, calls: readJsonRows('tool_call', row?.calls) };
}
