// The end of a day asks for its review: one task, and none on a day without anything to look at.
import type { Trx } from '../../db/database.ts';
import { wake } from '../../db/wake.ts';
import { MOST_WAITING } from '../../domain/experiments/portfolio.ts';
import { readDue } from '../../domain/experiments/review-store.ts';
import { addPolicyTask, isPolicyUnderWay } from '../../domain/tasks/policy-task-store.ts';
import type { Deps } from '../deps.ts';
import { readStandingBudget } from '../standing-budget.ts';
import { readToday } from './read-portfolio.ts';
import { ensureStandingGoal } from './standing-goal.ts';

/** Harmless to repeat: the day is in the task's key, and one that has not begun yet reviews the newest day. */
export async function scheduleReview(deps: Pick<Deps, 'mode' | 'config' | 'clock'>, trx: Trx): Promise<void> {
  const { mode } = deps;
  const due = await readDue(trx, mode);
  if (due.active === 0 && (due.waiting >= MOST_WAITING || !due.open)) return;
  const { amountMicros } = await readStandingBudget(deps, trx);
  if (due.active === 0 && amountMicros === 0n) return;
  const standing = await ensureStandingGoal(trx, mode);
  if (standing.goal.status !== 'running' || standing.goal.held_at !== null) return;
  if (await isPolicyUnderWay(trx, standing.goal.id, 'review')) return;
  const today = await readToday(deps, trx);
  const task = await addPolicyTask(trx, {
    mode,
    goalId: standing.goal.id,
    planId: standing.planId,
    key: `review_${today}`,
    policy: 'review',
    input: { day: today },
    experimentId: null,
    title: `Review of day ${today}`,
    why: 'Each day what runs is read, judged by its contract, and given its part of the money.',
    mostMicros: amountMicros,
  });
  if (task !== null) await wake(trx, { job: 'work' });
}
