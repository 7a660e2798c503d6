// Tasks whose turns are written by code. Each is made once: its key in the standing plan is what it is about.
import { sql } from 'kysely';
import { type Json, storableJson } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { TaskPolicy } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';

export interface NewPolicyTask {
  mode: Mode;
  goalId: number;
  planId: number;
  /** `review_34`: of two that make it, one does. */
  key: string;
  policy: TaskPolicy;
  input: Json;
  experimentId: number | null;
  title: string;
  why: string;
  mostMicros: Micros;
  /** `experiment` unless it says otherwise. */
  kind?: 'refund';
}

const AGENT = 'portfolio';
const PRIORITY = 1;

/** @returns its number, null when it was made before */
export async function addPolicyTask(db: DatabaseOrTrx, task: NewPolicyTask): Promise<number | null> {
  const row = await db
    .insertInto('task')
    .values({
      mode: task.mode,
      goal_id: task.goalId,
      plan_id: task.planId,
      key: task.key,
      kind: task.kind ?? 'experiment',
      title: task.title,
      why: task.why,
      agent: AGENT,
      priority: PRIORITY,
      status: 'pending',
      expected_cost_micros: task.mostMicros,
      expected_evidence: 'a receipt for every act',
      risk_score: 0,
      risk_level: 'low',
      policy: task.policy,
      policy_input: storableJson(task.input),
      experiment_id: task.experimentId,
    })
    .onConflict((conflict) => conflict.columns(['plan_id', 'key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** How often an order's money was asked to be given back, and the task of it that has not ended. */
export async function readRefundTasks(db: DatabaseOrTrx, orderId: number): Promise<{ asked: number; open: number | null }> {
  const rows = await db
    .selectFrom('task')
    .select(['id', 'status'])
    .where('policy', '=', 'refund')
    .where(sql<boolean>`(policy_input ->> 'orderId')::bigint = ${orderId}`)
    .orderBy('id', 'desc')
    .execute();
  return { asked: rows.length, open: rows.find(({ status }) => !['done', 'failed', 'dead', 'cancelled'].includes(status))?.id ?? null };
}

/** Whether one of this policy is about to run, or runs; one that waits for a person is not. */
export async function isPolicyUnderWay(db: DatabaseOrTrx, goalId: number, policy: TaskPolicy): Promise<boolean> {
  const row = await db
    .selectFrom('task')
    .select('id')
    .where('goal_id', '=', goalId)
    .where('policy', '=', policy)
    .where('status', 'in', ['pending', 'running', 'waiting'])
    .where(sql<boolean>`status not in ('done', 'failed', 'dead', 'cancelled')`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Tasks about an experiment that have not ended. */
export async function listOpenOf(db: DatabaseOrTrx, experimentId: number): Promise<number[]> {
  const rows = await db
    .selectFrom('task')
    .select('id')
    .where('experiment_id', '=', experimentId)
    .where('status', 'not in', ['done', 'failed', 'dead', 'cancelled'])
    .orderBy('id')
    .execute();
  return rows.map((row) => row.id);
}

/** Requests for the moves of a week that nobody has decided. */
export async function listOpenWeekly(db: DatabaseOrTrx, goalId: number): Promise<number[]> {
  const rows = await db
    .selectFrom('task')
    .select('id')
    .where('goal_id', '=', goalId)
    .where('policy', '=', 'weekly')
    .where('status', 'not in', ['done', 'failed', 'dead', 'cancelled'])
    .orderBy('id')
    .execute();
  return rows.map((row) => row.id);
}
