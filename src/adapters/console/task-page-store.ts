// One task with everything that proves or costs something: calls, evidence, turns, money.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';

/** How much of a long value a page carries; the whole is one link away. */
const SHOWN = 20_000;

export function findTaskRow(db: DatabaseOrTrx, id: number) {
  return db
    .selectFrom('task')
    .innerJoin('goal', 'goal.id', 'task.goal_id')
    .selectAll('task')
    .select((eb) => [
      'goal.title as goal_title',
      eb
        .selectFrom('journal')
        .innerJoin('posting', 'posting.journal_id', 'journal.id')
        .whereRef('journal.task_id', '=', 'task.id')
        .where('posting.account', 'in', ['model_cost', 'tool_cost'])
        .select((inner) => inner.fn.sum<bigint | null>('posting.amount_micros').as('s'))
        .as('cost_micros'),
      eb
        .selectFrom('journal')
        .innerJoin('posting', 'posting.journal_id', 'journal.id')
        .whereRef('journal.task_id', '=', 'task.id')
        .where('posting.account', '=', 'offer_spend')
        .select((inner) => inner.fn.sum<bigint | null>('posting.amount_micros').as('s'))
        .as('spend_micros'),
    ])
    .where('task.id', '=', id)
    .executeTakeFirst();
}

export function listNeededTasks(db: DatabaseOrTrx, taskId: number) {
  return db
    .selectFrom('task_dependency')
    .innerJoin('task', 'task.id', 'task_dependency.depends_on')
    .select(['task.id', 'task.title', 'task.status'])
    .where('task_dependency.task_id', '=', taskId)
    .orderBy('task.id')
    .execute();
}

function selectCalls(db: DatabaseOrTrx) {
  return db
    .selectFrom('tool_call')
    .select([
      'id',
      'task_id',
      'turn_id',
      'attempt',
      'tool',
      'tool_version',
      'act',
      'touches',
      'status',
      'amount_micros',
      'payee',
      'effect',
      'tainted',
      'risk_score',
      'risk_level',
      'factors',
      'request_hash',
      'idempotency_key',
      'approval_id',
      'grant_id',
      'error',
      'receipt',
      'spent_micros',
      'created_at',
      'started_at',
      'ended_at',
    ])
    .select([
      sql<string>`left(jsonb_pretty(arguments), ${sql.lit(SHOWN)})`.as('arguments_text'),
      sql<number>`length(jsonb_pretty(arguments))`.as('arguments_length'),
      sql<string | null>`left(jsonb_pretty(output), ${sql.lit(SHOWN)})`.as('output_text'),
      sql<number | null>`length(jsonb_pretty(output))`.as('output_length'),
    ])
    .orderBy('id');
}

export type CallRow = Awaited<ReturnType<ReturnType<typeof selectCalls>['execute']>>[number];

/** Oldest first, 50 a page; `after` is the last id of the page before. */
export function listTaskCalls(db: DatabaseOrTrx, taskId: number, after: number, limit: number): Promise<CallRow[]> {
  return selectCalls(db).where('task_id', '=', taskId).where('id', '>', after).limit(limit).execute();
}

/** What one approval would run. */
export function listApprovalCalls(db: DatabaseOrTrx, approvalId: number): Promise<CallRow[]> {
  return selectCalls(db).where('approval_id', '=', approvalId).limit(100).execute();
}

/** The whole of one value, for a plain text page. */
export async function findCallText(db: DatabaseOrTrx, id: number, part: 'arguments' | 'output'): Promise<string | null> {
  const row = await db
    .selectFrom('tool_call')
    .select(sql<string | null>`jsonb_pretty(${sql.ref(part)})`.as('text'))
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.text ?? null;
}

export function findCallTask(db: DatabaseOrTrx, callId: number) {
  return db.selectFrom('tool_call').select('task_id').where('id', '=', callId).executeTakeFirst();
}

export function listTaskEvidence(db: DatabaseOrTrx, taskId: number) {
  return db
    .selectFrom('evidence')
    .select(['id', 'kind', 'source', 'sha256', 'tool_call_id', 'created_at'])
    .where('task_id', '=', taskId)
    .orderBy('id')
    .limit(500)
    .execute();
}

export function listTaskTurns(db: DatabaseOrTrx, taskId: number) {
  return db
    .selectFrom('turn')
    .select([
      'id',
      'attempt',
      'seq',
      'model',
      'input_tokens',
      'output_tokens',
      'stop_reason',
      'created_at',
      sql<string>`left(text, 4000)`.as('text'),
    ])
    .where('task_id', '=', taskId)
    .orderBy('attempt')
    .orderBy('seq')
    .limit(200)
    .execute();
}
