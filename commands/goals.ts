// goals: the latest goals and where they stand.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { plainLine } from '../src/chat/escape.ts';
import { exampleButtons } from '../src/chat/views/draft-card.ts';
import { formatUsd } from '../src/core/money.ts';
import { listGoals } from '../src/domain/goals/goal-store.ts';

export const goals = defineCommand({
  name: 'goals',
  summary: 'list the goals and where they stand',
  role: 'viewer',
  input: z.object({}),
  examples: ['goals'],
  reads: { fields: [], outside: true },
  run: async ({ deps }) => {
    const rows = await listGoals(deps.db, deps.mode, 25);
    if (rows.length === 0)
      return {
        title: 'No goals yet',
        tone: 'muted',
        text: 'Give one: goal Earn the first practice dollar budget:60',
        buttons: exampleButtons(),
      };
    return {
      title: 'Goals',
      tone: 'info',
      table: {
        columns: ['Goal', 'What', 'State', 'Budget'],
        rows: rows.map((row) => [String(row.id), plainLine(row.title, 100), row.status.replace('_', ' '), formatUsd(row.budget_micros)]),
      },
    };
  },
});
