// A question is kept with its answer-to-be and handed to whichever process is free; whoever must have the answer at once waits for it here.
import type { Card } from '../../chat/card.ts';
import type { Caller } from '../../chat/command.ts';
import { askedCard } from '../../chat/views/answer-card.ts';
import { Conflict, InvalidInput, LimitExceeded, NotAllowed, NotFound } from '../../core/errors.ts';
import { inTransaction } from '../../db/database.ts';
import { wake } from '../../db/wake.ts';
import { type Answer, addAnswer, cancelAnswer, countOpenAnswers, findAnswer } from '../../domain/conversations/answer-store.ts';
import { titleOf } from '../../domain/conversations/context.ts';
import { addWords, findConversation, openConversation } from '../../domain/conversations/conversation-store.ts';
import { findGoal } from '../../domain/goals/goal-store.ts';
import { readMemoryWords } from '../../domain/memory/memory-words.ts';
import { hasRole } from '../../domain/people/role.ts';
import type { Deps } from '../deps.ts';
import { hearMemory } from './hear-memory.ts';
import { drawAnswer, showAnswer } from './show-answer.ts';
import { waitForAnswer } from './wait-for-answer.ts';
import { isAside, whereaboutsOf } from './whereabouts.ts';

export const LONGEST_QUESTION = 8_000;
/** Answers one person may wait for at a time. */
const MOST_OPEN = 5;
/** Longer than most answers take; then the card says how to look again. */
const WAIT_MS = 45_000;

export async function askQuestion(deps: Deps, text: string, caller: Caller): Promise<Card> {
  const question = text.trim();
  if (question === '') throw new InvalidInput('A question needs words, like: ask What did we earn this week?');
  if (question.length > LONGEST_QUESTION)
    throw new InvalidInput(`A question may have ${LONGEST_QUESTION} characters, this one has ${question.length}.`);
  const words = readMemoryWords(question);
  if (words !== null) return hearMemory(deps, words, question, caller);
  const id = await keepQuestion(deps, question, caller);
  if (!isAside(caller)) return askedCard(question, id);
  return drawAnswer(deps, await waitForAnswer(deps, id, WAIT_MS));
}

async function keepQuestion(deps: Deps, question: string, caller: Caller): Promise<number> {
  return inTransaction(deps.db, async (trx) => {
    if ((await countOpenAnswers(trx, caller.platformId)) >= MOST_OPEN)
      throw new LimitExceeded(`You wait for ${MOST_OPEN} answers already. Ask again when one of them is there, or stop one.`);
    const conversation = await openConversation(trx, whereaboutsOf(deps, caller), titleOf(question));
    const asker = { surface: caller.surface, platformId: caller.platformId };
    const questionId = await addWords(trx, { ...asker, conversationId: conversation.id, text: question });
    const to = {
      conversation_id: conversation.id,
      platform_id: caller.platformId,
      surface: caller.surface,
      aside: isAside(caller),
      questionId,
    };
    const answerId = await addAnswer(trx, to);
    await wake(trx, { job: 'answer', answerId });
    return answerId;
  });
}

/** "Just a question" on a draft: its words are asked, and the draft runs nothing. */
export async function askDraft(deps: Deps, draftId: number, caller: Caller): Promise<Card> {
  const draft = await findGoal(deps.db, draftId);
  if (draft === undefined || draft.mode !== deps.mode) throw new NotFound(`There is no draft ${draftId}.`);
  if (draft.status !== 'draft') throw new Conflict(`Goal ${draftId} has been started already.`);
  return askQuestion(deps, draft.request, caller);
}

export async function askAgain(deps: Deps, answerId: number, caller: Caller): Promise<Card> {
  return askQuestion(deps, (await findOwn(deps, answerId, caller)).question, caller);
}

/** An answer as it is now. */
export async function lookAtAnswer(deps: Deps, answerId: number, caller: Caller): Promise<Card> {
  return drawAnswer(deps, await findOwn(deps, answerId, caller));
}

export async function stopAnswer(deps: Deps, answerId: number, caller: Caller): Promise<Card> {
  const answer = await findOwn(deps, answerId, caller);
  const status = await inTransaction(deps.db, async (trx) => {
    const now = await cancelAnswer(trx, answerId, caller.platformId);
    if (now === 'cancelled') await showAnswer(deps, trx, answerId);
    return now;
  });
  if (status === null) throw new Conflict(`This answer has ended already: ${answer.status}.`);
  return { title: 'Stopped', tone: 'muted', text: 'Nothing more is read or asked for this answer.', ref: { kind: 'answer', id: answerId } };
}

/** Conversations are their own people's; operators may look after all of them. */
async function findOwn(deps: Deps, answerId: number, caller: Caller): Promise<Answer> {
  const answer = await findAnswer(deps.db, answerId);
  const conversation = answer === undefined ? undefined : await findConversation(deps.db, answer.conversation_id);
  if (answer === undefined || conversation === undefined || conversation.mode !== deps.mode)
    throw new NotFound(`There is no answer ${answerId}.`);
  if (conversation.person !== caller.person && !hasRole(caller, 'operator'))
    throw new NotAllowed('This answer belongs to somebody else; it needs the role operator.');
  return answer;
}
