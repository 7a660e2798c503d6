// What the end of a policy's task means for its experiment, and whether a day went by meanwhile. In the transaction that ends the task.
import type { Trx } from '../../db/database.ts';
import { lockExperiment } from '../../domain/experiments/experiment-store.ts';
import type { Task } from '../../domain/tasks/task-store.ts';
import { listCalls } from '../../domain/tools/call-store.ts';
import type { Deps } from '../deps.ts';
import { settleFirstLaunches } from './first-launches.ts';
import { readToday } from './read-portfolio.ts';
import { scheduleReview } from './schedule-review.ts';
import { stepExperiment } from './settle-experiment.ts';
import { showExperiments } from './show-experiments.ts';

export async function followPolicyTask(deps: Deps, trx: Trx, task: Task): Promise<void> {
  if (task.policy === 'start') await followStart(deps, trx, task);
  if (task.policy === 'review') {
    await settleFirstLaunches(deps, trx);
    // The day ended while this one was still at work: nobody asked for the next review then.
    if ((await readToday(deps, trx)) > ((task.policy_input as { day?: number } | null)?.day ?? 0)) await scheduleReview(deps, trx);
  }
}

/** Still proposed when its request has come to an end: nobody said yes. */
async function followStart(deps: Deps, trx: Trx, task: Task): Promise<void> {
  const experiment = task.experiment_id === null ? undefined : await lockExperiment(trx, task.experiment_id);
  if (experiment === undefined || experiment.state !== 'proposed') return;
  const asked = (await listCalls(trx, task.id)).findLast(({ tool }) => tool === 'start_experiment');
  const how =
    asked === undefined ? (task.stop_reason ?? 'it was not asked for') : `${asked.status}${asked.error === null ? '' : `: ${asked.error}`}`;
  await stepExperiment(deps, trx, experiment, 'decline', {
    reason: `its request was ${how}`.slice(0, 500),
    by: 'policy',
    day: await readToday(deps, trx),
  });
  await showExperiments(deps, trx, [experiment.id]);
}
