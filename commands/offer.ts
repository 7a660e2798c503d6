// offer: what sells through a payment link; an approver stops it, or sells it again.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField } from '../src/chat/fields.ts';
import { linkCard, linksCard } from '../src/chat/views/payment-cards.ts';
import { InvalidInput, NotFound } from '../src/core/errors.ts';
import { listPaymentLinks } from '../src/domain/offers/payment-link-store.ts';
import { changeLink } from '../src/flows/set-link.ts';

const MOST_LISTED = 50;

export const offer = defineCommand({
  name: 'offer',
  summary: 'what sells through a payment link; stop it or sell it again',
  role: (input) => (input.sell === undefined ? 'viewer' : 'approver'),
  input: z.object({
    id: idField('an offer').optional(),
    sell: z.enum(['yes', 'no']).describe('no stops it, yes sells it again').optional(),
  }),
  positional: 'id',
  examples: ['offer', 'offer 7', 'offer 7 sell:no'],
  run: async ({ input, caller, deps }) => {
    const { id, sell } = input;
    if (sell !== undefined) {
      if (id === undefined) throw new InvalidInput('Say which offer: offer 7 sell:no', { id: 'is missing' });
      await changeLink(deps, id, sell === 'yes', caller.platformId);
    }
    const links = await listPaymentLinks(deps.db, deps.mode, MOST_LISTED);
    if (id === undefined) return linksCard(links);
    const link = links.find((one) => one.launch_id === id);
    if (link === undefined) throw new NotFound(`There is no offer ${id} with a payment link.`);
    return linkCard(link, link.goal_id);
  },
});
