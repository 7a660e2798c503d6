// A payment is told at once, in the revenue channel and in its goal's thread: one card for an offer and day, edited while more come.
import { postMessage } from '../chat/outbox-store.ts';
import { takingsCard } from '../chat/views/payment-cards.ts';
import { dayOf } from '../core/calendar.ts';
import type { Trx } from '../db/database.ts';
import type { Origin } from '../domain/money/payment-store.ts';
import { readTakings } from '../domain/money/takings-store.ts';
import { findPaymentLink } from '../domain/offers/payment-link-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';

/** Under the lock of its offer's takings, so that the later card is the fuller one. */
export async function tellPayment(deps: Deps, trx: Trx, payment: { mode: Mode; origin: Origin; at: Date }): Promise<void> {
  const { mode, origin } = payment;
  const { launchId, goalId } = origin;
  const day = dayOf(payment.at, deps.config.timezone);
  const link = launchId === null ? undefined : await findPaymentLink(trx, launchId);
  const takings = await readTakings(trx, mode, launchId, day);
  await postMessage(trx, {
    channel: 'revenue',
    goalId,
    key: `payments:${mode}:${launchId ?? 0}:${day}`,
    card: takingsCard({ mode, day, goalId, offer: link?.name ?? null, takings }),
  });
}
