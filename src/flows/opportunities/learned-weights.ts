// The weights of a score's parts as our own finished experiments have them, and which lessons moved each.
import type { DatabaseOrTrx } from '../../db/database.ts';
import { listPatterns } from '../../domain/learning/lesson-store.ts';
import { timesOf } from '../../domain/learning/part-weights.ts';
import { DEFAULT_WEIGHTS, PARTS, type Part, type Weights } from '../../domain/opportunities/score.ts';
import type { Mode } from '../../domain/tools/tool.ts';

/** The dimension under which lessons of weights are kept. */
export const SCORE_PART = 'score part';
/** A weight is moved noticeably from a tenth up or down. */
const NOTICEABLE = 0.1;

export interface LearnedWeights {
  weights: Weights;
  /** For the notes of parts: the lesson that moved its weight noticeably. */
  notes: ReadonlyMap<Part, string>;
  /** The lessons behind the notes. */
  lessonIds: number[];
}

export async function readLearnedWeights(db: DatabaseOrTrx, mode: Mode): Promise<LearnedWeights> {
  const rows = await listPatterns(db, mode, SCORE_PART);
  const weights: Record<Part, number> = { ...DEFAULT_WEIGHTS };
  const notes = new Map<Part, string>();
  const lessonIds: number[] = [];
  for (const row of rows) {
    const part = PARTS.find((name) => name === row.value);
    if (part === undefined) continue;
    const times = timesOf(row.effect);
    weights[part] = DEFAULT_WEIGHTS[part] * times;
    if (Math.abs(Math.log(times)) < NOTICEABLE) continue;
    notes.set(part, `lesson ${row.id} weighs it ${times.toFixed(2)} times`);
    lessonIds.push(row.id);
  }
  return { weights, notes, lessonIds };
}
