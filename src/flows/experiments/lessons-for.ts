// The lessons that a decision of a model is told, kept with the decision as read.
import { type Database, inTransaction } from '../../db/database.ts';
import type { LessonDecision } from '../../db/tables/states.ts';
import { listEffects, noteUses } from '../../domain/learning/lesson-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';

const MOST = 6;
/** Less sure than this is no advice. */
const SURE = 0.75;

export async function lessonsFor(
  db: Database,
  of: { mode: Mode; decision: LessonDecision; subjectKind: string; subjectId: number },
): Promise<{ id: number; text: string }[]> {
  const sure = (await listEffects(db, of.mode)).filter(({ confidence }) => confidence >= SURE);
  const told = sure.toSorted((a, b) => b.confidence - a.confidence).slice(0, MOST);
  if (told.length === 0) return [];
  await inTransaction(db, (trx) =>
    noteUses(
      trx,
      told.map(({ id }) => ({ ...of, lessonId: id, detail: 'told to the planner' })),
    ),
  );
  return told.map(({ id, words }) => ({ id, text: words }));
}
