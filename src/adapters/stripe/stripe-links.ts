// Payment links and refunds: made once for a key, however often and however late it is asked again. Stripe forgets keys after a day, so
// nothing is made before it was looked for by its metadata.
import type { Stripe } from 'stripe';
import { toMinor } from '../../core/currency.ts';
import { Upstream } from '../../core/errors.ts';
import type { PaymentProvider, Tie } from '../../domain/offers/payment-provider.ts';
import type { StripeClient } from './stripe-client.ts';
import { isAlreadyThere, isOutOfReach } from './stripe-errors.ts';
import { linkMetadata, readPaymentLink, readRefund, tieMetadata } from './stripe-wire.ts';

const PAGE = 100;
/** Links of an account that are looked through for a key. Beyond that nobody can say. */
const MOST_LINKS = 10_000;
const MOST_ORDERS = 1_000;

type Links = Pick<PaymentProvider, 'createLink' | 'readLink' | 'findLink' | 'setLinkActive' | 'refund' | 'readRefund' | 'findRefund'>;

export function createStripeLinks(client: StripeClient): Links {
  return {
    createLink: (order, signal) =>
      client.ask(async (stripe) => {
        const known = await findByKey(stripe, order.key);
        if (known !== null) return readPaymentLink(known);
        signal.throwIfAborted();
        const amountMinor = toMinor(order.amountMicros, order.currency);
        const product = await makeProduct(stripe, order);
        const priceId = await makePrice(stripe, { ...order, product, amountMinor });
        const metadata = linkMetadata({ ...order, amountMinor, priceId });
        return readPaymentLink(
          await stripe.paymentLinks.create(
            {
              line_items: [{ price: priceId, quantity: 1 }],
              metadata,
              // Copied to each payment of the link, and from there to its charge.
              payment_intent_data: { metadata },
              customer_creation: 'always',
              ...(order.thanksUrl == null ? {} : { after_completion: { type: 'redirect' as const, redirect: { url: order.thanksUrl } } }),
            },
            { idempotencyKey: order.key },
          ),
        );
      }, signal),
    readLink: (id, signal) =>
      client.ask(async (stripe) => {
        const link = await stripe.paymentLinks.retrieve(id, { expand: ['line_items'] });
        return { ...readPaymentLink(link), orders: await countOrders(stripe, id) };
      }, signal),
    findLink: (key, signal) =>
      client.ask(async (stripe) => {
        const found = await findByKey(stripe, key);
        return found === null ? null : readPaymentLink(found);
      }, signal),
    setLinkActive: (id, active) => client.ask(async (stripe) => void (await stripe.paymentLinks.update(id, { active }))),
    refund: (order, signal) =>
      client.ask(async (stripe) => {
        const known = await findRefundByKey(stripe, order.chargeId, order.key);
        if (known !== null) return readRefund(known);
        signal.throwIfAborted();
        const amount = Number(toMinor(order.amountMicros, order.currency));
        const request = { charge: order.chargeId, amount, metadata: tieMetadata(order) };
        return readRefund(await stripe.refunds.create(request, { idempotencyKey: order.key }));
      }, signal),
    readRefund: (id, signal) => client.ask(async (stripe) => readRefund(await stripe.refunds.retrieve(id)), signal),
    findRefund: (chargeId, key, signal) =>
      client.ask(async (stripe) => {
        const found = await findRefundByKey(stripe, chargeId, key);
        return found === null ? null : readRefund(found);
      }, signal),
  };
}

/** Listing shows at once what was made; Stripe's search may lag a minute, and does not know links. */
async function findByKey(stripe: Stripe, key: string): Promise<Stripe.PaymentLink | null> {
  let seen = 0;
  for await (const link of stripe.paymentLinks.list({ limit: PAGE })) {
    if (link.metadata['idempotency_key'] === key) return link;
    seen += 1;
    if (seen >= MOST_LINKS) throw new Upstream('Stripe holds too many payment links to find one by its key.', { retryable: true });
  }
  return null;
}

async function findRefundByKey(stripe: Stripe, chargeId: string, key: string): Promise<Stripe.Refund | null> {
  for await (const refund of stripe.refunds.list({ charge: chargeId, limit: PAGE }))
    if (refund.metadata?.['idempotency_key'] === key) return refund;
  return null;
}

/** Its id is made of the key: a second one cannot be, key forgotten or not. */
async function makeProduct(stripe: Stripe, order: { name: string; description: string | null } & Tie): Promise<string> {
  const id = `jug_${order.key}`;
  const described = order.description === null ? {} : { description: order.description };
  try {
    const product = await stripe.products.create(
      { id, name: order.name, ...described, metadata: tieMetadata(order) },
      { idempotencyKey: `${order.key}:product` },
    );
    return product.id;
  } catch (error) {
    if (isAlreadyThere(error)) return id;
    throw error;
  }
}

/** The same by its lookup key. */
async function makePrice(stripe: Stripe, order: { product: string; amountMinor: bigint; currency: string } & Tie): Promise<string> {
  try {
    const price = await stripe.prices.create(
      {
        product: order.product,
        unit_amount: Number(order.amountMinor),
        currency: order.currency.toLowerCase(),
        lookup_key: order.key,
        metadata: tieMetadata(order),
      },
      { idempotencyKey: `${order.key}:price` },
    );
    return price.id;
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
    for await (const price of stripe.prices.list({ lookup_keys: [order.key], limit: PAGE }))
      if (price.lookup_key === order.key) return price.id;
    throw error;
  }
}

/** Completed checkouts of a link; null when this key may not read them. */
async function countOrders(stripe: Stripe, id: string): Promise<number | null> {
  let orders = 0;
  try {
    for await (const session of stripe.checkout.sessions.list({ payment_link: id, status: 'complete', limit: PAGE })) {
      if (session.payment_status === 'paid') orders += 1;
      if (orders >= MOST_ORDERS) break;
    }
  } catch (error) {
    if (isOutOfReach(error)) return null;
    throw error;
  }
  return orders;
}
