// Planning that failed because a service was away: the goal stays in planning as a row, and the clock tries again; then it fails honestly.
import { Upstream } from '../core/errors.ts';
import { inTransaction } from '../db/database.ts';
import { isTold, kindOfFailure } from '../domain/brain/failure.ts';
import { deferPlanning, type Goal, noteFailedPlanning } from '../domain/goals/goal-store.ts';
import { retryDelayMs } from '../domain/tasks/retry.ts';
import type { Deps } from './deps.ts';
import { showGoal } from './show.ts';

const MAX_ATTEMPTS = 3;
/** After six hours of coming back as told, the attempts count. */
const LONGEST_PATIENCE_MS = 6 * 3_600_000;

/** @returns false when trying again cannot help, or has been tried often enough. */
export async function retryPlanningLater(deps: Deps, goal: Goal, error: unknown): Promise<boolean> {
  if (!(error instanceof Upstream) || !error.retryable) return false;
  const kind = kindOfFailure(error);
  const delayMs = patienceMs(deps, goal, error);
  if (delayMs === null && goal.attempt + 1 >= MAX_ATTEMPTS) {
    deps.metrics.brain.failed(kind, 'fail_fast');
    deps.metrics.brain.overcome(kind, false);
    return false;
  }
  deps.metrics.brain.failed(kind, delayMs === null ? 'back_off' : 'wait');
  await inTransaction(deps.db, async (trx) => {
    const noted =
      delayMs === null
        ? (await noteFailedPlanning(trx, goal, `No plan yet: ${error.reply} It is tried again in a few minutes.`)) !== undefined
        : await deferPlanning(trx, goal.id, { delayMs, why: `No plan yet: ${error.reply} It is tried again ${whenWords(delayMs)}.` });
    if (noted) await showGoal(trx, goal.id);
  });
  return true;
}

/** Who says when to come back is waited for: that is no attempt. Each wait is at least a quarter of all the waiting before it. */
function patienceMs(deps: Deps, goal: Goal, error: Upstream): number | null {
  const { retryAfterMs } = error;
  if (retryAfterMs === null || !isTold(error)) return null;
  const waitedMs = goal.patient_since === null ? 0 : deps.clock.now().getTime() - goal.patient_since.getTime();
  return waitedMs > LONGEST_PATIENCE_MS ? null : Math.max(retryAfterMs, waitedMs / 4, retryDelayMs(1, deps.random));
}

const whenWords = (ms: number): string => (ms < 90_000 ? `in ${Math.ceil(ms / 1000)} s` : `in ${Math.ceil(ms / 60_000)} minutes`);
