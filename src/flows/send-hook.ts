// What an order's webhook says: signed, under the order's own key. The buyer's name and address go along; they are kept nowhere else.
import { hashOf } from '../core/canonical-json.ts';
import type { DueOrder } from '../domain/orders/fulfilment-store.ts';
import type { HookAnswer } from '../domain/orders/hook-sender.ts';
import { readSigningKey } from '../domain/orders/order-store.ts';
import { downloadPath, hookSecret, signHook } from '../domain/orders/signing.ts';
import type { Deps } from './deps.ts';

const TIMEOUT_MS = 15_000;

/** @throws Upstream; `retryable` says that it may have been received. */
export async function sendHook(deps: Deps, order: DueOrder): Promise<HookAnswer> {
  const key = await readSigningKey(deps.db);
  const url = order.hook_url ?? '';
  const body = JSON.stringify(hookBody(order, deps.config.http.publicUrl, key));
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': order.key,
    'jug-signature': signHook(hookSecret(key, url), body, deps.clock.now()),
  };
  deps.log.info({ order: order.id, attempt: order.attempt, body: hashOf(body) }, 'sending an order to its webhook');
  return deps.hooks.send({ url, body, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
}

function hookBody(order: DueOrder, publicUrl: string | null, key: string) {
  const hasFile = publicUrl !== null && order.document_id !== null && order.link_until !== null;
  return {
    type: 'order.fulfil',
    id: order.key,
    mode: order.mode,
    order: {
      id: order.id,
      offer: order.offer_id,
      charge: order.charge_id,
      amountMicros: order.amount_micros.toString(),
      currency: order.currency,
      paidAt: order.paid_at.toISOString(),
      deliverBy: order.deliver_by.toISOString(),
    },
    customer: { id: order.customer_id, name: order.customer_name, email: order.customer_email },
    download: hasFile && order.link_until !== null ? new URL(downloadPath(key, order.id, order.link_until), publicUrl).href : null,
  };
}
