// goal: give a goal, start or edit a draft, answer a goal's question.
import { z } from 'zod';
import type { Card } from '../src/chat/card.ts';
import { defineCommand } from '../src/chat/command.ts';
import { amountField, dateField, idField, wordsField } from '../src/chat/fields.ts';
import { goalCard } from '../src/chat/views/goal-card.ts';
import { NotFound } from '../src/core/errors.ts';
import { findGoal } from '../src/domain/goals/goal-store.ts';
import { readGoalUse } from '../src/domain/money/cap-store.ts';
import { listTasksOfGoal } from '../src/domain/tasks/task-store.ts';
import { acceptGoal, addToGoal, continueDraft, LONGEST_GOAL } from '../src/flows/accept-goal.ts';
import type { Deps } from '../src/flows/deps.ts';

export const goal = defineCommand({
  name: 'goal',
  summary: 'give a goal; or show one, start a draft, answer its question',
  role: 'operator',
  input: z.object({
    text: wordsField('what to achieve, in your words', LONGEST_GOAL).optional(),
    budget: amountField('what it may spend, in dollars').optional(),
    deadline: dateField('until when, like 2026-12-31').optional(),
    draft: idField('a draft').optional(),
    id: idField('a goal, to show it or to add words to it').optional(),
  }),
  positional: 'text',
  examples: ['goal Earn the first practice dollar budget:60', 'goal id:3 budget:20', 'goal id:3'],
  run: async ({ input, caller, deps }) => {
    const words = { text: input.text ?? '', budgetMicros: input.budget ?? null, deadline: input.deadline ?? null };
    if (input.draft !== undefined) {
      const { text: _text, ...rest } = words;
      return continueDraft(deps, input.draft, input.text === undefined ? rest : words, caller);
    }
    const target = input.id ?? (input.text === undefined ? caller.goalId : null);
    if (target !== null)
      return words.text === '' && words.budgetMicros === null ? showOne(deps, target) : addToGoal(deps, target, words, caller);
    return acceptGoal(deps, words, caller);
  },
});

async function showOne(deps: Deps, id: number): Promise<Card> {
  const found = await findGoal(deps.db, id);
  if (found === undefined) throw new NotFound(`There is no goal ${id}.`);
  return goalCard(found, await listTasksOfGoal(deps.db, found.id), await readGoalUse(deps.db, found.id, found.mode));
}
