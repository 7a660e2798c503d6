// experiments: the portfolio at a glance.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { readExperimentsCard } from '../src/flows/experiments/read-experiments-card.ts';

export const experiments = defineCommand({
  name: 'experiments',
  summary: 'what is being tried, what it costs and brings, and how earlier ones ended',
  role: 'viewer',
  input: z.object({}),
  examples: ['experiments'],
  reads: { fields: [], outside: true },
  run: ({ deps }) => readExperimentsCard(deps),
});
