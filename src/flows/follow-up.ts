// Reading that failed because a service is down does not end its goal: the task is skipped, and a follow-up does it later.
import type { Trx } from '../db/database.ts';
import type { TaskKind } from '../domain/brain/plan.ts';
import { recordDecision } from '../domain/decisions/decision-store.ts';
import { addFollowUp } from '../domain/tasks/follow-store.ts';
import type { TaskEnd } from '../domain/tasks/run-store.ts';
import type { Deps } from './deps.ts';
import type { Run } from './run-state.ts';
import { findDownService } from './use-service.ts';

const LATER_MS = 15 * 60_000;
/** Tasks that only read: doing them again later does nothing twice. */
const READS: ReadonlySet<string> = new Set<TaskKind>(['research', 'measure']);

/** The service that a failing run can be followed up for; null when it must end as it ends. */
export function findFollowable(deps: Deps, run: Run, end: TaskEnd): string | null {
  if ((end.status !== 'failed' && end.status !== 'dead') || !READS.has(run.task.kind)) return null;
  return findDownService(deps, run.calls);
}

/** In the transaction of the task's end. @returns how it ends instead, or null when it follows another itself */
export async function skipForLater(deps: Deps, trx: Trx, run: Run, end: TaskEnd, service: string): Promise<TaskEnd | null> {
  const later = await addFollowUp(trx, run.task.id, LATER_MS);
  if (later === null) return null;
  const stopReason = `skipped: ${service} is down; task ${later} does it in ${LATER_MS / 60_000} minutes`;
  await recordDecision(trx, {
    ...{ mode: run.task.mode, kind: 'recovery', subjectKind: 'task', subjectId: run.task.id, goalId: run.goal.id, actor: 'recovery' },
    ...{
      choice: `skip it, with task ${later} to follow`,
      alternatives: [{ choice: 'fail the goal', why: 'nothing but the service is at fault' }],
    },
    ...{ inputs: { service, ended: end.stopReason, calls: run.calls.length }, confidence: null },
    reason: `${service} does not answer, and reading again later does nothing twice. The rest of the plan goes on.`,
  });
  deps.metrics.brain.failed('tool_error', 'skip');
  return { status: 'cancelled', summary: null, error: end.error, stopReason };
}
