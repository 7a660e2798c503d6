// A payment processor's signed events, posted to a running bot as the practice market posts them.
import { createHmac } from 'node:crypto';
import { vi } from 'vitest';

export interface Payer {
  port: number;
  rows<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
}

export interface Paid {
  charge: string;
  customer?: string;
  name?: string;
  email?: string;
  offer?: string;
  cents?: number;
}

const transaction = (cents: number, fee = 0) => ({ id: 'txn', amount: cents, fee, net: cents - fee });

const chargeOf = ({ charge, customer, name, email, offer, cents = 2000 }: Paid) => ({
  id: charge,
  amount: cents,
  currency: 'usd',
  customer: customer ?? null,
  billing_details: { name: name ?? null, email: email ?? null, address: { line1: '1 Elm St' } },
  metadata: { ...(offer === undefined ? {} : { offer_id: offer }), consent: 'given' },
  balance_transaction: transaction(cents, 50),
});

export const sale = (paid: Paid) => ({ id: `evt_${paid.charge}`, type: 'charge.succeeded', object: chargeOf(paid) });

export const refund = (paid: Paid, refundId: string, cents: number) => ({
  id: `evt_${refundId}`,
  type: 'charge.refunded',
  object: { ...chargeOf(paid), refunds: { data: [{ id: refundId, amount: cents, balance_transaction: transaction(-cents) }] } },
});

/** Posts events in order and waits until all are booked. */
export async function tell(payer: Payer, events: readonly { id: string; type: string; object: object }[]): Promise<void> {
  const [far] = await payer.rows<{ secret: string }>('select webhook_secret as secret from practice_far_side');
  for (const { id, type, object } of events) {
    const seconds = Math.floor(Date.now() / 1000);
    const body = JSON.stringify({ id, object: 'event', type, livemode: false, created: seconds, data: { object } });
    const mac = createHmac('sha256', far?.secret ?? '')
      .update(`${seconds}.${body}`)
      .digest('hex');
    const response = await fetch(`http://127.0.0.1:${payer.port}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': `t=${seconds},v1=${mac}` },
      body,
    });
    if (!response.ok) throw new Error(`the event was answered ${response.status}`);
  }
  await vi.waitFor(
    async () => {
      const open = await payer.rows('select id from payment_event where booked_at is null or error is not null');
      if (open.length > 0) throw new Error(`${open.length} events are not booked`);
    },
    { timeout: 10_000, interval: 20 },
  );
}
