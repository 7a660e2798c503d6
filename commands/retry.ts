// retry: a dead, failed or cancelled task starts afresh.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField } from '../src/chat/fields.ts';
import { retryTask } from '../src/flows/cancel-work.ts';

export const retry = defineCommand({
  name: 'retry',
  summary: 'start a dead, failed or cancelled task afresh',
  role: 'operator',
  input: z.object({ task: idField('a task') }),
  positional: 'task',
  examples: ['retry 12'],
  run: ({ input, caller, deps }) => retryTask(deps, input.task, caller),
});
