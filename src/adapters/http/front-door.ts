// What is turned away by its head alone, before a routine of ours or a byte of its body costs anything: payment events without a signature,
// or longer than any event. The connection ends with the answer, so that nothing more of it is read.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuseUnread } from '../payment-webhook.ts';
import { toError } from './api-error.ts';
import { tooLarge, WEBHOOK_BODY_BYTES } from './body.ts';

export const PAYMENT_EVENTS = '/webhooks/stripe';

interface Refusal {
  status: 400 | 413;
  code: string;
  message: string;
}

function findRefusal({ method, url, headers }: IncomingMessage): Refusal | null {
  if (method !== 'POST' || url?.split('?', 1)[0] !== PAYMENT_EVENTS) return null;
  const signature = headers['stripe-signature'];
  const early = refuseUnread(typeof signature === 'string' ? signature : null);
  if (early !== null) return { status: 400, code: 'webhook_400', message: early };
  if (Number(headers['content-length'] ?? 0) <= WEBHOOK_BODY_BYTES) return null;
  return { status: 413, code: 'too_large', message: tooLarge(WEBHOOK_BODY_BYTES) };
}

/** @returns whether it was turned away; then it is answered. */
export function turnAway(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  const refusal = findRefusal(incoming);
  if (refusal === null) return false;
  const body = JSON.stringify(toError(refusal.code, refusal.message));
  // What has come whole leaves nothing to read: its connection may stay.
  const rest = incoming.complete ? {} : { connection: 'close' };
  outgoing.writeHead(refusal.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...rest,
  });
  outgoing.end(body);
  return true;
}
