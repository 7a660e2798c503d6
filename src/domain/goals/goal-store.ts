// Goals and their plans as rows.
import { type Selectable, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { GoalStatus } from '../../db/tables/states.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type Goal = Selectable<Tables['goal']>;

export interface GoalDraft {
  mode: Mode;
  title: string;
  request: string;
  means: 'market' | 'other';
  metric: 'revenue' | 'profit' | 'document' | null;
  targetMicros: Micros | null;
  budgetMicros: Micros;
  deadline: Date | null;
  status: 'draft' | 'planning';
  givenBy: string;
  givenByPerson: string;
  /** An approver's own plan within budget starts at once. */
  mayStartAlone: boolean;
}

export async function addGoal(db: DatabaseOrTrx, draft: GoalDraft): Promise<Goal> {
  return db
    .insertInto('goal')
    .values({
      mode: draft.mode,
      title: draft.title,
      request: draft.request,
      means: draft.means,
      metric: draft.metric,
      target_micros: draft.targetMicros,
      budget_micros: draft.budgetMicros,
      deadline: draft.deadline,
      status: draft.status,
      given_by: draft.givenBy,
      given_by_person: draft.givenByPerson,
      may_start_alone: draft.mayStartAlone,
      notes: JSON.stringify([]),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findGoal(db: DatabaseOrTrx, id: number): Promise<Goal | undefined> {
  return db.selectFrom('goal').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * The goal as it is now, locked until the transaction ends. What follows from several of its rows together (its tasks, its notes)
 * is read after this, so that of two transactions the second sees what the first has done. Locked after a request, before tasks.
 */
export function lockGoal(db: DatabaseOrTrx, id: number): Promise<Goal | undefined> {
  return db.selectFrom('goal').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
}

export function listGoals(db: DatabaseOrTrx, mode: Mode, limit: number): Promise<Goal[]> {
  return db
    .selectFrom('goal')
    .selectAll()
    .where('mode', '=', mode)
    .where('status', '<>', 'draft')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

const ENDED: readonly GoalStatus[] = ['done', 'failed', 'cancelled'];

/** Moves a goal on, only from the states named. Returns the goal, or undefined when it had moved on already. */
export function moveGoal(
  db: DatabaseOrTrx,
  id: number,
  from: readonly GoalStatus[],
  to: GoalStatus,
  set: {
    question?: string | null;
    stop_reason?: string | null;
    budget_micros?: Micros;
    may_start_alone?: boolean;
    feasibility?: string;
  } = {},
): Promise<Goal | undefined> {
  return db
    .updateTable('goal')
    .set({
      status: to,
      updated_at: sql<Date>`clock_timestamp()`,
      ended_at: ENDED.includes(to) ? sql<Date>`clock_timestamp()` : null,
      // A person has spoken: planning has all its attempts again.
      ...(to === 'planning' ? { attempt: 0, deferred_until: null, patient_since: null } : {}),
      ...set,
    })
    .where('id', '=', id)
    .where('status', 'in', [...from])
    .returningAll()
    .executeTakeFirst();
}

/** Keeps a person's words with the goal; planning and running tasks read them. */
export async function addNote(db: DatabaseOrTrx, id: number, note: { by: string; text: string; at: string }): Promise<void> {
  await db
    .updateTable('goal')
    .set({ notes: sql`notes || ${JSON.stringify([note])}::jsonb`, updated_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .execute();
}

/** Changes the words and numbers of a draft, or of a goal that waits for an answer. */
export function editGoal(
  db: DatabaseOrTrx,
  id: number,
  draft: Pick<GoalDraft, 'title' | 'request' | 'means' | 'metric' | 'targetMicros' | 'budgetMicros' | 'deadline'>,
): Promise<Goal | undefined> {
  return db
    .updateTable('goal')
    .set({
      title: draft.title,
      request: draft.request,
      means: draft.means,
      metric: draft.metric,
      target_micros: draft.targetMicros,
      budget_micros: draft.budgetMicros,
      deadline: draft.deadline,
      updated_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', id)
    .where('status', 'in', ['draft', 'question'])
    .returningAll()
    .executeTakeFirst();
}

/** Open goals whose deadline has passed. */
export const overdueGoals = (db: DatabaseOrTrx, mode: Mode) =>
  db
    .selectFrom('goal')
    .where('mode', '=', mode)
    .where('status', 'not in', ['draft', 'done', 'failed', 'cancelled'])
    .where('deadline', '<=', sql<Date>`clock_timestamp()`)
    .selectAll();

export const listOverdue = (db: DatabaseOrTrx, mode: Mode): Promise<Goal[]> => overdueGoals(db, mode).limit(100).execute();

/** Counts a try at planning that failed, once; `listStuckPlanning` brings the goal back. */
export function noteFailedPlanning(
  db: DatabaseOrTrx,
  { id, attempt }: Pick<Goal, 'id' | 'attempt'>,
  why: string,
): Promise<{ id: number } | undefined> {
  return db
    .updateTable('goal')
    .set({ attempt: sql<number>`attempt + 1`, stop_reason: why, updated_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('attempt', '=', attempt)
    .where('status', '=', 'planning')
    .returning('id')
    .executeTakeFirst();
}

/** Planning goes on at a later time by itself, and has used no attempt. */
export async function deferPlanning(
  db: DatabaseOrTrx,
  id: number,
  wait: { delayMs: number; why: string; feasibility?: string },
): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    update goal set deferred_until = clock_timestamp() + make_interval(secs => ${wait.delayMs / 1000}), patient_since = coalesce(patient_since, clock_timestamp()),
      stop_reason = ${wait.why.slice(0, 500)}, feasibility = coalesce(${wait.feasibility ?? null}::jsonb, feasibility), updated_at = clock_timestamp()
    where id = ${id} and status = 'planning' returning id, pg_notify('jug_due', '')`.execute(db);
  return rows.length > 0;
}

/** The model is being asked just now: nobody else needs to begin this planning again. */
export async function touchPlanning(db: DatabaseOrTrx, id: number): Promise<void> {
  await db
    .updateTable('goal')
    .set({ updated_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('status', '=', 'planning')
    .execute();
}

/** Goals without a plan yet, with a job or without. */
export async function listPlanning(db: DatabaseOrTrx): Promise<number[]> {
  const rows = await db.selectFrom('goal').select('id').where('status', '=', 'planning').orderBy('id').execute();
  return rows.map((row) => row.id);
}

/** Goals whose planning was begun and never ended: their job is lost, its process died, or the model was away. */
export const stuckPlanning = (db: DatabaseOrTrx, mode: Mode) =>
  db
    .selectFrom('goal')
    .select('id')
    .where('mode', '=', mode)
    .where('status', '=', 'planning')
    .where(sql<boolean>`case when deferred_until is null then updated_at < clock_timestamp() - interval '3 minutes'
      else deferred_until <= clock_timestamp() and updated_at < greatest(deferred_until, clock_timestamp() - interval '3 minutes') end`);

export const listStuckPlanning = async (db: DatabaseOrTrx, mode: Mode): Promise<number[]> =>
  (await stuckPlanning(db, mode).limit(100).execute()).map(({ id }) => id);
