// What an answered model call cost, in the books; and, where another model stepped in, why: one transaction.
import { randomUUID } from 'node:crypto';
import { inTransaction, type Trx } from '../db/database.ts';
import type { ChatReply, ModelOffer } from '../domain/brain/chat-model.ts';
import { recordDecision } from '../domain/decisions/decision-store.ts';
import { bookJournal } from '../domain/money/ledger-store.ts';
import { costOf } from '../domain/money/model-price.ts';
import { settle } from '../domain/money/reservation-store.ts';
import type { Charged } from './ask-model.ts';
import type { Deps } from './deps.ts';

/** A model that was tried before in vain. */
export interface Switched {
  model: string;
  why: string;
}

interface AnsweredCall {
  offer: ModelOffer;
  reply: Pick<ChatReply, 'usage'>;
  reservationId: number | null;
  estimate: bigint;
  after: readonly Switched[];
}

/** The choice of another model than the first; that of the first stands in the turn or plan itself. */
async function recordSwitch(deps: Deps, trx: Trx, question: Charged, { offer, after }: AnsweredCall): Promise<void> {
  if (after.length === 0) return;
  const subject = subjectOf(question);
  if (subject === null) return;
  await recordDecision(trx, {
    ...{ mode: deps.mode, kind: 'model', ...subject, goalId: question.goalId, actor: question.agent },
    ...{ choice: offer.model, alternatives: after.map(({ model, why }) => ({ choice: model, why })), inputs: { mode: question.mode } },
    ...{ confidence: null, reason: `${after.at(-1)?.model} could not answer just then.` },
  });
}

function subjectOf({ taskId, goalId, conversationId }: Charged): { subjectKind: string; subjectId: number } | null {
  if (taskId !== null) return { subjectKind: 'task', subjectId: taskId };
  if (goalId !== null) return { subjectKind: 'goal', subjectId: goalId };
  return conversationId === undefined ? null : { subjectKind: 'conversation', subjectId: conversationId };
}

/** Says what would make the next booking exact. */
function assumedWords({ model, price }: ModelOffer): string {
  return price === null
    ? `${model}, at an assumed price; add it to prices in JUG_MODELS: ${JSON.stringify(model)}:{"input":…,"output":…}`
    : `${model}, at the reserved amount: the provider reported no usage`;
}

export async function bookCall(deps: Deps, question: Charged, call: AnsweredCall): Promise<void> {
  const cost = costOf(call.offer, call.reply.usage, call.estimate);
  const { inputTokens = 0, outputTokens = 0 } = call.reply.usage ?? {};
  deps.metrics.modelCall(call.offer.model, inputTokens, outputTokens, Number(cost.micros) / 1e6);
  if (cost.micros === 0n && call.reservationId === null && call.after.length === 0) return;
  await inTransaction(deps.db, async (trx) => {
    if (call.reservationId !== null) await settle(trx, call.reservationId, cost.micros);
    await recordSwitch(deps, trx, question, call);
    if (cost.micros === 0n) return;
    await bookJournal(trx, {
      mode: 'live',
      source: 'model',
      externalId: call.reservationId === null ? randomUUID() : `reservation:${call.reservationId}`,
      kind: 'model_cost',
      memo: cost.assumed ? assumedWords(call.offer) : call.offer.model,
      occurredAt: deps.clock.now(),
      goalId: question.goalId,
      taskId: question.taskId,
      conversationId: question.conversationId ?? null,
      toolCallId: null,
      launchId: null,
      agent: question.agent,
      model: call.offer.model,
      assumed: cost.assumed,
      currency: 'USD',
      postings: [
        { account: 'model_cost', amountMicros: cost.micros },
        { account: 'model_payable', amountMicros: -cost.micros },
      ],
    });
  });
}
