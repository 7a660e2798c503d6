// Events of the payment provider point at lines of its books; those are fetched, outside of any transaction, and booked once by their ids,
// whatever event brought them and in whatever order. What an event itself says is no money.
import { postMessage } from '../chat/outbox-store.ts';
import { disputeCard } from '../chat/views/payment-cards.ts';
import { Upstream } from '../core/errors.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import { cleanEvent } from '../domain/customers/customer-store.ts';
import { pointerOf } from '../domain/money/event-pointer.ts';
import { bookJournal, listBooked } from '../domain/money/ledger-store.ts';
import type { Charge, Refunded } from '../domain/money/payment-event.ts';
import { keepPayment, noteRefunded } from '../domain/money/payment-row-store.ts';
import { findUnbooked, noteUnbookable, type Origin, PROVIDER, type StoredEvent, takeUnbooked } from '../domain/money/payment-store.ts';
import { bookingOf, postingsOf, rateNote } from '../domain/money/provider-entry.ts';
import { lockTakings } from '../domain/money/takings-store.ts';
import type { Dispute, EventPointer, PaymentProvider, ProviderEntry } from '../domain/offers/payment-provider.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';
import { keepDiscountBudget } from './discount-budget.ts';
import { bookPayment, bookRefunds, bookSale, type From, originOf, redraw } from './record-payment.ts';
import { stopWhenTroubled } from './set-link.ts';
import { tellPayment } from './tell-payment.ts';

/** Books one stored event, of the provider or of the practice market. @throws Upstream when the provider should be asked again later */
export async function bookStored(deps: Deps, eventId: number): Promise<void> {
  const { payments } = deps;
  if (payments === null) return bookPayment(deps, eventId);
  const stored = await findUnbooked(deps.db, eventId);
  if (stored === undefined) return;
  if (stored.source !== PROVIDER) return bookPayment(deps, eventId);
  if (stored.mode !== deps.mode) return;
  const note = await bookPointed(deps, payments, stored).catch((error: unknown) => {
    if (!(error instanceof Upstream) || error.retryable) throw error;
    deps.log.error({ err: error, eventId: stored.event_id, type: stored.type }, 'a payment event could not be booked');
    return error.reply;
  });
  await inTransaction(deps.db, async (trx) => {
    const taken = await takeUnbooked(trx, eventId);
    if (taken === undefined) return;
    if (taken.ofErased) await cleanEvent(trx, taken);
    if (note !== null) await noteUnbookable(trx, eventId, note.slice(0, 500));
  });
}

/** @returns why nothing was booked; null when it was, now or before. */
async function bookPointed(deps: Deps, payments: PaymentProvider, stored: StoredEvent): Promise<string | null> {
  const pointer = pointerOf(stored.body);
  if (pointer === null) return `type ${stored.type} is kept, not booked`;
  const dispute = pointer.disputeId === null ? null : await payments.readDispute(pointer.disputeId);
  const ids = await findLines(payments, pointer, dispute);
  await bookLines(deps, payments, ids, stored.mode);
  if (dispute !== null) await tellDispute(deps, payments, dispute, stored.mode);
  return ids.length > 0 || dispute !== null ? null : 'the provider has not booked it yet; a later event or the nightly look brings it';
}

async function findLines(payments: PaymentProvider, pointer: EventPointer, dispute: Dispute | null): Promise<string[]> {
  const ids = [...pointer.transactionIds, ...(dispute?.transactionIds ?? [])];
  // A payment is often told before its line is there.
  if (ids.length === 0 && pointer.chargeId !== null) {
    const { transactionId } = await payments.readCharge(pointer.chargeId);
    if (transactionId !== null) ids.push(transactionId);
  }
  if (pointer.refundsOf !== null) ids.push(...(await payments.listRefundTransactions(pointer.refundsOf)));
  return [...new Set(ids)];
}

/** Each in a transaction of its own: a crash between two leaves the first booked, and the event is looked at again. */
export async function bookLines(deps: Deps, payments: PaymentProvider, ids: readonly string[], mode: Mode): Promise<void> {
  const booked = await listBooked(deps.db, PROVIDER, ids);
  for (const id of ids.filter((one) => !booked.has(one))) {
    const entry = await payments.readEntry(id);
    await inTransaction(deps.db, (trx) => bookEntry(deps, trx, entry, mode));
  }
}

async function bookEntry(deps: Deps, trx: Trx, entry: ProviderEntry, mode: Mode): Promise<void> {
  const { transaction: line, charge } = entry;
  const postings = postingsOf(line);
  if (postings.every((posting) => posting.amountMicros === 0n)) return;
  const origin = await originOf(trx, mode, { idempotency_key: charge?.metadata['idempotency_key'] });
  await lockTakings(trx, origin.launchId);
  if (charge !== null) await keepCharge(trx, entry, charge, { mode, launchId: origin.launchId });
  await bookByKind(trx, entry, { mode, source: PROVIDER, occurredAt: line.at, line: { id: line.id, note: rateNote(entry) } }, origin);
  const { account, kind } = bookingOf(line.category);
  if (['revenue', 'refunds', 'disputes'].includes(account)) await tellPayment(deps, trx, { mode, origin, at: line.at });
  if (kind === 'sale' && origin.launchId !== null) await keepDiscountBudget(deps, trx, mode, origin.launchId);
  if (account === 'suspense') await tellSuspense(trx, entry);
  if (origin.launchId !== null && (kind === 'refund' || kind === 'dispute')) await stopWhenTroubled(trx, mode, origin.launchId);
}

async function bookByKind(trx: Trx, entry: ProviderEntry, from: From, origin: Origin): Promise<void> {
  const { transaction: line, charge } = entry;
  const { kind } = bookingOf(line.category);
  if (kind === 'sale' && charge !== null) return bookSale(trx, saleOf(entry, charge), from);
  if (kind === 'refund' && charge !== null) return bookRefunds(trx, refundOf(entry, charge), from);
  const about = charge === null ? (line.sourceId ?? '') : `of ${charge.id}`;
  const booked = await bookJournal(trx, {
    ...from,
    ...origin,
    externalId: line.id,
    kind,
    memo: `${line.category.replaceAll('_', ' ')} ${about}${from.line?.note ?? ''}`,
    customer: charge?.customer ?? null,
    currency: line.currency,
    postings: postingsOf(line),
  });
  if (booked) await redraw(trx, origin.goalId);
}

/** What a refund may be made of later, as the provider says it stands now. */
async function keepCharge(
  trx: Trx,
  { transaction }: ProviderEntry,
  charge: Payment,
  of: { mode: Mode; launchId: number | null },
): Promise<void> {
  const { amountMicros, refundedMicros, currency, customer, id: chargeId } = charge;
  if (bookingOf(transaction.category).kind !== 'sale') return noteRefunded(trx, of.mode, chargeId, refundedMicros);
  const booked = { bookedMicros: transaction.amountMicros, bookedCurrency: transaction.currency };
  await keepPayment(trx, { ...of, ...booked, chargeId, customer, amountMicros, refundedMicros, currency });
}

type Payment = NonNullable<ProviderEntry['charge']>;

/** What the link's metadata says of a payment, in the shape of a sale. */
const metadataOf = ({ metadata }: Payment) => ({
  offer_id: metadata['offer_id'],
  order_id: metadata['order_id'],
  idempotency_key: metadata['idempotency_key'],
});

const lineOf = ({ transaction }: ProviderEntry) => ({
  id: transaction.id,
  amount: transaction.amountMicros,
  fee: transaction.feeMicros,
  net: transaction.netMicros,
});

function saleOf(entry: ProviderEntry, charge: Payment): Charge {
  const { transaction } = entry;
  return {
    id: charge.id,
    amount: transaction.amountMicros,
    currency: transaction.currency,
    customer: charge.customer,
    billing_details: { email: charge.email, name: charge.name },
    metadata: metadataOf(charge),
    balance_transaction: lineOf(entry),
  };
}

function refundOf(entry: ProviderEntry, charge: Payment): Refunded {
  const { transaction } = entry;
  const refund = { id: transaction.sourceId ?? transaction.id, amount: -transaction.amountMicros, balance_transaction: lineOf(entry) };
  return {
    id: charge.id,
    currency: transaction.currency,
    customer: charge.customer,
    metadata: metadataOf(charge),
    refunds: { data: [refund] },
  };
}

async function tellDispute(deps: Deps, payments: PaymentProvider, dispute: Dispute, mode: Mode): Promise<void> {
  const charge = dispute.chargeId === null ? null : await payments.readCharge(dispute.chargeId);
  await inTransaction(deps.db, async (trx) => {
    const { goalId } = await originOf(trx, mode, { idempotency_key: charge?.metadata['idempotency_key'] });
    await postMessage(trx, { channel: 'revenue', goalId, key: `dispute:${dispute.id}`, card: disputeCard(dispute, mode) });
  });
}

async function tellSuspense(trx: Trx, { transaction }: ProviderEntry): Promise<void> {
  await postMessage(trx, {
    channel: 'revenue',
    goalId: null,
    key: `suspense:${transaction.id}`,
    card: {
      title: 'The payment provider booked something unknown',
      tone: 'bad',
      text: `Line ${transaction.id}, "${transaction.category}", stands in the account "suspense": it is in no profit and no loss until somebody looks at it.`,
    },
  });
}
