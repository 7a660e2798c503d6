// Signed processor events as they arrive, Stripe-shaped; amounts are cents. Only what is named here is booked, the rest is kept.
import { z } from 'zod';
import { fromCents } from '../../core/money.ts';

const cents = z.int().transform((value) => fromCents(BigInt(value)));
const micros = z.int().transform(BigInt);
const currency = z
  .string()
  .regex(/^[a-z]{3}$/)
  .transform((code) => code.toUpperCase());
/** The practice market dates what happens on it; processors have no such days, and whatever else stands there is no day. */
const marketDay = z.coerce.number().int().min(1).max(1_000_000_000).nullish().catch(null);
const metadata = z.object({
  market_day: marketDay,
  launch_id: z.string().optional(),
  offer_id: z.string().optional(),
  order_id: z.string().optional(),
  idempotency_key: z.string().optional(),
  /** What the buyer agreed to be told, where the offer's page asked. */
  consent: z.enum(['given', 'withdrawn']).optional().catch(undefined),
});
const transaction = z.object({ id: z.string(), amount: cents, fee: cents, net: cents });

const charge = z.object({
  id: z.string(),
  amount: cents,
  currency,
  customer: z.string().nullish(),
  /** Who paid, as they said at the till. */
  billing_details: z.object({ email: z.string().nullish(), name: z.string().nullish() }).nullish(),
  metadata,
  balance_transaction: transaction,
});
const refunded = z.object({
  id: z.string(),
  currency,
  customer: z.string().nullish(),
  metadata,
  refunds: z.object({
    data: z.array(
      z.object({
        id: z.string(),
        amount: cents,
        balance_transaction: transaction,
        metadata: z.object({ market_day: marketDay }).nullish(),
      }),
    ),
  }),
});
const launchClosed = z.object({
  id: z.string(),
  status: z.enum(['ended', 'stopped']),
  spent_micros: micros,
  returned_micros: micros,
  receipt: z.string(),
  idempotency_key: z.string(),
  market_day: marketDay,
});
const dayEnded = z.object({
  day: z.int().min(1),
  /** All visitors so far of each launch that ran. */
  visits: z.array(z.object({ launch_id: z.string(), visitors: z.int().min(0).max(1_000_000_000) })).default([]),
});

const head = { id: z.string(), created: z.number(), livemode: z.boolean() };

export const paymentEvent = z.discriminatedUnion('type', [
  z.object({ ...head, type: z.literal('charge.succeeded'), data: z.object({ object: charge }) }),
  z.object({ ...head, type: z.literal('charge.refunded'), data: z.object({ object: refunded }) }),
  z.object({ ...head, type: z.literal('practice.launch_closed'), data: z.object({ object: launchClosed }) }),
  z.object({ ...head, type: z.literal('practice.day_ended'), data: z.object({ object: dayEnded }) }),
]);

export type PaymentEvent = z.output<typeof paymentEvent>;
export type Charge = z.output<typeof charge>;
export type Refunded = z.output<typeof refunded>;
export type LaunchClosed = z.output<typeof launchClosed>;
