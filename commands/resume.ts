// resume: work again after a pause; or go on with one goal that is held.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField } from '../src/chat/fields.ts';
import { goAhead } from '../src/flows/hold-goal.ts';
import { resume as resumeEverything } from '../src/flows/pause.ts';

export const resume = defineCommand({
  name: 'resume',
  summary: 'work again after pause, or with a goal that is held',
  role: 'operator',
  input: z.object({ goal: idField('a goal that is held').optional() }),
  examples: ['resume', 'resume goal:3'],
  run: ({ input, caller, deps }) => (input.goal === undefined ? resumeEverything(deps, caller) : goAhead(deps, input.goal, caller)),
});
