// Model calls that left and never came back, because they timed out, were broken off or their process died: booked at the reserved amount, assumed.
import { inTransaction } from '../db/database.ts';
import { bookJournal } from '../domain/money/ledger-store.ts';
import { listUnanswered, settleUnanswered } from '../domain/money/reservation-store.ts';
import type { Deps } from './deps.ts';
import { SURELY_OVER_MS } from './read-due.ts';

/** Those whose process died before it could. Safe from several processes. */
export async function bookAbandoned(deps: Deps): Promise<void> {
  for (const id of await listUnanswered(deps.db, SURELY_OVER_MS)) await bookUnanswered(deps, id, null);
}

/** @param by the model that was asked and for whom, where that is still known */
export async function bookUnanswered(deps: Deps, reservationId: number, by: { model: string; agent: string } | null): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const owed = await settleUnanswered(trx, reservationId);
    if (owed === undefined) return;
    await bookJournal(trx, {
      mode: owed.mode,
      source: 'model',
      externalId: `reservation:${reservationId}`,
      kind: 'model_cost',
      memo: 'A model call that was sent and never answered, at the reserved amount',
      occurredAt: deps.clock.now(),
      goalId: owed.goal_id,
      taskId: owed.task_id,
      conversationId: owed.conversation_id,
      toolCallId: null,
      launchId: null,
      model: by?.model ?? null,
      agent: by?.agent ?? null,
      assumed: true,
      currency: 'USD',
      postings: [
        { account: 'model_cost', amountMicros: owed.counted_micros },
        { account: 'model_payable', amountMicros: -owed.counted_micros },
      ],
    });
  });
}
