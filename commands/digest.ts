// digest: today's digest as it would be posted now.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { readDigest } from '../src/flows/read-digest.ts';

export const digest = defineCommand({
  name: 'digest',
  summary: "today's digest now: money, caps, what needs somebody",
  role: 'viewer',
  input: z.object({}),
  examples: ['digest'],
  reads: { fields: [], outside: false },
  run: ({ deps }) => readDigest(deps, deps.db, deps.clock.now()),
});
