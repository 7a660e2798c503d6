// Stripe's objects as the port's: minor units become micro units, ids take the place of expanded objects.
import type { Stripe } from 'stripe';
import { fromMinor } from '../../core/currency.ts';
import { Upstream } from '../../core/errors.ts';
import type { Dispute, PaymentLink, ProviderCharge, ProviderTransaction, Refund, Tie } from '../../domain/offers/payment-provider.ts';

type Reference = string | { id: string } | null | undefined;

export const idOf = (reference: Reference): string | null =>
  reference === null || reference === undefined ? null : typeof reference === 'string' ? reference : reference.id;

const upper = (currency: string): string => currency.toUpperCase();

/** @throws Upstream for a number that no amount can be. */
function micros(minor: number, currency: string): bigint {
  if (!Number.isSafeInteger(minor)) throw new Upstream(`Stripe states an amount that cannot be: ${minor}.`, { retryable: false });
  return fromMinor(BigInt(minor), upper(currency));
}

/** What ties an object to its call. The same names as everywhere, so that any payment of the link can be traced. */
export const tieMetadata = (tie: Tie): Record<string, string> => ({
  idempotency_key: tie.key,
  goal_id: String(tie.goalId),
  task_id: String(tie.taskId),
});

/** What an own link says of itself, for servers that do not expand its items. */
export const linkMetadata = (
  order: { name: string; amountMinor: bigint; currency: string; priceId: string } & Tie,
): Record<string, string> => ({
  ...tieMetadata(order),
  offer_name: order.name.slice(0, 200),
  offer_amount: order.amountMinor.toString(),
  offer_currency: order.currency,
  price_id: order.priceId,
});

export function readPaymentLink(link: Stripe.PaymentLink): PaymentLink {
  const item = link.line_items?.data[0];
  const { metadata } = link;
  const currency = upper(item?.currency ?? metadata['offer_currency'] ?? link.currency);
  const minor = item?.price?.unit_amount ?? Number(metadata['offer_amount'] ?? Number.NaN);
  return {
    id: link.id,
    url: link.url,
    active: link.active,
    priceId: item?.price?.id ?? metadata['price_id'] ?? '',
    name: item?.description ?? metadata['offer_name'] ?? link.id,
    amountMicros: micros(minor, currency),
    currency,
  };
}

export function readRefund(refund: Stripe.Refund): Refund {
  return {
    id: refund.id,
    chargeId: idOf(refund.charge) ?? '',
    amountMicros: micros(refund.amount, refund.currency),
    currency: upper(refund.currency),
    status: refund.status ?? 'unknown',
  };
}

export function readCharge(charge: Stripe.Charge, metadata: Readonly<Record<string, string>> = charge.metadata): ProviderCharge {
  return {
    id: charge.id,
    amountMicros: micros(charge.amount, charge.currency),
    refundedMicros: micros(charge.amount_refunded ?? 0, charge.currency),
    currency: upper(charge.currency),
    customer: idOf(charge.customer),
    email: charge.billing_details?.email ?? charge.receipt_email ?? null,
    name: charge.billing_details?.name ?? null,
    metadata,
    transactionId: idOf(charge.balance_transaction),
  };
}

export function readDispute(dispute: Stripe.Dispute): Dispute {
  const due = dispute.evidence_details?.due_by ?? null;
  return {
    id: dispute.id,
    chargeId: idOf(dispute.charge),
    amountMicros: micros(dispute.amount, dispute.currency),
    currency: upper(dispute.currency),
    status: dispute.status,
    reason: dispute.reason,
    evidenceDueBy: due === null ? null : new Date(due * 1000),
    transactionIds: (dispute.balance_transactions ?? []).map(({ id }) => id),
  };
}

export function readTransaction(transaction: Stripe.BalanceTransaction): ProviderTransaction {
  const { currency } = transaction;
  return {
    id: transaction.id,
    category: transaction.reporting_category ?? transaction.type,
    amountMicros: micros(transaction.amount, currency),
    feeMicros: micros(transaction.fee, currency),
    netMicros: micros(transaction.net, currency),
    currency: upper(currency),
    rate: transaction.exchange_rate === null || transaction.exchange_rate === undefined ? null : String(transaction.exchange_rate),
    at: new Date(transaction.created * 1000),
    sourceId: idOf(transaction.source as Reference),
  };
}
