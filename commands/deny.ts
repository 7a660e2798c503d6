// deny: say no to a request, with the reason the agent will read.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField, wordsField } from '../src/chat/fields.ts';
import { decideApproval } from '../src/flows/decide-approval.ts';

export const deny = defineCommand({
  name: 'deny',
  summary: 'deny a request and say why',
  role: 'approver',
  input: z.object({ id: idField('a request'), reason: wordsField('why not; the agent reads it') }),
  positional: 'id',
  examples: ['deny 17 too expensive'],
  run: ({ input, caller, deps }) => decideApproval(deps, input.id, { kind: 'deny', reason: input.reason }, caller),
});
