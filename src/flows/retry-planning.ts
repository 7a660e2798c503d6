// Planning that failed because a service was away: the goal stays in planning as a row, and the clock tries again; then it fails honestly.
import { Upstream } from '../core/errors.ts';
import { inTransaction } from '../db/database.ts';
import { type Goal, noteFailedPlanning } from '../domain/goals/goal-store.ts';
import type { Deps } from './deps.ts';
import { showGoal } from './show.ts';

const MAX_ATTEMPTS = 3;

/** @returns false when trying again cannot help, or has been tried often enough. */
export async function retryPlanningLater(deps: Deps, goal: Goal, error: unknown): Promise<boolean> {
  if (!(error instanceof Upstream) || !error.retryable || goal.attempt + 1 >= MAX_ATTEMPTS) return false;
  await inTransaction(deps.db, async (trx) => {
    const noted = await noteFailedPlanning(trx, goal, `No plan yet: ${error.reply} It is tried again in a few minutes.`);
    if (noted !== undefined) await showGoal(trx, goal.id);
  });
  return true;
}
