// Cancel a goal or a task, retry a task: what runs is told to stop, what waits is closed, what depends on it is said.

import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { Conflict, NotFound } from '../core/errors.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { cancelPending } from '../domain/approvals/approval-store.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { findGoal, lockGoal, moveGoal } from '../domain/goals/goal-store.ts';
import { cancelTasks, findTask, restartTask } from '../domain/tasks/task-store.ts';
import { tellStops } from '../domain/tasks/wake-store.ts';
import { decideCalls } from '../domain/tools/asked-call-store.ts';
import type { Deps } from './deps.ts';
import { settleGoal } from './end-task.ts';
import { showApproval, showGoal, showResult } from './show.ts';

/** @throws Conflict when there is nothing left to cancel. */
export async function cancelGoal(deps: Deps, goalId: number, caller: Caller): Promise<Card> {
  const goal = await findGoal(deps.db, goalId);
  if (goal?.standing === true)
    throw new Conflict(
      `Goal ${goalId} is the standing one and does not end. A standing budget of 0 lets nothing new begin, /pause stops everything.`,
    );
  const card = await endGoal(deps, goalId, { to: 'cancelled', reason: `cancelled by ${caller.platformId}`, by: caller.platformId });
  if (card === undefined) throw new Conflict(`Goal ${goalId} does not exist or has ended.`);
  return card;
}

/** Ends a goal with all that hangs on it: requests, tasks, running ones too. Undefined when it had ended before. */
export async function endGoal(
  deps: Deps,
  goalId: number,
  end: { to: 'cancelled' | 'failed'; reason: string; by: string },
): Promise<Card | undefined> {
  return inTransaction(deps.db, async (trx) => {
    await closeRequests(trx, { goalId }, end.reason);
    const goal = await moveGoal(trx, goalId, ['draft', 'planning', 'question', 'plan_review', 'running'], end.to, {
      stop_reason: end.reason,
    });
    if (goal === undefined) throw new Conflict(`Goal ${goalId} does not exist or has ended.`);
    const tasks = await cancelTasks(trx, { goalId }, end.reason);
    const detail = { reason: end.reason, tasks: tasks.map((task) => task.id) };
    await recordAudit(trx, [{ mode: goal.mode, actor: end.by, action: `goal.${end.to}`, subjectKind: 'goal', subjectId: goalId, detail }]);
    await tellStops(trx);
    await showResult(trx, goal);
    return showGoal(trx, goalId);
  });
}

export async function cancelTask(deps: Deps, taskId: number, caller: Caller): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const task = await findTask(trx, taskId);
    if (task === undefined) throw new NotFound(`There is no task ${taskId}.`);
    const reason = `cancelled by ${caller.platformId}`;
    await closeRequests(trx, { taskId }, reason);
    const goal = await lockGoal(trx, task.goal_id);
    const cancelled = await cancelTasks(trx, { taskId }, reason);
    if (cancelled.length === 0) throw new Conflict(`Task ${taskId} has ended already: ${task.status}.`);
    await recordAudit(trx, [
      { mode: task.mode, actor: caller.platformId, action: 'task.cancelled', subjectKind: 'task', subjectId: taskId, detail: {} },
    ]);
    await tellStops(trx);
    // A running task ends by itself and settles its goal then.
    if (goal !== undefined && cancelled[0]?.status === 'cancelled') await settleGoal(trx, goal);
    return showGoal(trx, task.goal_id);
  });
}

/** A dead, failed or cancelled task starts afresh, and its goal with it. */
export async function retryTask(deps: Deps, taskId: number, caller: Caller): Promise<Card> {
  return inTransaction(deps.db, async (trx) => {
    const found = await findTask(trx, taskId);
    if (found === undefined) throw new NotFound(`There is no task ${taskId}.`);
    await lockGoal(trx, found.goal_id);
    const task = await restartTask(trx, taskId);
    if (task === undefined) throw new Conflict(`Task ${taskId} is ${found.status}; only dead, failed and cancelled tasks can be retried.`);
    await moveGoal(trx, task.goal_id, ['failed', 'cancelled'], 'running', { stop_reason: null });
    await recordAudit(trx, [
      {
        mode: task.mode,
        actor: caller.platformId,
        action: 'task.retried',
        subjectKind: 'task',
        subjectId: taskId,
        detail: { attempt: task.attempt },
      },
    ]);
    await wake(trx, { job: 'work' });
    return showGoal(trx, task.goal_id);
  });
}

async function closeRequests(trx: Trx, which: { goalId: number } | { taskId: number }, reason: string): Promise<void> {
  for (const approval of await cancelPending(trx, which, reason)) {
    await decideCalls(trx, approval.id, { status: 'cancelled', error: reason });
    await showApproval(trx, approval);
  }
}
