// The end of a market day on which nothing is to be done: one statement, and no job. An idle bot has six of them a minute.
import { inTransaction } from '../db/database.ts';
import { isThere } from '../db/look.ts';
import { MOST_WAITING } from '../domain/experiments/portfolio.ts';
import { isReviewDue } from '../domain/experiments/review-store.ts';
import { paymentEvent } from '../domain/money/payment-event.ts';
import { keepQuietDay } from '../domain/money/payment-store.ts';
import { isDayBusy } from '../domain/offers/launch-store.ts';
import { waitsForDay } from '../domain/tasks/wake-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';
import { scanAfterDay, scansAfterDay } from './opportunities/start-scan.ts';

/** @returns false for every other event: it is to be kept and booked in the usual way */
export async function endQuietDay(
  deps: Deps,
  event: { source: string; mode: Mode; eventId: string; type: string; body: unknown },
  resultAfterDays: number,
): Promise<boolean> {
  const { mode } = deps;
  if (event.type !== 'practice.day_ended' || mode !== 'practice' || event.mode !== mode) return false;
  const parsed = paymentEvent.safeParse(event.body);
  if (!parsed.success || parsed.data.type !== 'practice.day_ended' || parsed.data.data.object.visits.length > 0) return false;
  const { day } = parsed.data.data.object;
  const busy = [isDayBusy(mode, day, resultAfterDays), isThere(waitsForDay(deps.db, mode, day)), isReviewDue(mode, MOST_WAITING)];
  const kept = await keepQuietDay(deps.db, event, day, busy, scansAfterDay(deps, day));
  // A scan that a crash keeps from beginning here is still due when the next day ends.
  if (kept?.answer === true) await inTransaction(deps.db, (trx) => scanAfterDay(deps, trx, day));
  return kept !== null;
}
