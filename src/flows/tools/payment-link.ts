// Selling: a payment link for a goal's offer. It publishes, so a person is asked; its payments are booked when the provider tells of them.
import { z } from 'zod';
import { hashOf } from '../../core/canonical-json.ts';
import { formatMoney, parseAmount, toMinor } from '../../core/currency.ts';
import { InvalidInput } from '../../core/errors.ts';
import { addLaunch, readMarketDay } from '../../domain/offers/launch-store.ts';
import { addPaymentLink } from '../../domain/offers/payment-link-store.ts';
import type { PaymentLink, PaymentProvider } from '../../domain/offers/payment-provider.ts';
import type { Success, Tool } from '../../domain/tools/tool.ts';
import { showLink } from '../set-link.ts';
import { attempt } from './attempt.ts';
import { costsNothing, lookFor, paymentTool, plain } from './payment-common.ts';

const input = z.object({
  name: z.string().trim().min(1).max(200).describe('what is sold, as the customer reads it'),
  description: z.string().trim().min(1).max(500).nullish().describe('one or two sentences on the payment page'),
  amount: z
    .string()
    .regex(/^\d{1,10}(\.\d{1,6})?$/)
    .describe('price of one, in whole units of the currency, like "19.90"'),
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/)
    .describe('ISO code, like USD'),
});
type Input = z.output<typeof input>;

const HIGHEST_MINOR = 99_999_999n;

function priceOf({ amount, currency }: Input): { amountMicros: bigint; currency: string } {
  const code = currency.toUpperCase();
  const amountMicros = parseAmount(amount);
  const minor = toMinor(amountMicros, code);
  if (minor <= 0n || minor > HIGHEST_MINOR) throw new InvalidInput(`${formatMoney(amountMicros, code)} is no price that a card can pay.`);
  return { amountMicros, currency: code };
}

function outcomeOf(link: PaymentLink): Success {
  const output = plain({
    linkId: link.id,
    url: link.url,
    active: link.active,
    priceId: link.priceId,
    name: link.name,
    amountMicros: link.amountMicros,
    currency: link.currency,
  });
  return { ok: true, output, evidence: [{ kind: 'receipt', source: link.id, sha256: hashOf(output) }], spentMicros: 0n, receipt: link.id };
}

export function createPaymentLinkTool(payments: PaymentProvider): Tool<Input> {
  return {
    ...paymentTool,
    name: 'payment_link',
    description:
      'Publish a payment page that sells one thing at a fixed price. Costs nothing; a person is asked. Read it back with payment_status.',
    input,
    act: 'publish',
    touches: 'outside',
    reversible: true,
    reach: 'public',
    repeatable: false,
    quote: async (request, context) => {
      const { amountMicros, currency } = priceOf(request);
      const price = formatMoney(amountMicros, currency);
      return costsNothing(
        `Publishes a payment page that sells "${request.name}" for ${price}${context.mode === 'live' ? '' : ' (test payments)'}; it can be taken down again.`,
        `${price} for each sale, less the provider's fee. How many will buy is unknown.`,
      );
    },
    run: (request, context) =>
      attempt(async () => {
        const { goalId, taskId, idempotencyKey: key } = context;
        const order = { ...priceOf(request), name: request.name, description: request.description ?? null, key, goalId, taskId };
        return outcomeOf(await payments.createLink(order, context.signal));
      }),
    reconcile: (_request, context) =>
      lookFor(async () => {
        const link = await payments.findLink(context.idempotencyKey, context.signal);
        return link === null ? null : outcomeOf(link);
      }),
    record: async (trx, request, outcome, context) => {
      const output = outcome.output as { linkId: string; url: string; priceId: string };
      const { mode, goalId, taskId, toolCallId } = context;
      const launch = await addLaunch(trx, {
        mode,
        goalId,
        taskId,
        toolCallId,
        externalId: output.linkId,
        offerId: output.linkId,
        name: request.name,
        budgetMicros: 0n,
        // No end: it sells until somebody stops it.
        days: 0,
        startedDay: await readMarketDay(trx, mode),
      });
      const link = { launchId: launch.id, mode, externalId: output.linkId, url: output.url, priceId: output.priceId };
      await addPaymentLink(trx, { ...link, ...priceOf(request), name: request.name });
      await showLink(trx, launch.id);
    },
  };
}
