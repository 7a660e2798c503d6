// Customers as rows, all that is kept of one, and their erasure.
import { type Selectable, sql } from 'kysely';
import { type Json, storableJson } from '../../core/canonical-json.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Consent } from '../../db/tables/states.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';
import { withoutPersonal } from './personal.ts';

export type Customer = Selectable<Tables['customer']>;

export function findCustomer(db: DatabaseOrTrx, mode: Mode, id: number): Promise<Customer | undefined> {
  return db.selectFrom('customer').selectAll().where('id', '=', id).where('mode', '=', mode).executeTakeFirst();
}

/** What is kept of a customer beside their row, oldest first. */
export async function readHoldings(db: DatabaseOrTrx, customerId: number) {
  const ofTheirs = sql<number>`(select id from customer_order where customer_id = ${customerId})`;
  const [orders, steps, receipts, promises, refunds] = await Promise.all([
    db
      .selectFrom('customer_order')
      .select([
        'id',
        'source',
        'charge_id',
        'offer_id',
        'currency',
        'amount_micros',
        'refunded_micros',
        'status',
        'way',
        'paid_at',
        'deliver_by',
      ])
      .where('customer_id', '=', customerId)
      .orderBy('id')
      .execute(),
    db
      .selectFrom('order_step')
      .select(['order_id', 'from_status', 'to_status', 'reason', 'at'])
      .where('order_id', 'in', ofTheirs)
      .orderBy('id')
      .execute(),
    db
      .selectFrom('receipt')
      .select(['id', 'order_id', 'kind', 'source', 'external_id', 'note', 'created_at'])
      .where('order_id', 'in', ofTheirs)
      .orderBy('id')
      .execute(),
    db
      .selectFrom('promise')
      .select(['id', 'order_id', 'kind', 'words', 'status', 'due_at', 'reason', 'closed_at'])
      .where('order_id', 'in', ofTheirs)
      .orderBy('id')
      .execute(),
    db
      .selectFrom('order_refund as refund')
      .innerJoin('customer_order as o', (join) =>
        join.onRef('o.source', '=', 'refund.source').onRef('o.charge_id', '=', 'refund.charge_id'),
      )
      .select(['refund.refund_id', 'o.id as order_id', 'refund.amount_micros', 'refund.at'])
      .where('o.customer_id', '=', customerId)
      .orderBy('refund.at')
      .execute(),
  ]);
  return { orders, steps, receipts, promises, refunds };
}

export async function setConsent(db: DatabaseOrTrx, customerId: number, consent: Consent): Promise<void> {
  await db.updateTable('customer').set({ consent }).where('id', '=', customerId).where('erased_at', 'is', null).execute();
}

const ERASED = '(erased)';

/** Leaves a tombstone: name, address and all words about them go; the processor's id stays as the key of the books. False when that was done before. */
export async function eraseCustomer(db: DatabaseOrTrx, customerId: number, by: string): Promise<boolean> {
  const result = await sql<{ id: number }>`
    with gone as (update customer set name = null, email = null, consent = 'withdrawn', erased_at = clock_timestamp(), erased_by = ${by} where id = ${customerId} and erased_at is null returning id),
    theirs as (update customer_order o set trouble = null from gone where o.customer_id = gone.id returning o.id),
    notes as (update receipt set note = ${ERASED} from theirs where receipt.order_id = theirs.id and receipt.note is not null),
    words as (update promise set words = case when said_in = 'message' then ${ERASED} else words end, reason = case when reason <> 'refunded' then ${ERASED} else reason end
      from theirs where promise.order_id = theirs.id)
    select id from gone`.execute(db);
  return result.rows.length > 0;
}

/** Takes what is personal out of one stored event. */
export async function cleanEvent(db: DatabaseOrTrx, event: { id: number; body: unknown }): Promise<void> {
  await db
    .updateTable('payment_event')
    .set({ body: storableJson(withoutPersonal(event.body as Json)) })
    .where('id', '=', event.id)
    .execute();
}

/**
 * Takes what is personal out of the processor's stored events of a customer: found by their id, by their charges, by their address.
 * Looks through all events: an erasure is rare.
 * @param only `booked`: leaves alone what is being booked at this moment, so that two bookings never wait for each other; each cleans its own.
 */
export async function cleanEvents(
  db: DatabaseOrTrx,
  customer: { id: number; source: string; externalId: string; email: string | null },
  only: 'all' | 'booked',
): Promise<number> {
  const found = await sql<{ id: number; body: Json }>`
    select id, body from payment_event where source = ${customer.source} and (body #>> '{data,object,customer}' = ${customer.externalId}
      or body #>> '{data,object,id}' in (select charge_id from customer_order where customer_id = ${customer.id} and source = ${customer.source})
      or (${customer.email}::text is not null and position(lower(${customer.email ?? ''}) in lower(body::text)) > 0)) and (${only === 'all'}::boolean or booked_at is not null)`.execute(
    db,
  );
  const rows = found.rows.map(({ id, body }) => ({ id, body: withoutPersonal(body) }));
  if (rows.length === 0) return 0;
  await sql`update payment_event e set body = r.body from jsonb_to_recordset(${storableJson(rows)}::jsonb) as r(id bigint, body jsonb) where e.id = r.id`.execute(
    db,
  );
  return rows.length;
}
