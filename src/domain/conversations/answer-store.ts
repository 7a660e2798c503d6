// Answers as rows: waiting, being written by one process, and how each ended. What is written counts only while that process still has it.
import { sql } from 'kysely';
import { storableJson, storableText } from '../../core/canonical-json.ts';
import { redactText } from '../../core/redact.ts';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { AnswerStatus } from '../../db/tables/states.ts';
import type { Message } from './conversation-store.ts';

/** One reading of a tool for an answer, as it is kept with it. */
export interface ReadRecord {
  /** 1, 2, … within the answer. */
  id: number;
  tool: string;
  input: Record<string, unknown>;
  ok: boolean;
  /** What the tool showed; null when it failed. */
  output: object | null;
  error: string | null;
  /** The console's page with the same. */
  link: string | null;
  /** It may hold words of strangers. */
  outside: boolean;
}

export interface Answer extends Omit<Message, 'status' | 'records'> {
  status: AnswerStatus;
  records: ReadRecord[];
  question: string;
}

const selectAnswers = (db: DatabaseOrTrx) =>
  db
    .selectFrom('conversation_message as a')
    .innerJoin('conversation_message as q', 'q.id', 'a.reply_to')
    .selectAll('a')
    .select('q.text as question')
    .where('a.role', '=', 'agent');

export async function findAnswer(db: DatabaseOrTrx, id: number): Promise<Answer | undefined> {
  return (await selectAnswers(db).where('a.id', '=', id).executeTakeFirst()) as Answer | undefined;
}

/** @returns its id. */
export async function addAnswer(
  trx: Trx,
  to: Pick<Message, 'conversation_id' | 'platform_id' | 'surface' | 'aside'> & { questionId: number },
): Promise<number> {
  const row = await trx
    .insertInto('conversation_message')
    .values({
      conversation_id: to.conversation_id,
      role: 'agent',
      status: 'pending',
      reply_to: to.questionId,
      platform_id: to.platform_id,
      surface: to.surface,
      aside: to.aside,
      records: '[]',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** How many answers this person waits for. */
export async function countOpenAnswers(db: DatabaseOrTrx, platformId: string): Promise<number> {
  const { count } = await db
    .selectFrom('conversation_message')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('platform_id', '=', platformId)
    .where('status', 'in', ['pending', 'answering'])
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Answers that are awaited in a thread of a chat platform. */
export async function listOpenIn(
  db: DatabaseOrTrx,
  at: { surface: 'slack' | 'discord'; place: string; thread: string },
): Promise<number[]> {
  const rows = await db
    .selectFrom('conversation_message as a')
    .innerJoin('conversation as c', 'c.id', 'a.conversation_id')
    .select('a.id')
    .where('c.surface', '=', at.surface)
    .where('c.place', '=', at.place)
    .where('c.thread', '=', at.thread)
    .where('a.status', 'in', ['pending', 'answering'])
    .orderBy('a.id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Takes an answer that nobody has begun; null when it is begun, ended or called off. */
export async function claimAnswer(db: DatabaseOrTrx, id: number, processId: number): Promise<{ id: number } | null> {
  const row = await db
    .updateTable('conversation_message')
    .set({ status: 'answering', process_id: processId })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .returning('id')
    .executeTakeFirst();
  return row ?? null;
}

/** What is to be seen of it so far. False when it is no longer this process's: then nothing may be shown. */
export async function keepDraft(db: DatabaseOrTrx, id: number, processId: number, text: string): Promise<boolean> {
  const row = await db
    .updateTable('conversation_message')
    .set({ text: clean(text) })
    .where('id', '=', id)
    .where('status', '=', 'answering')
    .where('process_id', '=', processId)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

const clean = (text: string): string => storableText(redactText(text));

export interface AnswerEnd {
  status: Exclude<AnswerStatus, 'pending' | 'answering'>;
  text: string;
  error: string | null;
  model: string | null;
  inputTokens: number;
  outputTokens: number;
  steps: number;
  records: readonly ReadRecord[];
  tainted: boolean;
}

/** False when it was not this process's any more. */
export async function endAnswer(db: DatabaseOrTrx, id: number, processId: number, end: AnswerEnd): Promise<boolean> {
  const row = await db
    .updateTable('conversation_message')
    .set({
      status: end.status,
      text: clean(end.text),
      error: end.error === null ? null : clean(end.error),
      model: end.model,
      input_tokens: end.inputTokens,
      output_tokens: end.outputTokens,
      steps: end.steps,
      records: redactText(storableJson(end.records)),
      tainted: end.tainted,
      ended_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', id)
    .where('status', '=', 'answering')
    .where('process_id', '=', processId)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Answers whose process has ended: nobody writes them on. */
export const abandonedAnswers = (db: DatabaseOrTrx) =>
  db
    .selectFrom('conversation_message')
    .select('id')
    .where('status', '=', 'answering')
    .where('process_id', 'in', (eb) => eb.selectFrom('process').select('id').where('stopped_at', 'is not', null));

/** @returns those that were cut off by this */
export async function interruptAbandoned(db: DatabaseOrTrx): Promise<number[]> {
  const rows = await db
    .updateTable('conversation_message')
    .set({ status: 'interrupted', ended_at: sql<Date>`clock_timestamp()` })
    .where('id', 'in', abandonedAnswers(db))
    .where('status', '=', 'answering')
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Answers that nobody has begun although they were asked a while ago: their job got lost. */
export const forgottenAnswers = (db: DatabaseOrTrx) =>
  db
    .selectFrom('conversation_message')
    .select('id')
    .where('status', '=', 'pending')
    .where('created_at', '<', sql<Date>`clock_timestamp() - interval '1 minute'`);

export const listForgottenAnswers = async (db: DatabaseOrTrx): Promise<number[]> =>
  (await forgottenAnswers(db).limit(100).execute()).map(({ id }) => id);

/** Wakes whoever waits for an answer that is posted nowhere. */
export async function tellEnded(db: DatabaseOrTrx): Promise<void> {
  await sql`select pg_notify('jug_message', '')`.execute(db);
}

/** Told to stop. One that nobody has begun ends here; one that is being written is stopped by its process. */
export async function cancelAnswer(db: DatabaseOrTrx, id: number, by: string): Promise<AnswerStatus | null> {
  const { rows } = await sql<{ status: AnswerStatus }>`
    with told as (select pg_notify('jug_control', ''))
    update conversation_message set cancelled_by = ${by}, status = case status when 'pending' then 'cancelled' else status end,
      ended_at = case status when 'pending' then clock_timestamp() end
    from told where id = ${id} and status in ('pending', 'answering') returning status`.execute(db);
  return rows[0]?.status ?? null;
}

/** Those of this process that were told to stop. */
export async function listCancelled(db: DatabaseOrTrx, processId: number): Promise<number[]> {
  const rows = await db
    .selectFrom('conversation_message')
    .select('id')
    .where('process_id', '=', processId)
    .where('status', '=', 'answering')
    .where('cancelled_by', 'is not', null)
    .execute();
  return rows.map(({ id }) => id);
}
