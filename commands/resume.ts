// resume: work again after a pause.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { resume as resumeEverything } from '../src/flows/pause.ts';

export const resume = defineCommand({
  name: 'resume',
  summary: 'work again after pause',
  role: 'operator',
  input: z.object({}),
  examples: ['resume'],
  run: ({ caller, deps }) => resumeEverything(deps, caller),
});
