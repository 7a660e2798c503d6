// A signed event becomes journals, once, in any order; goals that wait for it wake up, and result cards follow the ledger.
import { dayOf } from '../core/calendar.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { cleanEvent } from '../domain/customers/customer-store.ts';
import { findGoal, lockGoal } from '../domain/goals/goal-store.ts';
import { bookJournal, type JournalDraft } from '../domain/money/ledger-store.ts';
import { type Charge, type LaunchClosed, type PaymentEvent, paymentEvent, type Refunded } from '../domain/money/payment-event.ts';
import { addPaymentEvent, findOrigin, noteUnbookable, type Origin, PROVIDER, takeUnbooked } from '../domain/money/payment-store.ts';
import { returnFromCall } from '../domain/money/reservation-store.ts';
import { endLaunch, listGoalsDueForResult, setMarketDay } from '../domain/offers/launch-store.ts';
import { wakeOnDayAlong, wakeWaiting } from '../domain/tasks/wake-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import { countMarketVisits } from './count-visits.ts';
import type { Deps } from './deps.ts';
import { endQuietDay } from './end-quiet-day.ts';
import { scheduleReview } from './experiments/schedule-review.ts';
import { noteRefund, noteSale } from './follow-sale.ts';
import { scanAfterDay } from './opportunities/start-scan.ts';
import { showGoal, showResult } from './show.ts';
import { showMarketDay } from './show-market-day.ts';

/** A result is due this many market days after a goal's last launch, whatever the agent says by then. */
const RESULT_AFTER_DAYS = 14;

/** Stores a verified event durably and queues its booking; a market day without anything to do is booked with it. Duplicates change nothing. */
export async function acceptPayment(
  deps: Deps,
  event: { source: string; mode: Mode; eventId: string; type: string; body: unknown },
): Promise<void> {
  if (await endQuietDay(deps, event, RESULT_AFTER_DAYS)) return;
  await addPaymentEvent(deps.db, event);
}

/** Books one stored event. Unknown types are kept and marked; a malformed body is an error on the row, never a guess. */
export async function bookPayment(deps: Deps, eventId: number): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const stored = await takeUnbooked(trx, eventId);
    if (stored === undefined) return;
    // Rolled back: it stays unbooked until its key is back.
    if (stored.source === PROVIDER) throw new Error('a payment of Stripe waits for STRIPE_SECRET_KEY');
    if (stored.ofErased) await cleanEvent(trx, stored);
    const parsed = paymentEvent.safeParse(stored.body);
    if (!parsed.success) return keepUnread(deps, trx, eventId, { eventId: stored.event_id, type: stored.type });
    const tells = await bookEvent(trx, parsed.data, { mode: stored.mode, source: stored.source }, deps.config.timezone);
    if (stored.mode === 'practice' && tells) await showMarketDay(trx);
    if (parsed.data.type !== 'practice.day_ended' || stored.mode !== deps.mode) return;
    await scanAfterDay(deps, trx, parsed.data.data.object.day);
    await scheduleReview(deps, trx);
  });
}

const KNOWN = ['charge.succeeded', 'charge.refunded', 'practice.launch_closed', 'practice.day_ended'];

async function keepUnread(deps: Deps, trx: Trx, id: number, event: { eventId: string; type: string }): Promise<void> {
  const isKnown = KNOWN.includes(event.type);
  if (isKnown) deps.log.error(event, 'a payment event of a known type could not be read');
  await noteUnbookable(trx, id, isKnown ? 'the body could not be read' : `type ${event.type} is kept, not booked`);
}

/** @returns whether the market day's report has something new to say. */
async function bookEvent(trx: Trx, event: PaymentEvent, from: { mode: Mode; source: string }, timezone: string): Promise<boolean> {
  const occurredAt = new Date(event.created * 1000);
  switch (event.type) {
    case 'charge.succeeded':
      await bookSale(trx, event.data.object, { ...from, occurredAt });
      return true;
    case 'charge.refunded':
      await bookRefunds(trx, event.data.object, { ...from, occurredAt });
      return true;
    case 'practice.launch_closed':
      await bookClosed(trx, event.data.object, { ...from, occurredAt });
      return true;
    case 'practice.day_ended':
      await countMarketVisits(trx, event.data.object.visits, dayOf(occurredAt, timezone));
      return endMarketDay(trx, event.data.object.day, from.mode);
  }
}

export interface From {
  mode: Mode;
  source: string;
  occurredAt: Date;
  /** The line of a provider's books that is booked: its id takes the place of the event's own ids. */
  line?: { id: string; note: string };
}

export const originOf = (
  trx: Trx,
  mode: Mode,
  metadata: { launch_id?: string | undefined; idempotency_key?: string | undefined },
): Promise<Origin> => findOrigin(trx, mode, { externalId: metadata.launch_id ?? null, idempotencyKey: metadata.idempotency_key ?? null });

/** Live money has no market days, whatever an event says. */
const marketDayOf = (mode: Mode, day: number | null | undefined): number | null => (mode === 'practice' ? (day ?? null) : null);

export async function bookSale(trx: Trx, charge: Charge, from: From): Promise<void> {
  const origin = await originOf(trx, from.mode, charge.metadata);
  const { fee, net } = charge.balance_transaction;
  const draft: JournalDraft = {
    ...from,
    ...origin,
    externalId: from.line?.id ?? charge.id,
    kind: 'sale',
    memo: `Order ${charge.metadata.order_id ?? charge.id}${from.line?.note ?? ''}`,
    customer: charge.customer ?? null,
    marketDay: marketDayOf(from.mode, charge.metadata.market_day),
    currency: charge.currency,
    postings: [
      { account: 'processor', amountMicros: net },
      { account: 'fees', amountMicros: fee },
      { account: 'revenue', amountMicros: -charge.amount },
    ],
  };
  // A task of the goal may be about to wait for this very order.
  if (origin.goalId !== null) await lockGoal(trx, origin.goalId);
  if (!(await bookJournal(trx, draft))) return;
  await noteSale(trx, { charge, from, origin });
  if (origin.goalId !== null) {
    const woken = await wakeWaiting(trx, { orderOfGoal: origin.goalId });
    if (woken.length > 0) await wake(trx, { job: 'work' });
  }
  await redraw(trx, origin.goalId);
}

export async function bookRefunds(trx: Trx, charge: Refunded, from: From): Promise<void> {
  const origin = await originOf(trx, from.mode, charge.metadata);
  let changed = false;
  for (const refund of charge.refunds.data) {
    const { fee, net } = refund.balance_transaction;
    const booked = await bookJournal(trx, {
      ...from,
      ...origin,
      externalId: from.line?.id ?? refund.id,
      kind: 'refund',
      memo: `Refund of ${charge.id}${from.line?.note ?? ''}`,
      customer: charge.customer ?? null,
      marketDay: marketDayOf(from.mode, refund.metadata?.market_day),
      currency: charge.currency,
      postings: [
        { account: 'refunds', amountMicros: refund.amount },
        { account: 'fees', amountMicros: fee },
        { account: 'processor', amountMicros: net },
      ],
    });
    if (booked) await noteRefund(trx, { charge, refund, from });
    changed ||= booked;
  }
  if (changed) await redraw(trx, origin.goalId);
}

async function bookClosed(trx: Trx, closed: LaunchClosed, from: From): Promise<void> {
  const origin = await findOrigin(trx, from.mode, { externalId: closed.id, idempotencyKey: closed.idempotency_key });
  if (origin.launchId !== null) await endLaunch(trx, origin.launchId, closed.status);
  if (closed.returned_micros > 0n) {
    const booked = await bookJournal(trx, {
      ...from,
      ...origin,
      externalId: `${closed.id}:returned`,
      kind: 'spend_return',
      memo: `Unspent budget of ${closed.id}`,
      marketDay: marketDayOf(from.mode, closed.market_day),
      currency: 'USD',
      postings: [
        { account: 'cash', amountMicros: closed.returned_micros },
        { account: 'offer_spend', amountMicros: -closed.returned_micros },
      ],
    });
    if (booked && origin.toolCallId !== null) await returnFromCall(trx, origin.toolCallId, closed.returned_micros);
  }
  await redraw(trx, origin.goalId);
}

/** A day on which nothing ran costs nothing and is not told. */
async function endMarketDay(trx: Trx, day: number, mode: Mode): Promise<boolean> {
  const ended = await setMarketDay(trx, mode, day);
  if (ended === null) return false;
  const due = await listGoalsDueForResult(trx, mode, RESULT_AFTER_DAYS, { along: [wakeOnDayAlong(mode, day)] });
  for (const goalId of due) await redraw(trx, goalId);
  return ended.busy;
}

/** A goal that has ended shows its result; a running one too, once it is due. Every later payment edits that card. */
export async function redraw(trx: Trx, goalId: number | null): Promise<void> {
  if (goalId === null) return;
  const goal = await findGoal(trx, goalId);
  if (goal === undefined) return;
  const over = ['done', 'failed', 'cancelled'].includes(goal.status);
  if (over || (await listGoalsDueForResult(trx, goal.mode, RESULT_AFTER_DAYS, { goalId })).length > 0) await showResult(trx, goal);
  if (!over) await showGoal(trx, goalId);
}
