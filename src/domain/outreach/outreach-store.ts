// Who must not be written to, who was, and the tasks that wait for a person. Addresses are kept while a task needs them, hashes after.
import { type Selectable, sql } from 'kysely';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';
import type { ContactFacts } from './outreach.ts';

export type PersonTask = Selectable<Tables['person_task']>;

/** Those who write at once take turns: the day's limit is one. Until the transaction ends. */
export async function lockOutreach(trx: Trx, mode: Mode): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`outreach ${mode}`}, 0))`.execute(trx);
}

export async function readContactFacts(db: DatabaseOrTrx, mode: Mode, contact: string): Promise<ContactFacts> {
  // A task that was dropped never reached anybody.
  const found = await sql<{ isSuppressed: boolean; lastAt: Date | null; recent: number }>`
    select exists (select from suppression where contact = ${contact}) as "isSuppressed",
      (select max(created_at) from person_task where mode = ${mode} and contact = ${contact} and status <> 'cancelled') as "lastAt",
      (select count(*) from person_task where mode = ${mode} and contact is not null and status <> 'cancelled' and created_at > clock_timestamp() - interval '24 hours')::int as recent`.execute(
    db,
  );
  return found.rows[0] ?? { isSuppressed: true, lastAt: null, recent: 0 };
}

export interface NewPersonTask {
  mode: Mode;
  goalId: number;
  taskId: number;
  toolCallId: number;
  pageId: number;
  channel: string;
  title: string;
  body: string;
  link: string;
  to: { contact: string; addressee: string; isFirst: boolean } | null;
  dueAt: Date;
}

export function addPersonTask(db: DatabaseOrTrx, task: NewPersonTask): Promise<PersonTask> {
  return db
    .insertInto('person_task')
    .values({
      mode: task.mode,
      goal_id: task.goalId,
      task_id: task.taskId,
      tool_call_id: task.toolCallId,
      page_id: task.pageId,
      channel: task.channel,
      title: task.title,
      body: task.body,
      link: task.link,
      contact: task.to?.contact ?? null,
      addressee: task.to?.addressee ?? null,
      is_first: task.to?.isFirst ?? false,
      due_at: task.dueAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface TaskEnd {
  status: 'done' | 'cancelled';
  by: string;
  note: string | null;
}

/** Ends those that are still open; the address goes with it. @returns what ended */
export function endPersonTasks(
  db: DatabaseOrTrx,
  which: { id: number; mode: Mode } | { contact: string } | { pageId: number },
  end: TaskEnd,
): Promise<PersonTask[]> {
  const open = db
    .updateTable('person_task')
    .set({ status: end.status, ended_by: end.by, note: end.note, ended_at: sql<Date>`clock_timestamp()`, addressee: null })
    .where('status', '=', 'open');
  const chosen =
    'id' in which
      ? open.where('id', '=', which.id).where('mode', '=', which.mode)
      : 'contact' in which
        ? open.where('contact', '=', which.contact)
        : open.where('page_id', '=', which.pageId);
  return chosen.returningAll().execute();
}

export function findPersonTask(db: DatabaseOrTrx, mode: Mode, id: number): Promise<PersonTask | undefined> {
  return db.selectFrom('person_task').selectAll().where('mode', '=', mode).where('id', '=', id).executeTakeFirst();
}

export function listOpenTasks(db: DatabaseOrTrx, mode: Mode, limit: number): Promise<PersonTask[]> {
  return db
    .selectFrom('person_task')
    .selectAll()
    .where('mode', '=', mode)
    .where('status', '=', 'open')
    .orderBy('due_at')
    .limit(limit)
    .execute();
}

/** @returns false when they were on the list already */
export async function addSuppression(
  db: DatabaseOrTrx,
  row: { contact: string; shown: string; reason: string; by: string },
): Promise<boolean> {
  const added = await db
    .insertInto('suppression')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('contact')
    .executeTakeFirst();
  return added !== undefined;
}

export interface OutreachView {
  suppressed: number;
  newest: { shown: string; reason: string; by: string; created_at: Date }[];
  recent: number;
}

export async function readOutreach(db: DatabaseOrTrx, mode: Mode, limit: number): Promise<OutreachView> {
  const [count] = (
    await sql<{ suppressed: number; recent: number }>`
      select (select count(*) from suppression)::int as suppressed,
        (select count(*) from person_task where mode = ${mode} and contact is not null and status <> 'cancelled' and created_at > clock_timestamp() - interval '24 hours')::int as recent`.execute(
      db,
    )
  ).rows;
  const newest = await db
    .selectFrom('suppression')
    .select(['shown', 'reason', 'by', 'created_at'])
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
  return { suppressed: count?.suppressed ?? 0, recent: count?.recent ?? 0, newest };
}
