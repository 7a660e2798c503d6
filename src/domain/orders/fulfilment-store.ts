// Fulfilment as rows: what is due is claimed with a lease, what came of it is written once, with its receipt and the promise it closes.
import { sql } from 'kysely';
import { storableJson } from '../../core/canonical-json.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { OrderStatus } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';
import type { Order } from './order-store.ts';

/** Milliseconds until something is to be done: an order to fulfil, a late one to tell of. Null: nothing; zero or less: now. */
export async function findNextOrder(
  db: DatabaseOrTrx,
  mode: Mode,
): Promise<{ dueInMs: number | null; lateInMs: number | null; paused: boolean }> {
  const result = await sql<{ dueInMs: number | null; lateInMs: number | null; paused: boolean }>`
    select (extract(epoch from (select min(next_at) from customer_order where next_at is not null and mode = ${mode}) - statement_timestamp()) * 1000)::float8 as "dueInMs",
      (extract(epoch from (select min(deliver_by) from customer_order where status in ('paid', 'fulfilling', 'failed') and late_told_at is null and mode = ${mode}) - statement_timestamp()) * 1000)::float8 as "lateInMs",
      (select paused_at is not null from control) as paused`.execute(db);
  return result.rows[0] ?? { dueInMs: null, lateInMs: null, paused: true };
}

export interface DueOrder extends Order {
  customer_name: string | null;
  customer_email: string | null;
}

/**
 * Claims orders that are due, for `leaseMs`; whoever dies with them leaves them to others, who go on under the same key. None while paused.
 * @param begun what a paid order becomes with it.
 */
export async function claimOrders(
  db: DatabaseOrTrx,
  claim: { mode: Mode; processId: number; limit: number; leaseMs: number; begun: OrderStatus },
): Promise<DueOrder[]> {
  const result = await sql<DueOrder>`
    with due as (select id, status from customer_order where next_at <= statement_timestamp() and mode = ${claim.mode} and (select paused_at is null from control)
      order by next_at limit ${claim.limit} for update skip locked),
    claimed as (update customer_order o set status = case when o.status = 'paid' then ${claim.begun} else o.status end, attempt = o.attempt + 1, lease_owner = ${claim.processId},
        next_at = clock_timestamp() + ${claim.leaseMs} * interval '1 ms', link_until = coalesce(o.link_until, date_trunc('second', clock_timestamp()) + interval '30 days'), updated_at = clock_timestamp()
      from due where o.id = due.id returning o.*),
    step as (insert into order_step (order_id, from_status, to_status, reason, by) select id, status, ${claim.begun}, 'fulfilment began', 'the bot' from due where status = 'paid')
    select claimed.*, customer.name as customer_name, customer.email as customer_email from claimed join customer on customer.id = claimed.customer_id order by claimed.id`.execute(
    db,
  );
  return result.rows;
}

export interface FulfilmentEnd {
  orderId: number;
  /** The try it is the end of; null: a person's word, whatever is being tried. */
  attempt: number | null;
  from: OrderStatus;
  /** Null: it stays as it is, and waits. */
  to: OrderStatus | null;
  reason: string;
  by: string;
  /** When to try again; null: not by itself. */
  retryMs: number | null;
  trouble: string | null;
  receipt: { source: string; externalId: string; sha256: string | null; note: string | null } | null;
}

/** Writes what came of orders. A receipt is kept even where the order has moved on meanwhile. @returns the orders that moved. */
export async function endFulfilments(db: DatabaseOrTrx, ends: readonly FulfilmentEnd[]): Promise<number[]> {
  if (ends.length === 0) return [];
  const rows = ends.map(({ receipt, ...end }) => ({ ...end, ...receipt }));
  const result = await sql<{ id: number }>`
    with ends as (select * from jsonb_to_recordset(${storableJson(rows)}::jsonb) as e("orderId" bigint, attempt int, "from" text, "to" text, reason text, by text, "retryMs" float8, trouble text,
      source text, "externalId" text, sha256 text, note text)),
    moved as (update customer_order o set status = coalesce(e."to", o.status), next_at = clock_timestamp() + e."retryMs" * interval '1 ms', lease_owner = null, trouble = e.trouble, updated_at = clock_timestamp()
      from ends e where o.id = e."orderId" and o.status = e."from" and o.attempt = coalesce(e.attempt, o.attempt) returning o.id, e."to", e."from", e.reason, e.by),
    step as (insert into order_step (order_id, from_status, to_status, reason, by) select id, "from", "to", reason, by from moved where "to" is not null),
    proof as (insert into receipt (mode, kind, order_id, source, external_id, sha256, note)
      select o.mode, 'delivery', o.id, e.source, e."externalId", e.sha256, e.note from ends e join customer_order o on o.id = e."orderId" where e.source is not null
      on conflict (kind, source, external_id) do nothing returning id, order_id),
    kept as (update promise set status = 'kept', receipt_id = proof.id, closed_by = e.by, closed_at = clock_timestamp()
      from proof join ends e on e."orderId" = proof.order_id where promise.order_id = proof.order_id and promise.kind = 'delivery' and promise.status = 'open')
    select id from moved`.execute(db);
  return result.rows.map((row) => row.id);
}

/** Orders whose date has passed and of which nobody was told: told of by this transaction. */
export function takeLateOrders(db: DatabaseOrTrx, mode: Mode): Promise<Order[]> {
  return db
    .updateTable('customer_order')
    .set({ late_told_at: sql<Date>`clock_timestamp()` })
    .where('mode', '=', mode)
    .where('status', 'in', ['paid', 'fulfilling', 'failed'])
    .where('late_told_at', 'is', null)
    .where('deliver_by', '<', sql<Date>`statement_timestamp()`)
    .returningAll()
    .execute();
}

/** What dead processes were fulfilling is due at once; its key stays the same. */
export async function releaseOrdersOf(db: DatabaseOrTrx, processIds: readonly number[]): Promise<void> {
  await sql`update customer_order set next_at = clock_timestamp(), lease_owner = null where lease_owner = any(${[...processIds]}::bigint[])`.execute(
    db,
  );
}
