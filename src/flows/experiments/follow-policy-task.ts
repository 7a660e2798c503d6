// What the end of a policy's task means for its experiment, and whether a day went by meanwhile. In the transaction that ends the task.
import type { Trx } from '../../db/database.ts';
import type { Contract } from '../../domain/experiments/contract.ts';
import { type Experiment, listVariants, lockExperiment, stopVariants } from '../../domain/experiments/experiment-store.ts';
import type { Task } from '../../domain/tasks/task-store.ts';
import { listCalls, type ToolCall } from '../../domain/tools/call-store.ts';
import type { Deps } from '../deps.ts';
import { settleFirstLaunches } from './first-launches.ts';
import { calendarDay, readDayOf, readToday } from './read-portfolio.ts';
import { scheduleReview } from './schedule-review.ts';
import { stepExperiment } from './settle-experiment.ts';
import { showExperiments } from './show-experiments.ts';

export async function followPolicyTask(deps: Deps, trx: Trx, task: Task): Promise<void> {
  if (task.policy === 'start') await followStart(deps, trx, task);
  if (task.policy === 'rollback' && task.experiment_id !== null) await showExperiments(deps, trx, [task.experiment_id]);
  if (task.policy === 'review') {
    await settleFirstLaunches(deps, trx);
    // The day ended while this one was still at work: nobody asked for the next review then.
    if ((await readToday(deps, trx)) > ((task.policy_input as { day?: number } | null)?.day ?? 0)) await scheduleReview(deps, trx);
  }
}

/** What one yes to a page was: to the contract and to every word of it. Both stood on the same card. */
const ACTS: readonly string[] = ['start_experiment', 'publish_page'];

/** Still proposed when its request has come to an end: nobody said yes. */
async function followStart(deps: Deps, trx: Trx, task: Task): Promise<void> {
  const experiment = task.experiment_id === null ? undefined : await lockExperiment(trx, task.experiment_id);
  if (experiment === undefined || experiment.state !== 'proposed') return;
  const calls = (await listCalls(trx, task.id)).filter(({ tool }) => ACTS.includes(tool));
  const published = calls.filter(({ tool, status }) => tool === 'publish_page' && status === 'done');
  if (published.length > 0) return beginOnPage(deps, trx, experiment, published);
  const asked = calls.at(-1);
  const how =
    asked === undefined ? (task.stop_reason ?? 'it was not asked for') : `${asked.status}${asked.error === null ? '' : `: ${asked.error}`}`;
  await stepExperiment(deps, trx, experiment, 'decline', {
    reason: `its request was ${how}`.slice(0, 500),
    by: 'policy',
    day: await readDayOf(deps, trx, experiment),
  });
  await showExperiments(deps, trx, [experiment.id]);
}

/** The page is live: its days on sale begin with today. */
async function beginOnPage(deps: Deps, trx: Trx, experiment: Experiment, published: readonly ToolCall[]): Promise<void> {
  const day = calendarDay(deps);
  const letters = published.map((call) => (call.arguments as { variant?: string }).variant);
  // A variant that got no yes, or that nobody wrote a page for, is not tried.
  const without = (await listVariants(trx, [experiment.id])).filter((one) => !letters.includes(one.page_variant ?? ''));
  await stopVariants(
    trx,
    without.map(({ id }) => id),
  );
  const why = { reason: 'people said yes to its contract and its page', by: `call ${published[0]?.id}`, day };
  const approved = await stepExperiment(deps, trx, experiment, 'approve', why);
  if (approved === undefined) return;
  const set = { startedDay: day, deadlineDay: day + (experiment.contract as unknown as Contract).days - 1 };
  await stepExperiment(deps, trx, approved, 'launch', { reason: 'its page is live, as the receipt says', by: 'policy', day, set });
  await showExperiments(deps, trx, [experiment.id]);
}
