// Fulfils what was paid for, once an order: what is due is claimed, done under the order's own key, and written down with its receipt.
// A process that dies in between leaves the claim to others; the key lets the far side tell a repetition from a second order.
import { postMessages } from '../chat/outbox-store.ts';
import { sha256 } from '../core/canonical-json.ts';
import { Upstream } from '../core/errors.ts';
import { inTransaction } from '../db/database.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import {
  claimOrders,
  type DueOrder,
  endFulfilments,
  type FulfilmentEnd,
  findNextOrder,
  takeLateOrders,
} from '../domain/orders/fulfilment-store.ts';
import { moveOrder, retryOrderMs } from '../domain/orders/order.ts';
import { findDeliverable, type Order } from '../domain/orders/order-store.ts';
import type { Deps } from './deps.ts';
import { sendHook } from './send-hook.ts';
import { drawOrder, orderPost } from './show-order.ts';

const BATCH = 20;
/** Longer than the slowest webhook may take: what is still claimed then was left behind. */
const LEASE_MS = 60_000;
const SOON_MS = 1_000;

/** @returns milliseconds until there is something to do again; null when nothing waits for time. */
export async function fulfilOrders(deps: Deps): Promise<number | null> {
  const next = await findNextOrder(deps.db, deps.mode);
  if (next.lateInMs !== null && next.lateInMs <= 0) await tellLate(deps);
  // Paused: resume wakes us.
  const fulfils = next.dueInMs !== null && next.dueInMs <= 0 && !next.paused;
  if (fulfils) await fulfilBatch(deps);
  const waits = [fulfils ? SOON_MS : next.paused ? null : next.dueInMs, next.lateInMs].filter((ms) => ms !== null && ms > 0);
  return waits.length === 0 ? null : Math.min(...(waits as number[]));
}

async function fulfilBatch(deps: Deps): Promise<void> {
  const begun = moveOrder('paid', 'begin') ?? 'fulfilling';
  const claim = { mode: deps.mode, processId: deps.processId, limit: BATCH, leaseMs: LEASE_MS, begun };
  for (let orders = await claimOrders(deps.db, claim); orders.length > 0; orders = await claimOrders(deps.db, claim)) {
    const hooks = orders.filter((order) => order.way === 'webhook');
    const others = orders.filter((order) => order.way !== 'webhook');
    await finish(deps, await Promise.all(others.map(async (order) => ({ order, end: await handOver(deps, order) }))));
    // Each by itself as soon as it is answered: the slowest holds up no other's receipt.
    await Promise.all(hooks.map(async (order) => finish(deps, [{ order, end: await callHook(deps, order) }])));
  }
}

interface Ended {
  order: DueOrder;
  end: FulfilmentEnd;
}

const endOf = (order: Order, end: Partial<FulfilmentEnd>): FulfilmentEnd => ({
  orderId: order.id,
  attempt: order.attempt,
  from: order.status,
  to: null,
  reason: '',
  by: 'the bot',
  retryMs: null,
  trouble: null,
  receipt: null,
  ...end,
});

/** A practice buyer takes the link at once, having no mailbox. A real order waits for its customer to fetch it, or for the person who delivers. */
async function handOver(deps: Deps, order: DueOrder): Promise<FulfilmentEnd> {
  if (order.way === 'person' || order.mode === 'live') return endOf(order, {});
  const file = await findDeliverable(deps.db, order);
  const receipt = { source: 'download link', externalId: order.key, sha256: sha256(file?.body ?? practiceGood(order)), note: null };
  return endOf(order, { to: moveOrder(order.status, 'deliver'), reason: 'its download link was handed over', receipt });
}

/** What a practice order without a document of its own contains. */
export function practiceGood(order: Order): string {
  return `Practice order ${order.id}\n\nOffer: ${order.offer_id ?? 'unknown'}\nPaid: ${order.paid_at.toISOString()}\n\nThis good is made up, like the money it was paid with.\n`;
}

async function callHook(deps: Deps, order: DueOrder): Promise<FulfilmentEnd> {
  try {
    const answer = await sendHook(deps, order);
    if (answer.status >= 200 && answer.status < 300) {
      const receipt = { source: 'webhook', externalId: order.key, sha256: answer.sha256, note: `answered ${answer.status}` };
      return endOf(order, { to: moveOrder(order.status, 'deliver'), reason: `the webhook answered ${answer.status}`, receipt });
    }
    const passing = answer.status >= 500 || [408, 409, 425, 429].includes(answer.status);
    return afterTrouble(order, `the webhook answered ${answer.status}`, passing);
  } catch (error) {
    if (!(error instanceof Upstream)) throw error;
    return afterTrouble(order, error.retryable ? `${error.reply} It may have been received.` : error.reply, error.retryable);
  }
}

function afterTrouble(order: DueOrder, trouble: string, passing: boolean): FulfilmentEnd {
  const retryMs = passing ? retryOrderMs(order.attempt) : null;
  if (retryMs !== null) return endOf(order, { trouble, retryMs });
  return endOf(order, { to: moveOrder(order.status, 'fail'), reason: trouble, trouble });
}

/** The rows, their audit, and a card for each order that lies with a person now. */
async function finish(deps: Deps, ended: readonly Ended[]): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const moved = new Set(
      await endFulfilments(
        trx,
        ended.map(({ end }) => end),
      ),
    );
    const told = ended.filter(
      ({ order, end }) => moved.has(order.id) && end.retryMs === null && (order.way !== 'download' || end.to === null),
    );
    await recordAudit(
      trx,
      told.map(({ order, end }) => ({
        mode: order.mode,
        actor: 'the bot',
        action: `order.${end.to ?? 'handed_to_person'}`,
        subjectKind: 'order',
        subjectId: order.id,
        detail: { way: order.way, key: order.key, attempt: order.attempt, reason: end.reason, sha256: end.receipt?.sha256 ?? null },
      })),
    );
    const needed = told.filter(({ end }) => end.to !== 'fulfilled');
    for (const { order } of needed) await postMessages(trx, [await drawOrder(trx, order.mode, order.id)]);
  });
}

/** The date that was promised has passed: told once. */
async function tellLate(deps: Deps): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    for (const order of await takeLateOrders(trx, deps.mode)) {
      const post = await drawOrder(trx, order.mode, order.id);
      const late = { ...post.card, title: `Late: ${post.card.title}`, tone: 'bad' as const };
      await postMessages(trx, [{ ...orderPost(order, late), key: `order-late:${order.id}` }]);
      await recordAudit(trx, [
        {
          mode: order.mode,
          actor: 'clock',
          action: 'order.late',
          subjectKind: 'order',
          subjectId: order.id,
          detail: { deliverBy: order.deliver_by },
        },
      ]);
    }
  });
}
