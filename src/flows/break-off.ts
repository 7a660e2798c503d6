// A run that broke off: handed back as it is when we stop or pause, one attempt poorer after a failure, dead when none is left.
import { storableText } from '../core/canonical-json.ts';
import { LimitExceeded, Upstream } from '../core/errors.ts';
import { redactText } from '../core/redact.ts';
import { inTransaction, isDatabaseTrouble } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { kindOfFailure } from '../domain/brain/failure.ts';
import { retryDelayMs } from '../domain/tasks/retry.ts';
import { handBack } from '../domain/tasks/run-store.ts';
import { carryConversation } from '../domain/tools/call-store.ts';
import type { Deps } from './deps.ts';
import { closeTask } from './end-task.ts';
import type { Run } from './run-state.ts';
import { showGoal } from './show.ts';

const LONGEST_REASON = 2_000;
const DATABASE_PAUSE_MS = 1_000;
/** After six hours of coming back as told, the attempts count. */
const LONGEST_PATIENCE_MS = 6 * 3_600_000;

export async function breakOff(deps: Deps, run: Run, error: unknown): Promise<void> {
  const reason = run.signal.aborted ? String(run.signal.reason) : null;
  switch (reason) {
    case 'lost':
      return;
    case 'paused':
    case 'stopping':
      return handOn(deps, run, 0);
    case 'cancelled':
      return closeTask(deps, run, { status: 'cancelled', summary: null, error: null, stopReason: 'cancelled by a person' });
    default:
      // Our own database was away or busy: nobody's failure, and what was begun outside is still to be looked up.
      if (isDatabaseTrouble(error)) return handOn(deps, run, DATABASE_PAUSE_MS);
      return countFailure(deps, run, error, redactText(storableText(reason ?? wordsOf(error))).slice(0, LONGEST_REASON));
  }
}

/** As it is, for any process. */
async function handOn(deps: Deps, run: Run, delayMs: number): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if (await handBack(trx, run.lease, { delayMs, newAttempt: false, error: null })) await wake(trx, { job: 'work' });
  });
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

/** A new attempt forgets its words, never its deeds: what was done, or may have been, must not be asked for again. */
const hasActed = (run: Run): boolean =>
  run.calls.some((call) => call.touches !== 'nothing' && ['approved', 'executing', 'done', 'unknown'].includes(call.status));

/**
 * A service that said when to come back is waited for: that is no attempt. Each wait is at least a quarter of all the waiting before it,
 * so that one which always says "soon" is not asked for ever.
 * @returns null when it said nothing, or has been waited for long enough.
 */
function patienceMs(deps: Deps, run: Run, error: unknown): number | null {
  if (run.signal.aborted || !(error instanceof Upstream) || !error.retryable || error.retryAfterMs === null) return null;
  const waitedMs = run.task.patient_since === null ? 0 : deps.clock.now().getTime() - run.task.patient_since.getTime();
  if (waitedMs > LONGEST_PATIENCE_MS) return null;
  return Math.max(error.retryAfterMs, waitedMs / 4, retryDelayMs(1, deps.random));
}

async function countFailure(deps: Deps, run: Run, error: unknown, why: string): Promise<void> {
  if (!(error instanceof Upstream)) deps.log.error({ err: error, taskId: run.task.id }, 'a run broke off');
  const failureKind = run.signal.aborted ? 'timeout' : kindOfFailure(error);
  const delayMs = patienceMs(deps, run, error);
  if (delayMs !== null) {
    deps.metrics.brain.failed(failureKind, 'wait');
    await inTransaction(deps.db, async (trx) => {
      if (await handBack(trx, run.lease, { delayMs, newAttempt: false, error: why, patient: true, failureKind }))
        await showGoal(trx, run.goal.id);
    });
    return;
  }
  if (isFinal(run, error)) {
    deps.metrics.brain.failed(failureKind, 'fail_fast');
    deps.metrics.brain.overcome(failureKind, false);
    const attempts = `${run.task.attempt} attempt${run.task.attempt === 1 ? '' : 's'}`;
    return closeTask(deps, run, { status: 'dead', summary: null, error: why, stopReason: `dead after ${attempts}: ${why}` });
  }
  deps.metrics.brain.failed(failureKind, 'back_off');
  const wanted = error instanceof Upstream ? (error.retryAfterMs ?? 0) : 0;
  const pauseMs = Math.max(wanted, retryDelayMs(run.task.attempt, deps.random));
  await inTransaction(deps.db, async (trx) => {
    if (!(await handBack(trx, run.lease, { delayMs: pauseMs, newAttempt: true, error: why, failureKind }))) return;
    if (hasActed(run)) await carryConversation(trx, run.task);
    await showGoal(trx, run.goal.id);
  });
}
