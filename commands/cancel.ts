// cancel: stop a goal or one of its tasks, running ones too.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField } from '../src/chat/fields.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { cancelGoal, cancelTask } from '../src/flows/cancel-work.ts';

export const cancel = defineCommand({
  name: 'cancel',
  summary: 'stop a goal, or one task',
  role: 'operator',
  input: z.object({ goal: idField('a goal').optional(), task: idField('a task').optional() }),
  examples: ['cancel goal:3', 'cancel task:12'],
  run: async ({ input, caller, deps }) => {
    if (input.task !== undefined) return cancelTask(deps, input.task, caller);
    const goalId = input.goal ?? caller.goalId;
    if (goalId === null) throw new InvalidInput('Say what to cancel: cancel goal:3 or cancel task:12', { goal: 'is missing' });
    return cancelGoal(deps, goalId, caller);
  },
});
