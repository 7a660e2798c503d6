// forecast: what the next 14 days may bring and cost, with ranges.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { forecastCard } from '../src/chat/views/forecast-card.ts';
import { forecastMoney, forecastRunway } from '../src/flows/forecast-money.ts';

export const forecast = defineCommand({
  name: 'forecast',
  summary: 'what the next 14 days may bring and cost, with ranges',
  role: 'viewer',
  input: z.object({}),
  examples: ['forecast'],
  reads: { fields: [], outside: false },
  run: async ({ deps }) => {
    const outlook = await forecastMoney(deps, deps.db, deps.clock.now());
    return forecastCard(outlook, await forecastRunway(deps, deps.db, outlook));
  },
});
