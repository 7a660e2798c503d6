// Stripe behind the payment port: its books, its payments, and (stripe-links.ts) its links and refunds.
import type { Stripe } from 'stripe';
import type { PaymentProvider, ProviderAccount, ProviderCharge } from '../../domain/offers/payment-provider.ts';
import type { StripeConfig } from '../../payment-config.ts';
import { createStripeClient } from './stripe-client.ts';
import { isOutOfReach } from './stripe-errors.ts';
import { createStripeLinks } from './stripe-links.ts';
import { idOf, readCharge, readDispute, readTransaction } from './stripe-wire.ts';

const PAGE = 100;

export function createStripeProvider(config: StripeConfig): PaymentProvider {
  const client = createStripeClient(config);
  let account: Promise<ProviderAccount> | null = null;
  return {
    ...createStripeLinks(client),
    health: client.health,
    account: () => {
      account ??= client.ask(async (stripe) => {
        const own = await stripe.accounts.retrieveCurrent();
        return { id: own.id, name: own.business_profile?.name ?? own.settings?.dashboard?.display_name ?? null };
      });
      account.catch(() => {
        account = null;
      });
      return account;
    },
    readCharge: (id, signal) => client.ask(async (stripe) => readFull(stripe, await stripe.charges.retrieve(id)), signal),
    readEntry: (id) =>
      client.ask(async (stripe) => {
        const transaction = await stripe.balanceTransactions.retrieve(id, { expand: ['source'] });
        const charge = await findCharge(stripe, transaction.source);
        return { transaction: readTransaction(transaction), charge: charge === null ? null : await readFull(stripe, charge) };
      }),
    readDispute: (id) => client.ask(async (stripe) => readDispute(await stripe.disputes.retrieve(id))),
    listRefundTransactions: (chargeId) =>
      client.ask(async (stripe) => {
        const ids: (string | null)[] = [];
        for await (const refund of stripe.refunds.list({ charge: chargeId, limit: PAGE }))
          ids.push(idOf(refund.balance_transaction), idOf(refund.failure_balance_transaction));
        return ids.filter((id) => id !== null);
      }),
    listTransactions: async function* (from, to) {
      const created = { gte: Math.floor(from.getTime() / 1000), lt: Math.floor(to.getTime() / 1000) };
      let after: string | null = null;
      for (;;) {
        const cursor: { starting_after?: string } = after === null ? {} : { starting_after: after };
        const page = await client.ask((stripe) => stripe.balanceTransactions.list({ created, limit: PAGE, ...cursor }));
        for (const transaction of page.data) yield readTransaction(transaction);
        after = page.data.at(-1)?.id ?? null;
        if (!page.has_more || after === null) return;
      }
    },
  };
}

/** Payments carry the link's metadata; one that does not may have it on its intent. */
async function readFull(stripe: Stripe, charge: Stripe.Charge): Promise<ProviderCharge> {
  const intent = charge.payment_intent;
  if (charge.metadata['idempotency_key'] !== undefined || intent === null || intent === undefined) return readCharge(charge);
  try {
    const { metadata } = typeof intent === 'string' ? await stripe.paymentIntents.retrieve(intent) : intent;
    return readCharge(charge, { ...metadata, ...charge.metadata });
  } catch (error) {
    if (isOutOfReach(error)) return readCharge(charge);
    throw error;
  }
}

/** The payment a line of the books goes back to: itself, or that of its refund or dispute. Payouts and fees have none. */
async function findCharge(stripe: Stripe, source: Stripe.BalanceTransaction['source']): Promise<Stripe.Charge | null> {
  if (source === null) return null;
  if (typeof source === 'string') return findById(stripe, source);
  if (source.object === 'charge') return source;
  if (source.object !== 'refund' && source.object !== 'dispute') return null;
  const { charge } = source;
  return typeof charge === 'string' ? stripe.charges.retrieve(charge) : charge;
}

async function findById(stripe: Stripe, id: string): Promise<Stripe.Charge | null> {
  if (/^(ch|py)_/.test(id)) return stripe.charges.retrieve(id);
  const owner = /^(re|pyr)_/.test(id)
    ? await stripe.refunds.retrieve(id)
    : /^(dp|du)_/.test(id)
      ? await stripe.disputes.retrieve(id)
      : null;
  const charge = idOf(owner?.charge);
  return charge === null ? null : stripe.charges.retrieve(charge);
}
