// Payments of the provider as rows: what was paid, what it brought in the books, how much of it was given back.
import { type Selectable, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type PaymentRow = Selectable<Tables['payment']>;

/** Written with its journal. @param payment amounts paid in the customer's currency, booked in that of the balance */
export async function keepPayment(
  db: DatabaseOrTrx,
  payment: {
    mode: Mode;
    chargeId: string;
    launchId: number | null;
    customer: string | null;
    amountMicros: Micros;
    refundedMicros: Micros;
    currency: string;
    bookedMicros: Micros;
    bookedCurrency: string;
  },
): Promise<void> {
  await db
    .insertInto('payment')
    .values({
      mode: payment.mode,
      charge_id: payment.chargeId,
      launch_id: payment.launchId,
      customer: payment.customer,
      amount_micros: payment.amountMicros,
      refunded_micros: payment.refundedMicros,
      currency: payment.currency,
      booked_micros: payment.bookedMicros,
      booked_currency: payment.bookedCurrency,
    })
    .onConflict((conflict) => conflict.columns(['mode', 'charge_id']).doNothing())
    .execute();
}

/** As the provider says it stands. What is given back only grows, in whatever order that is told. */
export async function noteRefunded(db: DatabaseOrTrx, mode: Mode, chargeId: string, refundedMicros: Micros): Promise<void> {
  await db
    .updateTable('payment')
    .set({ refunded_micros: sql`greatest(refunded_micros, ${refundedMicros}::bigint)` })
    .where('mode', '=', mode)
    .where('charge_id', '=', chargeId)
    .execute();
}

export function findPayment(db: DatabaseOrTrx, mode: Mode, chargeId: string): Promise<PaymentRow | undefined> {
  return db.selectFrom('payment').selectAll().where('mode', '=', mode).where('charge_id', '=', chargeId).executeTakeFirst();
}
