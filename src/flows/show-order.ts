// An order's one card, from its rows as they are now: no name and no address in it, those are on the customer's page.
import type { Card } from '../chat/card.ts';
import type { Post } from '../chat/outbox-store.ts';
import { orderCard } from '../chat/views/order-card.ts';
import { NotFound } from '../core/errors.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import { findOrder, listReceipts, listSteps, type Order } from '../domain/orders/order-store.ts';
import { listPromises } from '../domain/promises/promise-store.ts';
import type { Mode } from '../domain/tools/tool.ts';

export const orderPost = (order: Pick<Order, 'id' | 'goal_id'>, card: Card): Post => ({
  channel: 'revenue',
  goalId: order.goal_id,
  key: `order:${order.id}`,
  card,
});

/** @throws NotFound when this mode has no such order. */
export async function drawOrder(db: DatabaseOrTrx, mode: Mode, id: number): Promise<Post> {
  const order = await findOrder(db, mode, id);
  if (order === undefined) throw new NotFound(`There is no order ${id}.`);
  const [steps, receipts, promises] = [await listSteps(db, id), await listReceipts(db, id), await listPromises(db, id)];
  return orderPost(order, orderCard({ order, steps, receipts, promises }));
}
