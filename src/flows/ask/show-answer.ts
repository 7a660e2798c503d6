// The card of an answer as its row is now, posted where its conversation is.
import type { Card } from '../../chat/card.ts';
import { postMessage } from '../../chat/outbox-store.ts';
import { answerCard } from '../../chat/views/answer-card.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { type Answer, findAnswer, tellEnded } from '../../domain/conversations/answer-store.ts';
import { type Conversation, findConversation } from '../../domain/conversations/conversation-store.ts';
import type { Deps } from '../deps.ts';

export function drawAnswer(deps: Pick<Deps, 'model'>, answer: Answer, reading?: string): Card {
  const isPractice = deps.model.offers('chat').some((offer) => offer.practice && offer.model === answer.model);
  return answerCard(answer, { reading, hasNoAnswer: isPractice && answer.records.length === 0 });
}

/** The same message each time, edited in place. What is handed back is posted nowhere; whoever waits for it is told. */
export async function postAnswer(
  db: DatabaseOrTrx,
  conversation: Conversation,
  answer: Pick<Answer, 'id' | 'aside'>,
  card: Card,
): Promise<void> {
  if (answer.aside) return tellEnded(db);
  const { id, surface, goal_id: goalId } = conversation;
  const platform = surface === 'console' ? null : surface;
  await postMessage(db, {
    channel: 'goals',
    goalId: platform === null ? goalId : null,
    key: `answer:${answer.id}`,
    card,
    consoleOnly: platform === null,
    conversation: { id, platform },
  });
}

/** After its row changed, in the same transaction. */
export async function showAnswer(deps: Pick<Deps, 'model'>, db: DatabaseOrTrx, answerId: number): Promise<void> {
  const answer = await findAnswer(db, answerId);
  const conversation = answer === undefined ? undefined : await findConversation(db, answer.conversation_id);
  if (answer === undefined || conversation === undefined) return;
  await postAnswer(db, conversation, answer, drawAnswer(deps, answer));
}
