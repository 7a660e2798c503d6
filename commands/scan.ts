// scan: look for opportunities now.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { scanNow } from '../src/flows/opportunities/start-scan.ts';

export const scan = defineCommand({
  name: 'scan',
  summary: 'look for opportunities now',
  role: 'operator',
  input: z.object({}),
  examples: ['scan'],
  run: ({ caller, deps }) => scanNow(deps, caller),
});
