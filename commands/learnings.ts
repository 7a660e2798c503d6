// learnings: what experiments have taught, how sure that is, and who read it.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { learningsCard } from '../src/chat/views/learnings-card.ts';
import { listLessons, readLearningFigures } from '../src/domain/learning/lesson-store.ts';

const SHOWN = 40;

export const learnings = defineCommand({
  name: 'learnings',
  summary: 'what experiments have taught: effects, failed assumptions, how often they foretold rightly',
  role: 'viewer',
  input: z.object({}),
  examples: ['learnings'],
  reads: { fields: [], outside: true },
  run: async ({ deps }) =>
    learningsCard({ lessons: await listLessons(deps.db, deps.mode, SHOWN), figures: await readLearningFigures(deps.db, deps.mode) }),
});
