// revenue: profit and loss from the ledger, of everything or of any slice of it.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { dayField, idField } from '../src/chat/fields.ts';
import { revenueCard } from '../src/chat/views/revenue-card.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { DIMENSIONS, type Slice } from '../src/domain/money/slice-store.ts';
import { readRevenue } from '../src/flows/read-revenue.ts';

const name = (what: string) => z.string().trim().min(1).max(200).describe(what).optional();

export const revenue = defineCommand({
  name: 'revenue',
  summary: 'what came in, what was spent, what is left',
  role: 'viewer',
  input: z.object({
    goal: idField('a goal').optional(),
    experiment: idField('an experiment').optional(),
    offer: name('id of an offer'),
    agent: name('an agent'),
    tool: name('a tool'),
    model: name('a model'),
    customer: name('a customer'),
    from: dayField('first day').optional(),
    to: dayField('last day').optional(),
    mode: z.enum(['practice', 'live']).describe('practice or live money').optional(),
    by: z
      .enum([...DIMENSIONS, 'customer', 'cohort'])
      .describe('break it down; cohort: which customers came back')
      .optional(),
  }),
  examples: [
    'revenue',
    'revenue goal:3',
    'revenue from:2026-11-01 to:2026-11-30 by:day',
    'revenue mode:live by:model',
    'revenue by:experiment',
    'revenue by:cohort',
  ],
  reads: { fields: ['goal', 'experiment', 'offer', 'agent', 'tool', 'model', 'from', 'to', 'mode', 'by'], outside: false },
  run: async ({ input, deps }) => {
    const { goal: goalId, mode = deps.mode, by, ...rest } = input;
    if (rest.from !== undefined && rest.to !== undefined && rest.from > rest.to)
      throw new InvalidInput('The last day lies before the first.', { to: 'is before from' });
    const slice: Slice = { ...rest, mode, goalId };
    const offers = [...deps.model.offers('plan'), ...deps.model.offers('execute')];
    const unpriced = [...new Set(offers.filter((offer) => offer.price === null).map((offer) => offer.model))];
    return revenueCard({ ...(await readRevenue(deps, deps.db, { at: deps.clock.now(), slice, by })), unpriced });
  },
});
