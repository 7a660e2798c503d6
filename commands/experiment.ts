// experiment: one experiment with its contract, figures and verdict; an operator stops it or lets a held one go on.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField } from '../src/chat/fields.ts';
import { drawExperiment } from '../src/flows/experiments/show-experiments.ts';
import { continueExperiment, stopExperiment } from '../src/flows/experiments/stop-experiment.ts';

export const experiment = defineCommand({
  name: 'experiment',
  summary: 'one experiment: contract, figures, verdict; stop it or let it go on',
  role: (input) => (input.act === undefined ? 'viewer' : 'operator'),
  input: z.object({
    id: idField('an experiment'),
    act: z.enum(['stop', 'continue']).describe('stop it and undo what can be undone, or let a held one go on').optional(),
  }),
  positional: 'id',
  examples: ['experiment 3', 'experiment 3 act:stop'],
  reads: { fields: ['id'], outside: true },
  run: async ({ input, caller, deps }) => {
    if (input.act === 'stop') return stopExperiment(deps, input.id, caller);
    if (input.act === 'continue') return continueExperiment(deps, input.id, caller);
    return (await drawExperiment(deps, deps.db, input.id)).card;
  },
});
