// Orders as rows: reading them, and the rules of how the orders of an offer are fulfilled.
import { type Selectable, sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { DeliveryWay, OrderStatus } from '../../db/tables/states.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type Order = Selectable<Tables['customer_order']>;
export type OrderStep = Selectable<Tables['order_step']>;
export type Receipt = Selectable<Tables['receipt']>;
export type DeliveryRule = Selectable<Tables['delivery_rule']>;

export function findOrder(db: DatabaseOrTrx, mode: Mode, id: number): Promise<Order | undefined> {
  return db.selectFrom('customer_order').selectAll().where('id', '=', id).where('mode', '=', mode).executeTakeFirst();
}

/** The same, and nobody else changes it until the transaction ends. */
export function lockOrder(db: DatabaseOrTrx, mode: Mode, id: number): Promise<Order | undefined> {
  return db.selectFrom('customer_order').selectAll().where('id', '=', id).where('mode', '=', mode).forUpdate().executeTakeFirst();
}

export function listSteps(db: DatabaseOrTrx, orderId: number): Promise<OrderStep[]> {
  return db.selectFrom('order_step').selectAll().where('order_id', '=', orderId).orderBy('id').execute();
}

export function listReceipts(db: DatabaseOrTrx, orderId: number): Promise<Receipt[]> {
  return db.selectFrom('receipt').selectAll().where('order_id', '=', orderId).orderBy('id').execute();
}

/** Orders that are not through, the oldest date first. */
export function listOpenOrders(db: DatabaseOrTrx, mode: Mode, limit: number): Promise<Order[]> {
  return db
    .selectFrom('customer_order')
    .selectAll()
    .where('mode', '=', mode)
    .where('status', 'in', ['paid', 'fulfilling', 'failed'])
    .orderBy('deliver_by')
    .limit(limit)
    .execute();
}

export async function countOrders(db: DatabaseOrTrx): Promise<{ mode: Mode; status: OrderStatus; count: number }[]> {
  return db
    .selectFrom('customer_order')
    .select(['mode', 'status', sql<number>`count(*)::int`.as('count')])
    .groupBy(['mode', 'status'])
    .execute();
}

export async function setRule(
  db: DatabaseOrTrx,
  rule: { mode: Mode; offerId: string; way: DeliveryWay; url: string | null; documentId: number | null; days: number; setBy: string },
): Promise<void> {
  const values = { way: rule.way, url: rule.url, document_id: rule.documentId, days: rule.days, set_by: rule.setBy };
  await db
    .insertInto('delivery_rule')
    .values({ mode: rule.mode, offer_id: rule.offerId, ...values })
    .onConflict((conflict) => conflict.columns(['mode', 'offer_id']).doUpdateSet({ ...values, updated_at: sql<Date>`clock_timestamp()` }))
    .execute();
}

export function listRules(db: DatabaseOrTrx, mode: Mode): Promise<DeliveryRule[]> {
  return db.selectFrom('delivery_rule').selectAll().where('mode', '=', mode).orderBy('offer_id').limit(200).execute();
}

/** What a download link leads to: the order's document in its newest version, or nothing where the order has none. */
export async function findDeliverable(db: DatabaseOrTrx, order: Order): Promise<{ title: string; body: string } | null> {
  if (order.document_id === null) return null;
  const row = await db
    .selectFrom('document_version')
    .innerJoin('document', 'document.id', 'document_version.document_id')
    .select(['document.title', 'document_version.body'])
    .where('document_version.document_id', '=', order.document_id)
    .where('document.mode', '=', order.mode)
    .orderBy('document_version.version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export async function readSigningKey(db: DatabaseOrTrx): Promise<string> {
  return (await db.selectFrom('signing_key').select('secret').executeTakeFirstOrThrow()).secret;
}

/** From now on the order's download link works for so long, at least. */
export async function renewLink(db: DatabaseOrTrx, orderId: number, days: number): Promise<Date> {
  const row = await db
    .updateTable('customer_order')
    .set({ link_until: sql<Date>`date_trunc('second', clock_timestamp()) + ${days}::int * interval '1 day'` })
    .where('id', '=', orderId)
    .returning('link_until')
    .executeTakeFirstOrThrow();
  return row.link_until ?? new Date(0);
}
