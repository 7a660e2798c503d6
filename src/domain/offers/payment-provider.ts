// The port to a payment provider: links that take money, refunds, and the provider's own books. Behind it: Stripe.
import type { Micros } from '../../core/money.ts';

/** Metadata that ties what the provider holds to what asked for it; the provider copies it to every payment of a link. */
export interface Tie {
  /** The call's idempotency key. */
  key: string;
  goalId: number;
  taskId: number;
}

export interface PaymentLink {
  id: string;
  url: string;
  active: boolean;
  priceId: string;
  name: string;
  /** In micro units of the currency. */
  amountMicros: Micros;
  /** ISO code, upper case. */
  currency: string;
}

export interface Refund {
  id: string;
  chargeId: string;
  amountMicros: Micros;
  currency: string;
  status: string;
}

/** A payment as the provider holds it; amounts in the currency the customer paid in. */
export interface ProviderCharge {
  id: string;
  amountMicros: Micros;
  refundedMicros: Micros;
  currency: string;
  customer: string | null;
  email: string | null;
  name: string | null;
  metadata: Readonly<Record<string, string>>;
  /** Null until the provider has booked it. */
  transactionId: string | null;
}

/** One line of the provider's books. `amount` − `fee` = `net`, all in the currency of the balance. */
export interface ProviderTransaction {
  id: string;
  /** What it is for accounting: `charge`, `refund`, `dispute`, `payout` … */
  category: string;
  amountMicros: Micros;
  feeMicros: Micros;
  netMicros: Micros;
  currency: string;
  /** The provider's rate from the currency paid in to that of the balance, as it wrote it; null without conversion. */
  rate: string | null;
  at: Date;
  /** The payment, refund, dispute or payout it is about. */
  sourceId: string | null;
}

/** A transaction with the payment it goes back to, where there is one. */
export interface ProviderEntry {
  transaction: ProviderTransaction;
  charge: ProviderCharge | null;
}

/** What a webhook event says has happened: where its lines of the provider's books are found. Ids only; no amount of an event is believed. */
export interface EventPointer {
  transactionIds: string[];
  /** A payment whose line may not have been there yet. */
  chargeId: string | null;
  /** A payment whose refunds have lines of their own. */
  refundsOf: string | null;
  disputeId: string | null;
}

export interface Dispute {
  id: string;
  chargeId: string | null;
  amountMicros: Micros;
  currency: string;
  /** The provider's words: `needs_response`, `won`, `lost`, …; `fraudulent`, … */
  status: string;
  reason: string;
  evidenceDueBy: Date | null;
  transactionIds: string[];
}

export interface ProviderAccount {
  id: string;
  name: string | null;
}

/** Every method throws Upstream; retryable means that what was asked for may have happened, or that asking again can help. */
export interface PaymentProvider {
  /** What the last calls came to. */
  health(): 'ok' | 'degraded' | 'down';
  /** The account of the key; asked for once. */
  account(): Promise<ProviderAccount>;
  /**
   * Looks the key up first and makes only what is missing: safe with a key that the provider has forgotten.
   * `thanksUrl`: where whoever has paid is sent; else the provider thanks them.
   */
  createLink(
    order: { name: string; description: string | null; amountMicros: Micros; currency: string; thanksUrl?: string | null } & Tie,
    signal: AbortSignal,
  ): Promise<PaymentLink>;
  readLink(id: string, signal: AbortSignal): Promise<PaymentLink & { orders: number | null }>;
  findLink(key: string, signal: AbortSignal): Promise<PaymentLink | null>;
  setLinkActive(id: string, active: boolean): Promise<void>;
  /** Looks the key up first, like `createLink`. */
  refund(order: { chargeId: string; amountMicros: Micros; currency: string } & Tie, signal: AbortSignal): Promise<Refund>;
  readRefund(id: string, signal: AbortSignal): Promise<Refund>;
  findRefund(chargeId: string, key: string, signal: AbortSignal): Promise<Refund | null>;
  readCharge(id: string, signal?: AbortSignal): Promise<ProviderCharge>;
  readEntry(transactionId: string): Promise<ProviderEntry>;
  readDispute(id: string): Promise<Dispute>;
  listRefundTransactions(chargeId: string): Promise<string[]>;
  /** Oldest last, as the provider pages them. @param from inclusive @param to exclusive */
  listTransactions(from: Date, to: Date): AsyncIterable<ProviderTransaction>;
}
