// approve: say yes to a request, for less or for some of its items too.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { amountField, idField } from '../src/chat/fields.ts';
import { decideApproval } from '../src/flows/decide-approval.ts';

export const approve = defineCommand({
  name: 'approve',
  summary: 'approve a request, all of it, some items, or for less',
  role: 'approver',
  input: z.object({
    id: idField('a request'),
    amount: amountField('the amount, typed to confirm it, or a lower one').optional(),
    only: z
      .string()
      .regex(/^\s*#?\d+(\s*,\s*#?\d+)*\s*$/, 'is a list of call numbers like 12,13')
      .transform((text) => text.split(',').map((part) => Number(part.replace('#', '').trim())))
      .describe('only these calls, like 12,13')
      .optional(),
  }),
  positional: 'id',
  examples: ['approve 17', 'approve 17 amount:30', 'approve 17 only:41,42'],
  run: ({ input, caller, deps }) =>
    decideApproval(deps, input.id, { kind: 'approve', amountMicros: input.amount ?? null, only: input.only ?? null }, caller),
});
