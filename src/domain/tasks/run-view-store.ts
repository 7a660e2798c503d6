// Everything a run starts from, in one statement: its goal, its turns and calls, what the tasks before it found, what the goal has committed.
import { sql } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { readJsonRow, readJsonRows } from '../../db/json-rows.ts';
import type { Goal } from '../goals/goal-store.ts';
import type { ToolCall, Turn } from '../tools/call-store.ts';
import type { Task } from './task-store.ts';

export interface RunView {
  goal: Goal;
  /** Of this attempt. */
  turns: Turn[];
  /** Of all attempts, oldest first. */
  calls: ToolCall[];
  /** The finished calls of the tasks it depends on, directly or not: what it may build on. */
  inputs: { task_key: string; id: number; tool: string; output: Json; tainted: boolean }[];
  /** What the goal's acts have committed, returned money taken off. */
  committedMicros: Micros;
}

/** @throws Error when the task's goal is gone */
export async function readRun(db: DatabaseOrTrx, task: Task): Promise<RunView> {
  const result = await sql<{ goal: unknown; turns: unknown; calls: unknown; inputs: RunView['inputs'] | null; committed_micros: bigint }>`
    with recursive before as (
      select depends_on as id from task_dependency where task_id = ${task.id}
      union select d.depends_on from task_dependency d join before on d.task_id = before.id)
    select to_json(goal) as goal,
      (select json_agg(t order by t.seq) from turn t where t.task_id = ${task.id} and t.attempt = ${task.attempt}) as turns,
      (select json_agg(c order by c.id) from tool_call c where c.task_id = ${task.id}) as calls,
      (select json_agg(json_build_object('task_key', task.key, 'id', c.id, 'tool', c.tool, 'output', c.output, 'tainted', c.tainted) order by c.id)
        from before join task on task.id = before.id join tool_call c on c.task_id = task.id where c.status = 'done' and c.tool not in ('finish', 'wait')) as inputs,
      (select coalesce(sum(counted_micros), 0) from reservation where goal_id = goal.id and mode = goal.mode and kind = 'act') as committed_micros
    from goal where goal.id = ${task.goal_id}`.execute(db);
  const row = result.rows[0];
  const goal = readJsonRow('goal', row?.goal);
  if (row === undefined || goal === null) throw new Error(`task ${task.id} has no goal`);
  return {
    goal,
    turns: readJsonRows('turn', row.turns),
    calls: readJsonRows('tool_call', row.calls),
    inputs: row.inputs ?? [],
    committedMicros: row.committed_micros,
  };
}
