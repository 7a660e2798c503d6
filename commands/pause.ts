// pause: the kill switch.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { wordsField } from '../src/chat/fields.ts';
import { pause as pauseEverything } from '../src/flows/pause.ts';

export const pause = defineCommand({
  name: 'pause',
  summary: 'stop all work, in every process, until resume',
  role: 'operator',
  input: z.object({ reason: wordsField('why', 500).optional() }),
  positional: 'reason',
  examples: ['pause', 'pause something looks wrong'],
  run: ({ input, caller, deps }) => pauseEverything(deps, caller, input.reason ?? null),
});
