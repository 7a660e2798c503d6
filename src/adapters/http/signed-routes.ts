// What may be reached from the internet: liveness, and requests that prove by their signature who sent them.
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { toError } from './api-error.ts';
import { tooLarge, WEBHOOK_BODY_BYTES } from './body.ts';
import { PAYMENT_EVENTS } from './front-door.ts';
import type { HttpParts } from './parts.ts';
import { type BodyRoom, openBodyRoom } from './unverified-body.ts';

export type SignedParts = Pick<HttpParts, 'acceptPaymentEvent' | 'handleSlack'>;

/** The listener has turned away by then what no signature can be on; see front-door.ts. */
export function addSignedRoutes(app: Hono, { acceptPaymentEvent, handleSlack }: SignedParts): void {
  const room = openBodyRoom();
  app.get('/healthz', (c) => c.json({ status: 'ok' }));

  app.post(PAYMENT_EVENTS, async (c) => {
    const body = await readUnverified(room, c.env as HttpBindings);
    if (body === 'too_large') return c.json(toError('too_large', tooLarge(WEBHOOK_BODY_BYTES)), 413);
    if (!Buffer.isBuffer(body)) return c.json(toError('webhook_503', 'Too much at once: send it again later.'), 503);
    const { status, message } = await acceptPaymentEvent(body, c.req.header('stripe-signature') ?? null);
    return status === 200 ? c.json({ ok: true, message }) : c.json(toError(`webhook_${status}`, message), status);
  });

  if (handleSlack !== null) app.post('/slack/events', (c) => handleSlack(c.req.raw));
}

/** Read from the socket itself: a web stream for each body costs more than the body. */
async function readUnverified(room: BodyRoom, { incoming, outgoing }: HttpBindings) {
  const body = await room.read(incoming as Parameters<BodyRoom['read']>[0], WEBHOOK_BODY_BYTES);
  // Before the answer's end could set off reading the rest of it.
  if (!Buffer.isBuffer(body)) outgoing.once('finish', () => incoming.socket.destroySoon());
  return body;
}
