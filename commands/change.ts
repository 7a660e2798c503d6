// change: ask for changes; the agent revises and asks anew.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField, wordsField } from '../src/chat/fields.ts';
import { decideApproval } from '../src/flows/decide-approval.ts';

export const change = defineCommand({
  name: 'change',
  summary: 'ask for changes to a request',
  role: 'approver',
  input: z.object({ id: idField('a request'), note: wordsField('what should be different') }),
  positional: 'id',
  examples: ['change 17 only one launch, with half the money'],
  run: ({ input, caller, deps }) => decideApproval(deps, input.id, { kind: 'change', note: input.note }, caller),
});
