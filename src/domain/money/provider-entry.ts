// One line of a payment provider's books as postings of ours. The provider's figures are taken as they are; none is computed anew.
import { formatMoney } from '../../core/currency.ts';
import { Upstream } from '../../core/errors.ts';
import type { Micros } from '../../core/money.ts';
import type { ProviderEntry, ProviderTransaction } from '../offers/payment-provider.ts';
import type { Account, JournalDraft } from './ledger-store.ts';

type Booking = { account: Account; kind: JournalDraft['kind'] };

/**
 * What a line means, by Stripe's reporting category (docs.stripe.com/reports/reporting-categories). What is not here is booked to `suspense`:
 * the balance stays right, and somebody is told to look.
 */
const BOOKINGS: ReadonlyMap<string, Booking> = new Map<string, Booking>([
  ['charge', { account: 'revenue', kind: 'sale' }],
  ['refund', { account: 'refunds', kind: 'refund' }],
  ['partial_capture_reversal', { account: 'refunds', kind: 'refund' }],
  ['charge_failure', { account: 'refunds', kind: 'refund' }],
  ['refund_failure', { account: 'refunds', kind: 'refund_failed' }],
  ['dispute', { account: 'disputes', kind: 'dispute' }],
  ['dispute_reversal', { account: 'disputes', kind: 'dispute_reversed' }],
  ['fee', { account: 'fees', kind: 'fee' }],
  ['tax', { account: 'fees', kind: 'fee' }],
  ['network_cost', { account: 'fees', kind: 'fee' }],
  ['payout', { account: 'cash', kind: 'payout' }],
  ['payout_reversal', { account: 'cash', kind: 'payout' }],
  ['topup', { account: 'cash', kind: 'payout' }],
  ['topup_reversal', { account: 'cash', kind: 'payout' }],
]);

/** Servers without the category give the type alone. */
const SAME_AS: ReadonlyMap<string, string> = new Map([
  ['payment', 'charge'],
  ['payment_refund', 'refund'],
  ['payment_failure_refund', 'charge_failure'],
  ['payout_cancel', 'payout_reversal'],
  ['payout_failure', 'payout_reversal'],
  ['stripe_fee', 'fee'],
  ['stripe_fx_fee', 'fee'],
  ['tax_fee', 'tax'],
]);

export function bookingOf(category: string): Booking {
  return BOOKINGS.get(SAME_AS.get(category) ?? category) ?? { account: 'suspense', kind: 'adjustment' };
}

/**
 * Net to the balance, the fee to fees, the rest against what it is for; sums to zero because the provider's amount − fee = net.
 * @throws Upstream when the provider's own line does not add up: nothing is booked of it.
 */
export function postingsOf(line: ProviderTransaction): { account: Account; amountMicros: Micros }[] {
  if (line.amountMicros - line.feeMicros !== line.netMicros)
    throw new Upstream(`${line.id} does not add up at the provider`, { retryable: false });
  return [
    { account: 'processor', amountMicros: line.netMicros },
    { account: 'fees', amountMicros: line.feeMicros },
    { account: bookingOf(line.category).account, amountMicros: -line.amountMicros },
  ];
}

/** What was paid in another currency, with the provider's rate: `, EUR 18.00 at 1.0832 (rate of txn_1)`; empty without conversion. */
export function rateNote({ transaction, charge }: ProviderEntry): string {
  if (transaction.rate === null) return '';
  const paid = charge === null ? '' : `${formatMoney(charge.amountMicros, charge.currency)} charged, converted `;
  return `, ${paid}at ${transaction.rate} (rate of ${transaction.id})`;
}
