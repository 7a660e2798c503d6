// The customer's side of a download link: what it leads to, and that they fetched it, which is a real order's receipt.
import { sha256 } from '../core/canonical-json.ts';
import type { Database } from '../db/database.ts';
import { endFulfilments } from '../domain/orders/fulfilment-store.ts';
import { moveOrder } from '../domain/orders/order.ts';
import { findDeliverable, findOrder, type Order, readSigningKey } from '../domain/orders/order-store.ts';
import { readDownloadToken } from '../domain/orders/signing.ts';
import type { Mode } from '../domain/tools/tool.ts';
import { practiceGood } from './fulfil-orders.ts';

export type Download = { kind: 'file'; order: Order; title: string; body: string } | { kind: 'expired' | 'withdrawn' | 'unknown' };

/** @param token what stands behind `/o/`: whoever has it may have the file, until it ends or the money went back */
export async function openDownload(db: Database, mode: Mode, token: string, now: Date): Promise<Download> {
  const read = readDownloadToken(await readSigningKey(db), token, now);
  if (read.kind !== 'order') return { kind: read.kind === 'expired' ? 'expired' : 'unknown' };
  const order = await findOrder(db, mode, read.orderId);
  if (order === undefined) return { kind: 'unknown' };
  if (order.status === 'refunded') return { kind: 'withdrawn' };
  const file = await findDeliverable(db, order);
  if (file !== null) return { kind: 'file', order, ...file };
  return mode === 'practice'
    ? { kind: 'file', order, title: `Practice order ${order.id}`, body: practiceGood(order) }
    : { kind: 'unknown' };
}

/** The file left for whoever holds the link. The first time it is the order's receipt, where it still needs one. */
export async function noteFetched(db: Database, { order, body }: { order: Order; body: string }): Promise<void> {
  const to = order.way === 'download' ? moveOrder(order.status, 'deliver') : null;
  if (to === null) return;
  const receipt = { source: 'download', externalId: order.key, sha256: sha256(body), note: null };
  const end = { orderId: order.id, attempt: null, from: order.status, to, retryMs: null, trouble: null, receipt };
  await endFulfilments(db, [{ ...end, reason: 'its customer fetched the file', by: 'the customer' }]);
}
