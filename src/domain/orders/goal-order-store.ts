// A goal's orders as the agent sees them: ids, amounts and states, no word of a stranger.
import { sql } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';

const MOST = 50;

/** Newest first. @param orderId that one alone, if it is the goal's */
export async function listOrdersOfGoal(db: DatabaseOrTrx, mode: Mode, goalId: number, orderId: number | null): Promise<Json[]> {
  const { rows } = await sql<{ order: Json }>`
    select json_build_object('orderId', o.id, 'status', o.status, 'way', o.way, 'customerId', o.customer_id, 'amountMicros', o.amount_micros, 'refundedMicros', o.refunded_micros, 'currency', o.currency,
      'paidAt', o.paid_at, 'promisedFor', o.deliver_by,
      'receipts', (select coalesce(json_agg(json_build_object('receiptId', r.id, 'kind', r.kind) order by r.id), '[]') from receipt r where r.order_id = o.id),
      'openPromises', (select coalesce(json_agg(json_build_object('promiseId', p.id, 'kind', p.kind, 'due', p.due_at) order by p.id), '[]') from promise p where p.order_id = o.id and p.status = 'open')) as order
    from customer_order o where o.mode = ${mode} and o.goal_id = ${goalId} and (${orderId}::bigint is null or o.id = ${orderId}::bigint)
    order by o.id desc limit ${MOST}`.execute(db);
  return rows.map((row) => row.order);
}
