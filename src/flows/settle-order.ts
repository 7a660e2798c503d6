// What a person does with an order: delivered, failed, try again; what they told its customer, and that it was kept.
import type { Card } from '../chat/card.ts';
import { postMessage } from '../chat/outbox-store.ts';
import { Conflict, InvalidInput, NotFound } from '../core/errors.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import type { PromiseKind } from '../db/tables/states.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { endFulfilments, type FulfilmentEnd } from '../domain/orders/fulfilment-store.ts';
import { moveOrder, type OrderEvent } from '../domain/orders/order.ts';
import { lockOrder, type Order, renewLink } from '../domain/orders/order-store.ts';
import { isProvenByNote, settlePromise } from '../domain/promises/promise.ts';
import { addPromise, closePromise, listPromises } from '../domain/promises/promise-store.ts';
import type { Deps } from './deps.ts';
import { askRefund } from './refund-order.ts';
import { drawOrder } from './show-order.ts';

export type OrderAct =
  | { kind: 'done' | 'failed'; note: string }
  | { kind: 'refund'; amount: string | null; note: string }
  | { kind: 'retry' }
  | { kind: 'link' }
  | { kind: 'promise'; what: PromiseKind; words: string; days: number }
  | { kind: 'kept' | 'release'; promiseId: number; note: string };

const LINK_DAYS = 30;

/** @throws NotFound, Conflict when the order's life does not allow it, InvalidInput when a promise cannot be closed that way. */
export async function settleOrder(deps: Deps, orderId: number, act: OrderAct, by: string): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const order = await lockOrder(trx, deps.mode, orderId);
    if (order === undefined) throw new NotFound(`There is no order ${orderId}.`);
    if (act.kind === 'refund') await askRefund(deps, trx, order, { amount: act.amount, reason: act.note, by });
    else await perform(trx, order, act, by);
    await recordAudit(trx, [
      { mode: order.mode, actor: by, action: `order.${act.kind}`, subjectKind: 'order', subjectId: order.id, detail: detailOf(act) },
    ]);
    const post = await drawOrder(trx, order.mode, order.id);
    await postMessage(trx, post);
    return post.card;
  });
}

/** Not the words: they may be about a person, and the trail is for ever. */
const detailOf = (act: OrderAct): Record<string, unknown> => ({
  ...('what' in act ? { what: act.what, days: act.days } : {}),
  ...('promiseId' in act ? { promise: act.promiseId } : {}),
});

async function perform(trx: Trx, order: Order, act: Exclude<OrderAct, { kind: 'refund' }>, by: string): Promise<void> {
  switch (act.kind) {
    case 'done':
      return deliver(trx, order, act.note, by);
    case 'failed':
      return move(trx, order, 'fail', { reason: 'a person says so', by, trouble: act.note });
    case 'retry':
      return move(trx, order, 'retry', { reason: 'to be tried again', by, retryMs: 0 });
    case 'link':
      await renewLink(trx, order.id, LINK_DAYS);
      return;
    case 'promise':
      await addPromise(trx, {
        orderId: order.id,
        mode: order.mode,
        kind: act.what,
        words: act.words,
        saidIn: act.what === 'refund' ? 'refund' : 'message',
        days: act.days,
        by,
      });
      return;
    case 'kept':
    case 'release':
      return close(trx, order, act, by);
  }
}

async function move(
  trx: Trx,
  order: Order,
  event: OrderEvent,
  end: Pick<FulfilmentEnd, 'reason' | 'by'> & Partial<FulfilmentEnd>,
): Promise<void> {
  const to = moveOrder(order.status, event);
  if (to === null) throw new Conflict(`Order ${order.id} is ${order.status}; that cannot follow.`);
  const full = { orderId: order.id, attempt: null, from: order.status, to, retryMs: null, trouble: null, receipt: null, ...end };
  await endFulfilments(trx, [full]);
}

/** A person's note is the receipt. An order that the bot has not begun with is begun by them. */
async function deliver(trx: Trx, order: Order, note: string, by: string): Promise<void> {
  if (order.status === 'paid') await move(trx, order, 'begin', { reason: 'a person takes it', by });
  const begun = order.status === 'paid' ? { ...order, status: 'fulfilling' as const } : order;
  await move(trx, begun, 'deliver', {
    reason: 'a person says so',
    by,
    receipt: { source: 'a person', externalId: order.key, sha256: null, note },
  });
}

async function close(trx: Trx, order: Order, act: Extract<OrderAct, { promiseId: number }>, by: string): Promise<void> {
  const promise = (await listPromises(trx, order.id)).find(({ id }) => id === act.promiseId);
  if (promise === undefined) throw new NotFound(`Order ${order.id} has no promise ${act.promiseId}.`);
  if (act.kind === 'kept' && !isProvenByNote(promise.kind))
    throw new InvalidInput(
      promise.kind === 'refund'
        ? "A refund's promise is closed by the refund itself, when the processor tells of it."
        : 'A delivery is closed by Done on its order.',
      { promise: `is one of a ${promise.kind}` },
    );
  const event = act.kind === 'kept' ? ({ kind: 'receipt', of: 'message' } as const) : ({ kind: 'release', reason: act.note } as const);
  const status = settlePromise({ ...promise, dueAt: promise.due_at }, event);
  if (promise.status !== 'open' || status === 'open') throw new Conflict(`Promise ${promise.id} is ${promise.status}.`);
  await closePromise(trx, { promise, status, note: act.note, by });
}
