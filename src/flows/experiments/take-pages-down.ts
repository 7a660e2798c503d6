// Pages whose experiment needs them no longer are taken down, each by a task of its own with its receipt.
import type { Trx } from '../../db/database.ts';
import { wake } from '../../db/wake.ts';
import { type PagesDue, readPagesDue } from '../../domain/experiments/page-result-store.ts';
import { findStandingGoal } from '../../domain/goals/standing-goal-store.ts';
import { addPolicyTask } from '../../domain/tasks/policy-task-store.ts';
import type { Deps } from '../deps.ts';
import { calendarDay } from './read-portfolio.ts';

/** Harmless to repeat: what is taken down is in the task's key. */
export async function takePagesDown(deps: Pick<Deps, 'mode' | 'clock' | 'config'>, trx: Trx): Promise<void> {
  const { left } = await readPagesDue(trx, deps.mode, calendarDay(deps));
  const standing = left.length === 0 ? null : await findStandingGoal(trx, deps.mode);
  if (standing === null) return;
  for (const one of left) await takeDown(deps, trx, standing, one);
  await wake(trx, { job: 'work' });
}

async function takeDown(
  { mode }: Pick<Deps, 'mode'>,
  trx: Trx,
  standing: NonNullable<Awaited<ReturnType<typeof findStandingGoal>>>,
  { experimentId, slug, variant, launchId }: PagesDue['left'][number],
): Promise<void> {
  await addPolicyTask(trx, {
    mode,
    goalId: standing.goal.id,
    planId: standing.planId,
    key: `retire_${experimentId}_${launchId}`,
    policy: 'rollback',
    input:
      variant === null
        ? { page: { slug, why: `Experiment ${experimentId} sells nothing more.` } }
        : { page: { slug, variant, why: `Other variants of experiment ${experimentId} earn more.` } },
    experimentId,
    title: `Take down ${variant === null ? 'the page' : `variant ${variant}`} of experiment ${experimentId}`,
    why: `Its contract says so: the ${variant === null ? 'page' : 'variant'} is taken down and its payment link ends.`,
    mostMicros: 0n,
  });
}
