// revenue: profit and loss from the ledger, of everything or of one goal.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField } from '../src/chat/fields.ts';
import { profitAndLossCard } from '../src/chat/views/money-card.ts';
import { readProfitAndLoss } from '../src/domain/money/ledger-store.ts';

export const revenue = defineCommand({
  name: 'revenue',
  summary: 'what came in, what was spent, what is left',
  role: 'viewer',
  input: z.object({ goal: idField('a goal').optional() }),
  examples: ['revenue', 'revenue goal:3'],
  run: async ({ input, deps }) => {
    const filter = input.goal === undefined ? {} : { goalId: input.goal };
    const own = await readProfitAndLoss(deps.db, { mode: deps.mode, ...filter });
    const live = deps.mode === 'live' ? null : await readProfitAndLoss(deps.db, { mode: 'live', ...filter });
    const offers = [...deps.model.offers('plan'), ...deps.model.offers('execute')];
    const unpriced = [...new Set(offers.filter((offer) => offer.price === null).map((offer) => offer.model))];
    return profitAndLossCard({ mode: deps.mode, own, live, goalId: input.goal ?? null, unpriced });
  },
});
