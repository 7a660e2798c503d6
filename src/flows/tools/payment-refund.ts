// Giving a payment back: money out that cannot be taken back, so a person is asked. What may be given back, and to whom, stands in our rows.
import { z } from 'zod';
import { hashOf } from '../../core/canonical-json.ts';
import { formatMoney, parseAmount, toMinor } from '../../core/currency.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { Database } from '../../db/database.ts';
import { type DollarRates, inDollars } from '../../domain/money/dollar-rate.ts';
import { findPayment, type PaymentRow } from '../../domain/money/payment-row-store.ts';
import type { PaymentProvider, Refund } from '../../domain/offers/payment-provider.ts';
import type { Success, Tool, ToolContext } from '../../domain/tools/tool.ts';
import { attempt } from './attempt.ts';
import { lookFor, paymentTool, plain } from './payment-common.ts';

const input = z.object({
  chargeId: z
    .string()
    .regex(/^(ch|py)_\w{1,200}$/)
    .describe('the payment, like ch_…'),
  amount: z
    .string()
    .regex(/^\d{1,10}(\.\d{1,6})?$/)
    .nullish()
    .describe('a part of it, in the currency it was paid in; all of it when left out'),
  reason: z.string().trim().min(3).max(300).describe('why, for the person who decides'),
});
type Input = z.output<typeof input>;

/** Where payments stand, and what another currency counts for. */
interface Books {
  db: Database;
  rates: DollarRates;
}

interface Order {
  payment: PaymentRow;
  amountMicros: bigint;
  /** What leaves, in micro-dollars: the part of what the payment brought in the books. */
  usdMicros: bigint;
}

/** @throws InvalidInput when the payment is not in the books, or not enough is left of it. */
async function readOrder({ db, rates }: Books, request: Input, context: ToolContext): Promise<Order> {
  const payment = await findPayment(db, context.mode, request.chargeId);
  if (payment === undefined) throw new InvalidInput(`There is no payment "${request.chargeId}" in the books.`);
  const left = payment.amount_micros - payment.refunded_micros;
  const amountMicros = request.amount === null || request.amount === undefined ? left : parseAmount(request.amount);
  toMinor(amountMicros, payment.currency);
  if (amountMicros <= 0n || amountMicros > left)
    throw new InvalidInput(`${formatMoney(left, payment.currency)} of ${request.chargeId} can be given back, no more.`);
  const usdMicros = leavesOf(payment, amountMicros, rates);
  if (usdMicros === null)
    throw new InvalidInput(
      `${request.chargeId} was settled in ${payment.booked_currency}, and caps are in dollars: state a rate in JUG_USD_RATES, or give it back at the provider.`,
    );
  return { payment, amountMicros, usdMicros };
}

/** Rounded up: never less is reserved than leaves. Null where no rate is known. */
function leavesOf(payment: PaymentRow, amountMicros: bigint, rates: DollarRates): bigint | null {
  const settled = (payment.booked_micros * amountMicros + payment.amount_micros - 1n) / payment.amount_micros;
  return inDollars(settled, payment.booked_currency, rates);
}

function outcomeOf(refund: Refund, usdMicros: bigint): Success {
  const output = plain({
    refundId: refund.id,
    chargeId: refund.chargeId,
    amountMicros: refund.amountMicros,
    currency: refund.currency,
    status: refund.status,
  });
  return {
    ok: true,
    output,
    evidence: [{ kind: 'receipt', source: refund.id, sha256: hashOf(output) }],
    spentMicros: usdMicros,
    receipt: refund.id,
  };
}

export function createRefundTool(payments: PaymentProvider, books: Books): Tool<Input> {
  return {
    ...paymentTool,
    name: 'refund_payment',
    description:
      'Give a payment back to the customer, whole or in part. Cannot be undone; a person is asked. Read it back with payment_status.',
    input,
    act: 'refund',
    touches: 'money',
    reversible: false,
    reach: 'customers',
    repeatable: false,
    quote: async (request, context) => {
      const { payment, amountMicros, usdMicros } = await readOrder(books, request, context);
      const whole = amountMicros === payment.amount_micros;
      return {
        amountMicros: usdMicros,
        payee: payment.customer ?? `payer of ${payment.charge_id}`,
        effect: `Gives ${formatMoney(amountMicros, payment.currency)}${whole ? '' : ` of ${formatMoney(payment.amount_micros, payment.currency)}`} back to whoever paid ${payment.charge_id}; the provider keeps its fee.${payment.booked_currency === 'USD' ? '' : ` Settled in ${payment.booked_currency}, counted in dollars at the rate of JUG_USD_RATES.`}`,
        expectedReturn: null,
      };
    },
    run: (request, context) =>
      attempt(async () => {
        const { payment, amountMicros, usdMicros } = await readOrder(books, request, context);
        const { goalId, taskId, idempotencyKey: key } = context;
        const order = { chargeId: payment.charge_id, amountMicros, currency: payment.currency, key, goalId, taskId };
        return outcomeOf(await payments.refund(order, context.signal), usdMicros);
      }),
    reconcile: (request, context) =>
      lookFor(async () => {
        const refund = await payments.findRefund(request.chargeId, context.idempotencyKey, context.signal);
        if (refund === null) return null;
        const payment = await findPayment(books.db, context.mode, request.chargeId);
        return outcomeOf(refund, payment === undefined ? 0n : (leavesOf(payment, refund.amountMicros, books.rates) ?? 0n));
      }),
  };
}
