// How the experiments stand, in counts and one by one, for the reports.
import type { ExperimentFigures } from '../../chat/views/experiment-words.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { listExperimentMoney } from '../../domain/experiments/experiment-money-store.ts';
import { listOpen } from '../../domain/experiments/experiment-store.ts';
import { countEnds } from '../../domain/experiments/history-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';

/** As many lines as a card has room for beside its figures. */
const MOST_LINES = 10;

/** @param endedSince those that ended before are in the counts only */
export async function readExperimentFigures(db: DatabaseOrTrx, mode: Mode, endedSince: Date): Promise<ExperimentFigures> {
  const open = await listOpen(db, mode);
  const count = (...states: string[]): number => open.filter(({ state }) => states.includes(state)).length;
  return {
    waiting: count('draft', 'proposed'),
    running: count('approved', 'running'),
    measuring: count('measuring'),
    held: open.filter(({ held_at: heldAt }) => heldAt !== null).length,
    ends: await countEnds(db, mode),
    newest: await listExperimentMoney(db, mode, { endedSince, limit: MOST_LINES }),
  };
}
