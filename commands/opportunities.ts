// opportunities: the board, best first; one of them with why it stands where it stands; refuse one, or open it again.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField, wordsField } from '../src/chat/fields.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { changeOpportunity, drawBoard, drawOpportunity } from '../src/flows/opportunities/change-opportunity.ts';

export const opportunities = defineCommand({
  name: 'opportunities',
  summary: 'what could be sold, best first, and why each stands where it stands',
  role: (input) => (input.refuse === undefined && input.reopen !== true ? 'viewer' : 'operator'),
  input: z.object({
    id: idField('an opportunity').optional(),
    status: z.enum(['open', 'taken', 'closed', 'refused', 'merged']).describe('which to list').optional(),
    refuse: wordsField('refuse it: why', 500).optional(),
    reopen: z.boolean().describe('true: open it again').optional(),
  }),
  positional: 'id',
  examples: ['opportunities', 'opportunities 12', 'opportunities status:refused', 'opportunities 12 refuse:unsuitable'],
  reads: { fields: ['id', 'status'], outside: true },
  run: async ({ input, caller, deps }) => {
    const { id, status, refuse, reopen } = input;
    const isChange = refuse !== undefined || reopen === true;
    if (id === undefined) {
      if (isChange) throw new InvalidInput('Which one? Like: opportunities 12 refuse:too dear', { id: 'is missing' });
      return drawBoard(deps, status ?? 'open');
    }
    if (refuse !== undefined && reopen === true)
      throw new InvalidInput('Either refuse or reopen, not both.', { reopen: 'contradicts refuse' });
    if (!isChange) return drawOpportunity(deps, deps.db, id);
    return changeOpportunity(deps, { id, to: refuse === undefined ? 'open' : 'refused', reason: refuse ?? null }, caller);
  },
});
