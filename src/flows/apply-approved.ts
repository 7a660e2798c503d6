import type { Trx } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import type { Approval } from '../domain/approvals/approval-store.ts';
import { type Goal, moveGoal } from '../domain/goals/goal-store.ts';
import { findPlan } from '../domain/goals/plan-store.ts';
import { resumeFromApproval } from '../domain/tasks/wake-store.ts';
import { decideCalls, NOT_CHOSEN } from '../domain/tools/asked-call-store.ts';
import { startPlan } from './start-plan.ts';

/** What follows from a yes, whoever gave it: a person or, for what may be approved by silence, the clock. */
export async function applyApproved(
  trx: Trx,
  approval: Approval,
  goal: Goal,
  yes: { only: readonly number[] | null; by: string },
): Promise<void> {
  if (approval.kind === 'plan') {
    const plan = approval.plan_id === null ? undefined : await findPlan(trx, approval.plan_id);
    const running = await moveGoal(trx, goal.id, ['plan_review'], 'running');
    if (plan !== undefined && running !== undefined) await startPlan(trx, running, plan, yes.by);
    return;
  }
  await decideCalls(trx, approval.id, { status: 'approved', error: null, ...(yes.only === null ? {} : { only: yes.only }) });
  if (yes.only !== null) await decideCalls(trx, approval.id, { status: 'denied', error: NOT_CHOSEN });
  if (approval.task_id !== null) {
    await resumeFromApproval(trx, approval.task_id);
    await wake(trx, { job: 'work' });
  }
}
