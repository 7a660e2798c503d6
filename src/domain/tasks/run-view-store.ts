// The lease of a task and everything a run starts from, in one statement: its goal, its turns and calls, what the tasks before it found, what the goal has committed.
import { sql } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { readJsonRow, readJsonRows } from '../../db/json-rows.ts';
import type { Approval } from '../approvals/approval-store.ts';
import type { Goal } from '../goals/goal-store.ts';
import type { ToolCall, Turn } from '../tools/call-store.ts';
import type { Mode } from '../tools/tool.ts';
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
  /** The requests behind its approved calls. */
  asked: { approval: Approval; votes: { person: string; platform_id: string }[]; decidedHash: string | null }[];
  /** Whether any standing grant is in force: without one nobody has to look for it. */
  granted: boolean;
}

export interface Claim {
  /** Only tasks of this mode: practice and live never meet. */
  mode: Mode;
  processId: number;
  leaseSeconds: number;
  /** Limits of all processes together. */
  maxRunning: number;
  maxPerHour: number;
}

export interface Claimed {
  task: Task;
  view: RunView;
}

interface ViewRow {
  goal: unknown;
  turns: unknown;
  calls: unknown;
  inputs: RunView['inputs'] | null;
  committed_micros: bigint;
  asked: { approval: unknown; votes: RunView['asked'][number]['votes'] | null; decided: string | null }[] | null;
  granted: boolean;
}

/**
 * Takes the lease of the next task that may run now: not paused, under the limits of all processes, best rank first.
 * @returns `more`: another is ready, to be claimed now or when there is room again.
 */
export async function claimTask(db: DatabaseOrTrx, claim: Claim): Promise<{ claimed: Claimed | null; more: boolean }> {
  const result = await sql<Task & ViewRow & { more: boolean }>`
    select (c.claimed).*, c.more, view.*
    from claim_next(${claim.mode}, ${claim.processId}, ${claim.leaseSeconds}, ${claim.maxRunning}, ${claim.maxPerHour}) c
    left join lateral read_run((c.claimed).id, (c.claimed).attempt, (c.claimed).goal_id) view on true`.execute(db);
  const row = result.rows[0];
  if (row === undefined) return { claimed: null, more: false };
  const { more, goal, turns, calls, inputs, committed_micros, asked, granted, ...task } = row;
  if (task.id === null) return { claimed: null, more };
  return { claimed: { task, view: viewOf(task, { goal, turns, calls, inputs, committed_micros, asked, granted }) }, more };
}

/** @throws Error when the task's goal is gone */
export async function readRun(db: DatabaseOrTrx, task: Task): Promise<RunView> {
  const result = await sql<ViewRow>`select * from read_run(${task.id}, ${task.attempt}, ${task.goal_id})`.execute(db);
  return viewOf(task, result.rows[0]);
}

function viewOf(task: Task, row: ViewRow | undefined): RunView {
  const goal = readJsonRow('goal', row?.goal);
  if (row === undefined || goal === null) throw new Error(`task ${task.id} has no goal`);
  return {
    goal,
    turns: readJsonRows('turn', row.turns),
    calls: readJsonRows('tool_call', row.calls),
    inputs: row.inputs ?? [],
    committedMicros: row.committed_micros,
    asked: (row.asked ?? []).flatMap(({ approval, votes, decided }) => {
      const request = readJsonRow('approval', approval);
      return request === null ? [] : [{ approval: request, votes: votes ?? [], decidedHash: decided }];
    }),
    granted: row.granted,
  };
}
