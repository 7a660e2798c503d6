// Stripe: the key, what it may read, the account, and the endpoint that is to send us events.
import { Stripe } from 'stripe';
import type { StripeConfig } from '../../payment-config.ts';
import { STRIPE_API_VERSION, stripeOptions } from '../stripe/stripe-client.ts';
import { bad, type Check, good, sentence } from './check.ts';

const ANSWER_MS = 10_000;
const KEYS_PAGE = 'https://dashboard.stripe.com/apikeys';
const WEBHOOKS_PAGE = 'https://dashboard.stripe.com/webhooks';

/** What selling and booking need to read. Writing is not tried: a check changes nothing. */
const READS: readonly [what: string, read: (stripe: Stripe) => Promise<unknown>][] = [
  ['balance transactions', (stripe) => stripe.balanceTransactions.list({ limit: 1 })],
  ['charges', (stripe) => stripe.charges.list({ limit: 1 })],
  ['refunds', (stripe) => stripe.refunds.list({ limit: 1 })],
  ['payment links', (stripe) => stripe.paymentLinks.list({ limit: 1 })],
];

/** @param publicUrl where Stripe reaches us; null when it is not known */
export async function checkStripe(config: StripeConfig, publicUrl: string | null): Promise<Check[]> {
  const stripe = new Stripe(config.secretKey.reveal(), stripeOptions(config, { retries: 0, timeoutMs: ANSWER_MS }));
  const account = await checkAccount(stripe);
  if (!account.ok) return [account];
  const reads = await Promise.all(READS.map(([what, read]) => checkRead(stripe, what, read)));
  return [account, ...reads, await checkEndpoint(stripe, publicUrl)];
}

async function checkAccount(stripe: Stripe): Promise<Check> {
  const what = 'Stripe key';
  try {
    const account = await stripe.accounts.retrieveCurrent();
    return good(what, `account ${account.id}${account.business_profile?.name ? ` (${account.business_profile.name})` : ''}`);
  } catch (error) {
    if (error instanceof Stripe.errors.StripePermissionError)
      return good(what, 'works; it may not read the account, so events of connected accounts cannot be told apart');
    if (error instanceof Stripe.errors.StripeAuthenticationError)
      return bad(what, 'refused', `Put a valid key into STRIPE_SECRET_KEY: ${KEYS_PAGE}.`);
    return bad(what, sentence(error), 'Check STRIPE_API_URL and the network.');
  }
}

async function checkRead(stripe: Stripe, name: string, read: (stripe: Stripe) => Promise<unknown>): Promise<Check> {
  const what = `Stripe: ${name}`;
  try {
    await read(stripe);
    return good(what, 'can be read');
  } catch (error) {
    return bad(what, sentence(error), `Give the restricted key read access to ${name}: ${KEYS_PAGE}.`);
  }
}

async function checkEndpoint(stripe: Stripe, publicUrl: string | null): Promise<Check> {
  const what = 'Stripe webhook';
  if (publicUrl === null)
    return good(what, 'signing secret set; JUG_PUBLIC_URL is not, so whether Stripe can reach /webhooks/stripe was not looked at');
  const wanted = `${publicUrl.replace(/\/$/, '')}/webhooks/stripe`;
  try {
    for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
      if (endpoint.url !== wanted) continue;
      if (endpoint.status !== 'enabled') return bad(what, `${wanted} is ${endpoint.status}`, `Enable it: ${WEBHOOKS_PAGE}.`);
      const version = endpoint.api_version ?? "the account's";
      if (version !== STRIPE_API_VERSION)
        return good(what, `${wanted}, API version ${version} (${STRIPE_API_VERSION} is what this bot is written for)`);
      return good(what, wanted);
    }
    return bad(what, `no endpoint for ${wanted}`, `Add it with the events charge.*, refund.* and payout.*: ${WEBHOOKS_PAGE}.`);
  } catch (error) {
    if (error instanceof Stripe.errors.StripePermissionError || error instanceof Stripe.errors.StripeInvalidRequestError)
      return good(what, 'signing secret set; this key may not list endpoints, so its address was not looked at');
    return bad(what, sentence(error), 'Try again; Stripe did not answer.');
  }
}
