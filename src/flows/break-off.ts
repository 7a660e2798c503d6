// A run that broke off: handed back as it is when we stop or pause, one attempt poorer after a failure, dead when none is left.
import { storableText } from '../core/canonical-json.ts';
import { LimitExceeded, Upstream } from '../core/errors.ts';
import { redactText } from '../core/redact.ts';
import { inTransaction } from '../db/database.ts';
import { retryDelayMs } from '../domain/tasks/retry.ts';
import { handBack } from '../domain/tasks/run-store.ts';
import type { Deps } from './deps.ts';
import { closeTask } from './end-task.ts';
import type { Run } from './run-state.ts';
import { showGoal } from './show.ts';

const LONGEST_REASON = 2_000;

export async function breakOff(deps: Deps, run: Run, error: unknown): Promise<void> {
  const reason = run.signal.aborted ? String(run.signal.reason) : null;
  switch (reason) {
    case 'lost':
      return;
    case 'paused':
    case 'stopping':
      await handBack(deps.db, run.lease, { delayMs: 0, newAttempt: false, error: null });
      return;
    case 'cancelled':
      return closeTask(deps, run, { status: 'cancelled', summary: null, error: null, stopReason: 'cancelled by a person' });
    default:
      return countFailure(deps, run, error, redactText(storableText(reason ?? wordsOf(error))).slice(0, LONGEST_REASON));
  }
}

const wordsOf = (error: unknown): string =>
  error instanceof Upstream || error instanceof LimitExceeded
    ? error.reply
    : `unexpected: ${error instanceof Error ? error.message : String(error)}`;

/** What trying again cannot help: a cap, a refusal, no attempts left. */
function isFinal(run: Run, error: unknown): boolean {
  if (run.task.attempt >= run.task.max_attempts || error instanceof LimitExceeded) return true;
  return error instanceof Upstream && !error.retryable && !run.signal.aborted;
}

async function countFailure(deps: Deps, run: Run, error: unknown, why: string): Promise<void> {
  if (!(error instanceof Upstream)) deps.log.error({ err: error, taskId: run.task.id }, 'a run broke off');
  if (isFinal(run, error)) {
    const attempts = `${run.task.attempt} attempt${run.task.attempt === 1 ? '' : 's'}`;
    return closeTask(deps, run, { status: 'dead', summary: null, error: why, stopReason: `dead after ${attempts}: ${why}` });
  }
  const wanted = error instanceof Upstream ? (error.retryAfterMs ?? 0) : 0;
  await inTransaction(deps.db, async (trx) => {
    await handBack(trx, run.lease, {
      delayMs: Math.max(wanted, retryDelayMs(run.task.attempt, deps.random)),
      newAttempt: true,
      error: why,
    });
    await showGoal(trx, run.goal.id);
  });
}
