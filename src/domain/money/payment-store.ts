// Processor events as rows: stored once by their id before anything is booked from them.
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import { addJob } from '../../db/wake.ts';
import type { Mode } from '../tools/tool.ts';

/** Where events of the payment provider come from; its journals carry the same. */
export const PROVIDER = 'stripe';

export type StoredEvent = Selectable<Tables['payment_event']>;

/** Keeps the event and queues its booking, in one statement; one that was stored before changes nothing. */
export async function addPaymentEvent(
  db: DatabaseOrTrx,
  event: { source: string; eventId: string; mode: Mode; type: string; body: unknown },
): Promise<void> {
  await sql`with kept as (
      insert into payment_event (source, event_id, mode, type, body)
      values (${event.source}, ${event.eventId}, ${event.mode}, ${event.type}, ${JSON.stringify(event.body)}::jsonb)
      on conflict (source, event_id) do nothing returning id)
    select ${addJob('book_payment', sql`json_build_object('eventId', kept.id)`, sql`'book_payment:' || kept.id`)} from kept`.execute(db);
}

/**
 * A market day on which nothing is to be done, kept and booked in one statement. The gate's row must be free: whoever holds it may be
 * about to wait for this very day. (What begins to wait in the moment before that look is woken with the next day.)
 * @param busy whatever makes it a day like others
 * @param asked answered of the day that is kept
 * @returns null when it is not such a day: then nothing was written
 */
export async function keepQuietDay(
  db: DatabaseOrTrx,
  event: { source: string; eventId: string; mode: Mode; type: string; body: unknown },
  day: number,
  busy: readonly RawBuilder<boolean>[],
  asked: RawBuilder<boolean>,
): Promise<{ answer: boolean } | null> {
  const { rows } = await sql<{ answer: boolean }>`
    with gate as (select mode from spend_gate where mode = ${event.mode} and not (${sql.join(busy, sql` or `)}) for update skip locked),
    kept as (insert into payment_event (source, event_id, mode, type, body, booked_at)
      select ${event.source}, ${event.eventId}, ${event.mode}, ${event.type}, ${JSON.stringify(event.body)}::jsonb, clock_timestamp() from gate
      on conflict (source, event_id) do nothing returning id),
    ended as (update spend_gate set market_day = ${day} from kept where mode = ${event.mode} and market_day < ${day})
    select ${asked} as answer from kept`.execute(db);
  return rows[0] ?? null;
}

/** Whether an event is about somebody who was erased: by their id, or by a charge of theirs. */
const OF_ERASED = sql<boolean>`(exists (select 1 from customer c
    where c.mode = payment_event.mode and c.source = payment_event.source and c.external_id = body #>> '{data,object,customer}' and c.erased_at is not null)
  or exists (select 1 from customer_order o join customer c on c.id = o.customer_id
    where o.source = payment_event.source and o.charge_id in (body #>> '{data,object,id}', body #>> '{data,object,charge}') and c.erased_at is not null))`;

/**
 * The event if it still had to be booked, marked as booked by this transaction: two processes do not book it side by side. With whether what
 * is personal has to go from it.
 */
export function takeUnbooked(db: DatabaseOrTrx, id: number): Promise<(StoredEvent & { ofErased: boolean }) | undefined> {
  return db
    .updateTable('payment_event')
    .set({ booked_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('booked_at', 'is', null)
    .returningAll()
    .returning(OF_ERASED.as('ofErased'))
    .executeTakeFirst();
}

/** The event if it still has to be booked, left as it is. */
export function findUnbooked(db: DatabaseOrTrx, id: number): Promise<StoredEvent | undefined> {
  return db.selectFrom('payment_event').selectAll().where('id', '=', id).where('booked_at', 'is', null).executeTakeFirst();
}

/** Why nothing was booked from an event that was taken. */
export async function noteUnbookable(db: DatabaseOrTrx, id: number, error: string): Promise<void> {
  await db.updateTable('payment_event').set({ error }).where('id', '=', id).execute();
}

/** Events whose job got lost; the sweep wakes them again. */
export const eventsUnbooked = (db: DatabaseOrTrx) =>
  db
    .selectFrom('payment_event')
    .select('id')
    .where('booked_at', 'is', null)
    .where('received_at', '<', sql<Date>`clock_timestamp() - interval '10 seconds'`);

export async function listUnbooked(db: DatabaseOrTrx, limit: number): Promise<number[]> {
  const rows = await eventsUnbooked(db).orderBy('id').limit(limit).execute();
  return rows.map((row) => row.id);
}

export interface Origin {
  goalId: number | null;
  taskId: number | null;
  toolCallId: number | null;
  launchId: number | null;
}

/** Whose money it is: by the launch's id, or, when the event is faster than our own row, by the key of the call that launched it. */
export async function findOrigin(
  db: DatabaseOrTrx,
  mode: Mode,
  launch: { externalId: string | null; idempotencyKey: string | null },
): Promise<Origin> {
  const result = await sql<{ goal_id: number; task_id: number; tool_call_id: number; launch_id: number | null }>`
    select goal_id, task_id, tool_call_id, id as launch_id from launch where mode = ${mode} and external_id = ${launch.externalId}
    union all select goal_id, task_id, id, (select launch.id from launch where launch.tool_call_id = tool_call.id) from tool_call where idempotency_key = ${launch.idempotencyKey} and mode = ${mode} limit 1`.execute(
    db,
  );
  const row = result.rows[0];
  return {
    goalId: row?.goal_id ?? null,
    taskId: row?.task_id ?? null,
    toolCallId: row?.tool_call_id ?? null,
    launchId: row?.launch_id ?? null,
  };
}
