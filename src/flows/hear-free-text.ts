// Words that name no command: a question is answered, an answer to a goal's question goes to that goal, anything else becomes a draft.
import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { NotAllowed } from '../core/errors.ts';
import { isQuestion } from '../domain/conversations/question.ts';
import { findGoal } from '../domain/goals/goal-store.ts';
import { readGoal } from '../domain/goals/measure.ts';
import { readMemoryWords } from '../domain/memory/memory-words.ts';
import { hasRole } from '../domain/people/role.ts';
import { addToGoal, draftGoal } from './accept-goal.ts';
import { askQuestion } from './ask/ask-question.ts';
import type { Deps } from './deps.ts';

export async function hearFreeText(deps: Deps, text: string, caller: Caller): Promise<Card> {
  if (await isForAsking(deps, text, caller.goalId)) return askQuestion(deps, text, caller);
  if (!hasRole(caller, 'operator'))
    throw new NotAllowed('Giving goals needs the role operator. Whoever may look can ask: end it with a question mark.');
  return caller.goalId === null ? draftGoal(deps, text, caller) : addToGoal(deps, caller.goalId, { text, budgetMicros: null }, caller);
}

async function isForAsking(deps: Deps, text: string, goalId: number | null): Promise<boolean> {
  if (readMemoryWords(text) !== null) return true;
  if (!isQuestion(text)) return false;
  const goal = goalId === null ? undefined : await findGoal(deps.db, goalId);
  // "Is $60 enough?" answers a goal that asked for its budget.
  return goal?.status !== 'question' || !namesAnAmount(text);
}

function namesAnAmount(text: string): boolean {
  const read = readGoal(text);
  return read.targetMicros !== null || read.budgetMicros !== null;
}
