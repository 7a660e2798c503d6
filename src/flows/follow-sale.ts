// A booked sale becomes a customer, an order, a receipt and a promise; a booked refund ends what it pays back. In the journal's own transaction.
import type { Trx } from '../db/database.ts';
import { cleanEvents, findCustomer } from '../domain/customers/customer-store.ts';
import { asPersonal } from '../domain/customers/personal.ts';
import type { Charge, Refunded } from '../domain/money/payment-event.ts';
import type { Origin } from '../domain/money/payment-store.ts';
import { DEFAULT_DAYS, defaultWay, isWhollyRefunded, moveOrder } from '../domain/orders/order.ts';
import { addRefund, addSale, lockCharge, type RefundRow, type SoldOrder, settleRefund } from '../domain/orders/sale-store.ts';
import type { Mode } from '../domain/tools/tool.ts';

interface From {
  mode: Mode;
  source: string;
  occurredAt: Date;
}

/** Harmless when repeated: an order is unique by source and charge. A refund that came first is counted in. */
export async function noteSale(trx: Trx, { charge, from, origin }: { charge: Charge; from: From; origin: Origin }): Promise<void> {
  await lockCharge(trx, from.source, charge.id);
  const { consent, offer_id: offerId } = charge.metadata;
  const order = await addSale(trx, {
    mode: from.mode,
    source: from.source,
    chargeId: charge.id,
    customer: charge.customer ?? `guest:${charge.id}`,
    name: asPersonal(charge.billing_details?.name),
    email: asPersonal(charge.billing_details?.email),
    consent: consent ?? null,
    amountMicros: charge.amount,
    currency: charge.currency,
    paidAt: from.occurredAt,
    goalId: origin.goalId,
    launchId: origin.launchId,
    offerId: offerId ?? null,
    otherwise: { way: defaultWay(from.mode), days: DEFAULT_DAYS },
  });
  if (order === null) return;
  let refunded = 0n;
  for (const refund of order.refunds) {
    refunded += refund.amountMicros;
    await settle(trx, { ...order, refundedMicros: refunded }, from, refund);
  }
  if (order.erased) await forgetAgain(trx, from.mode, order);
}

/** One refund of a charge. Before its charge it is only kept; {@link noteSale} finds it. */
export async function noteRefund(
  trx: Trx,
  { charge, refund, from }: { charge: Refunded; refund: Refunded['refunds']['data'][number]; from: From },
): Promise<void> {
  await lockCharge(trx, from.source, charge.id);
  const row = { refundId: refund.id, amountMicros: refund.amount, at: from.occurredAt };
  const order = await addRefund(trx, { ...row, source: from.source, chargeId: charge.id });
  if (order === null) return;
  await settle(trx, order, from, row);
  if (order.erased) await forgetAgain(trx, from.mode, order);
}

async function settle(trx: Trx, order: SoldOrder, from: From, refund: RefundRow): Promise<void> {
  const to = isWhollyRefunded(order.amountMicros, order.refundedMicros) ? moveOrder(order.status, 'refund') : null;
  await settleRefund(trx, order, { ...refund, source: from.source }, to);
}

/** An erased customer's later events bring their data again: it goes at once. */
async function forgetAgain(trx: Trx, mode: Mode, order: SoldOrder): Promise<void> {
  const customer = await findCustomer(trx, mode, order.customerId);
  if (customer !== undefined)
    await cleanEvents(trx, { id: customer.id, source: customer.source, externalId: customer.external_id, email: null }, 'booked');
}
