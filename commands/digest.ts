// digest: today's digest, or the last week's report, as it would be posted now.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { readDigest } from '../src/flows/read-digest.ts';
import { readWeekly } from '../src/flows/read-weekly.ts';

export const digest = defineCommand({
  name: 'digest',
  summary: "today's digest or the week's report now: money, caps, what needs somebody",
  role: 'viewer',
  input: z.object({ of: z.enum(['day', 'week']).describe('the day, or the last whole week').optional() }),
  examples: ['digest', 'digest of:week'],
  reads: { fields: ['of'], outside: false },
  run: ({ input, deps }) => (input.of === 'week' ? readWeekly : readDigest)(deps, deps.db, deps.clock.now()),
});
