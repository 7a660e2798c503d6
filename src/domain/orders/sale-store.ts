// What a booked sale or refund makes of customers, orders, receipts and promises: one statement each, harmless when repeated.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { Consent, DeliveryWay, OrderStatus } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';

export interface NewSale {
  mode: Mode;
  source: string;
  chargeId: string;
  /** The processor's id of the buyer; a guest gets one of the charge. */
  customer: string;
  /** As the buyer typed them: a stranger's text. */
  name: string | null;
  email: string | null;
  consent: Consent | null;
  amountMicros: Micros;
  currency: string;
  paidAt: Date;
  goalId: number | null;
  launchId: number | null;
  offerId: string | null;
  /** Where no rule of the offer, or for all offers, says otherwise. */
  otherwise: { way: DeliveryWay; days: number };
}

export interface RefundRow {
  refundId: string;
  amountMicros: Micros;
  at: Date;
}

export interface SoldOrder {
  id: number;
  customerId: number;
  amountMicros: Micros;
  refundedMicros: Micros;
  status: OrderStatus;
}

/** A charge and its refunds are followed one after the other: else each would miss the other. Until the transaction ends. */
export async function lockCharge(trx: Trx, source: string, chargeId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`order ${source} ${chargeId}`}, 0))`.execute(trx);
}

type SoldRow = SoldOrder & { erased: boolean; refunds: { refundId: string; amountMicros: string; at: string }[] | null };

/** The buyer, the order, its first step, the payment's receipt and the promise of delivery. Null when the charge is known. */
export async function addSale(trx: Trx, sale: NewSale): Promise<(SoldOrder & { erased: boolean; refunds: RefundRow[] }) | null> {
  const result = await sql<SoldRow>`
    with known as (select 1 from customer_order where source = ${sale.source} and charge_id = ${sale.chargeId}),
    buyer as (insert into customer (mode, source, external_id, name, email, consent, first_order_at, last_order_at)
      select ${sale.mode}, ${sale.source}, ${sale.customer}, ${sale.name}, ${sale.email}, ${sale.consent ?? 'none'}, ${sale.paidAt}, ${sale.paidAt} where not exists (select 1 from known)
      on conflict (mode, source, external_id) do update set
        name = case when customer.erased_at is null then coalesce(excluded.name, customer.name) end, email = case when customer.erased_at is null then coalesce(excluded.email, customer.email) end,
        consent = case when ${sale.consent}::text is null or customer.erased_at is not null then customer.consent else excluded.consent end,
        first_order_at = least(customer.first_order_at, excluded.first_order_at), last_order_at = greatest(customer.last_order_at, excluded.last_order_at)
      returning id, erased_at),
    what as (select coalesce(${sale.offerId}::text, (select offer_id from launch where id = ${sale.launchId})) as offer_id),
    rule as (select way, url, document_id, days, delivery_rule.offer_id from delivery_rule, what where mode = ${sale.mode} and delivery_rule.offer_id in (coalesce(what.offer_id, ''), '') order by delivery_rule.offer_id = '' limit 1),
    back as (select sum(amount_micros)::bigint as total, json_agg(json_build_object('refundId', refund_id, 'amountMicros', amount_micros::text, 'at', at)) as refunds
      from order_refund where source = ${sale.source} and charge_id = ${sale.chargeId}),
    sold as (insert into customer_order (mode, source, charge_id, customer_id, goal_id, launch_id, offer_id, currency, amount_micros, refunded_micros, status, way, hook_url, document_id,
        paid_at, deliver_by, key, next_at)
      select ${sale.mode}, ${sale.source}, ${sale.chargeId}, buyer.id, ${sale.goalId}::bigint, ${sale.launchId}::bigint, what.offer_id, ${sale.currency}, ${sale.amountMicros}::bigint, coalesce(back.total, 0),
        'paid', coalesce(rule.way, ${sale.otherwise.way}), rule.url, rule.document_id, ${sale.paidAt}::timestamptz, ${sale.paidAt}::timestamptz + coalesce(rule.days, ${sale.otherwise.days}) * interval '1 day',
        'order-' || gen_random_uuid(), clock_timestamp()
      from buyer cross join back cross join what left join rule on true
      on conflict (source, charge_id) do nothing returning *),
    step as (insert into order_step (order_id, to_status, reason, by, at) select id, 'paid', 'paid for', source, paid_at from sold),
    proof as (insert into receipt (mode, kind, order_id, source, external_id) select mode, 'payment', id, source, charge_id from sold on conflict (kind, source, external_id) do nothing),
    said as (insert into promise (mode, order_id, kind, words, said_in, due_at, said_by)
      select sold.mode, sold.id, 'delivery', 'Delivery within ' || coalesce(rule.days, ${sale.otherwise.days}) || ' days', case when rule.days is null then 'order' else 'offer page' end, sold.deliver_by, 'the sale'
      from sold left join rule on true)
    select sold.id, sold.customer_id as "customerId", sold.amount_micros as "amountMicros", sold.refunded_micros as "refundedMicros", sold.status, buyer.erased_at is not null as erased, back.refunds
    from sold, buyer, back`.execute(trx);
  const row = result.rows[0];
  if (row === undefined) return null;
  const refunds = (row.refunds ?? []).map((one) => ({ ...one, amountMicros: BigInt(one.amountMicros), at: new Date(one.at) }));
  return { ...toOrder(row), erased: row.erased, refunds };
}

const toOrder = (row: SoldOrder): SoldOrder => ({
  id: row.id,
  customerId: row.customerId,
  status: row.status,
  amountMicros: BigInt(row.amountMicros),
  refundedMicros: BigInt(row.refundedMicros),
});

/** Keeps a refund. @returns its order with it counted in; null when the refund is known, or its charge is not yet. */
export async function addRefund(
  trx: Trx,
  refund: RefundRow & { source: string; chargeId: string },
): Promise<(SoldOrder & { erased: boolean }) | null> {
  const result = await sql<SoldOrder & { erased: boolean }>`
    with fresh as (insert into order_refund (source, refund_id, charge_id, amount_micros, at)
      values (${refund.source}, ${refund.refundId}, ${refund.chargeId}, ${refund.amountMicros}::bigint, ${refund.at}) on conflict do nothing returning source, charge_id, amount_micros),
    changed as (update customer_order o set refunded_micros = o.refunded_micros + fresh.amount_micros, updated_at = clock_timestamp()
      from fresh where o.source = fresh.source and o.charge_id = fresh.charge_id returning o.*)
    select changed.id, changed.customer_id as "customerId", changed.status, changed.amount_micros as "amountMicros", changed.refunded_micros as "refundedMicros", customer.erased_at is not null as erased
    from changed join customer on customer.id = changed.customer_id`.execute(trx);
  const row = result.rows[0];
  return row === undefined ? null : { ...toOrder(row), erased: row.erased };
}

/**
 * The refund's receipt closes the promises of a refund; where everything went back, the order ends and nothing else is owed.
 * @param to the status it comes to; null leaves it where it is.
 */
export async function settleRefund(
  db: DatabaseOrTrx,
  order: SoldOrder,
  refund: { source: string; refundId: string; at: Date },
  to: OrderStatus | null,
): Promise<void> {
  await sql`
    with proof as (insert into receipt (mode, kind, order_id, source, external_id)
      select mode, 'refund', id, ${refund.source}, ${refund.refundId} from customer_order where id = ${order.id} on conflict (kind, source, external_id) do nothing returning id, order_id),
    over as (update customer_order set status = ${to}, next_at = null, lease_owner = null, updated_at = clock_timestamp()
      where id = ${order.id} and ${to}::text is not null and status = ${order.status} returning id),
    step as (insert into order_step (order_id, from_status, to_status, reason, by, at) select id, ${order.status}, ${to}, 'all of it was refunded', ${refund.source}, ${refund.at} from over),
    released as (update promise set status = 'released', reason = 'refunded', closed_by = ${refund.source}, closed_at = clock_timestamp()
      from over where promise.order_id = over.id and promise.status = 'open' and promise.kind <> 'refund')
    update promise set status = 'kept', receipt_id = proof.id, closed_by = ${refund.source}, closed_at = clock_timestamp()
    from proof where promise.order_id = proof.order_id and promise.kind = 'refund' and promise.status = 'open'`.execute(db);
}
