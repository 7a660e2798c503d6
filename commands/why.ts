// why: the story of a goal, a task, a request or an experiment, in plain words with links.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField } from '../src/chat/fields.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { explain, type Subject } from '../src/flows/explain.ts';

export const why = defineCommand({
  name: 'why',
  summary: 'explain what was decided about a goal, task, request or experiment',
  role: 'viewer',
  input: z.object({
    goal: idField('a goal').optional(),
    task: idField('a task').optional(),
    approval: idField('a request').optional(),
    experiment: idField('an experiment').optional(),
  }),
  examples: ['why goal:3', 'why task:12', 'why approval:17', 'why experiment:4'],
  reads: { fields: ['goal', 'task', 'approval', 'experiment'], outside: true },
  run: async ({ input, caller, deps }) => explain(deps, pick(input, caller.goalId)),
});

function pick(input: Partial<Record<Subject['kind'], number | undefined>>, thread: number | null): Subject {
  for (const kind of ['experiment', 'approval', 'task', 'goal'] as const) {
    const id = input[kind];
    if (id !== undefined) return { kind, id };
  }
  if (thread === null) throw new InvalidInput('Say about what: why goal:3, why task:12, why approval:17', { goal: 'is missing' });
  return { kind: 'goal', id: thread };
}
