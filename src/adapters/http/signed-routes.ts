// What may be reached from the internet: liveness, and requests that prove by their signature who sent them.
import type { Hono } from 'hono';
import { refuseUnread } from '../payment-webhook.ts';
import { toError } from './api-error.ts';
import { readBody, tooLarge, WEBHOOK_BODY_BYTES } from './body.ts';
import type { HttpParts } from './parts.ts';

export type SignedParts = Pick<HttpParts, 'acceptPaymentEvent' | 'handleSlack'>;

export function addSignedRoutes(app: Hono, { acceptPaymentEvent, handleSlack }: SignedParts): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }));

  app.post('/webhooks/stripe', async (c) => {
    const signature = c.req.header('stripe-signature') ?? null;
    // Told from the signature alone, before a byte of the body is read.
    const early = refuseUnread(signature);
    if (early !== null) return c.json(toError('webhook_400', early), 400);
    const body = await readBody(c, WEBHOOK_BODY_BYTES);
    if (body === null) return c.json(toError('too_large', tooLarge(WEBHOOK_BODY_BYTES)), 413);
    const { status, message } = await acceptPaymentEvent(body, signature);
    return status === 200 ? c.json({ ok: true, message }) : c.json(toError(`webhook_${status}`, message), status);
  });

  if (handleSlack !== null) app.post('/slack/events', (c) => handleSlack(c.req.raw));
}
