// grants: standing permissions, with what is left of them.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { grantsCard } from '../src/chat/views/grants-card.ts';
import { listGrants } from '../src/domain/approvals/grant-store.ts';

export const grants = defineCommand({
  name: 'grants',
  summary: 'list standing permissions',
  role: 'approver',
  input: z.object({}),
  examples: ['grants'],
  reads: { fields: [], outside: false },
  run: async ({ deps }) => grantsCard(await listGrants(deps.db, deps.mode), deps.clock.now()),
});
