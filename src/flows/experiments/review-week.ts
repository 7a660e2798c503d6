// The end of a market week: what earned is offered more money, what loses is offered to be stopped; one request, a choice for each.
import type { Json } from '../../core/canonical-json.ts';
import { formatUsd, type Micros } from '../../core/money.ts';
import type { Trx } from '../../db/database.ts';
import { percent } from '../../domain/experiments/contract.ts';
import type { StandingGoal } from '../../domain/goals/standing-goal-store.ts';
import { addPolicyTask, listOpenWeekly } from '../../domain/tasks/policy-task-store.ts';
import type { ReadExperiment } from './read-morning.ts';
import type { Portfolio } from './read-portfolio.ts';
import { withdrawRequests } from './withdraw-requests.ts';

/** What an extension asks for: as much as the experiment was first permitted, within what is left of a week. */
const MORE_DAYS = 14;
/** Only what is this likely to earn. */
const LIKELY = 0.6;
/** A permission with more than this part left needs no more yet. */
const USED_PART = 2n;

/** On the first day of a week, for what the week before has shown. True when there is anything to ask. */
export async function reviewWeek(
  trx: Trx,
  standing: StandingGoal,
  { portfolio, read }: { portfolio: Portfolio; read: readonly ReadExperiment[] },
): Promise<boolean> {
  if (portfolio.today !== portfolio.week.first || portfolio.today <= 1) return false;
  const worthMore = read.filter(isWorthMore);
  if (worthMore.length === 0) return false;
  const calls = worthMore.map((one) => ({ tool: 'extend_experiment', arguments: argumentsOf(one) as { [key: string]: Json } }));
  const words = [
    `The week before day ${portfolio.today}.`,
    ...worthMore.map(
      (one) =>
        `${one.experiment.name} earned ${formatUsd(one.morning.earnedMicros)} of ${formatUsd(one.morning.spendMicros)} spent and is ${percent(one.morning.profitable)} likely to be profitable: ${one.best.judgement.howSure}`,
    ),
    'Everything else goes on as its contract says.',
  ].join(' ');
  // What last week asked for and nobody decided is asked for anew, with the figures of now.
  await withdrawRequests(trx, await listOpenWeekly(trx, standing.goal.id), 'the next week asks anew');
  const task = await addPolicyTask(trx, {
    mode: portfolio.mode,
    goalId: standing.goal.id,
    planId: standing.planId,
    key: `weekly_${portfolio.today}`,
    policy: 'weekly',
    input: { calls, words, tainted: worthMore.some(({ experiment }) => (experiment.expected as { tainted?: boolean }).tainted === true) },
    experimentId: null,
    title: `Moves of the week before day ${portfolio.today}`,
    why: 'New money goes only to what has earned it, and only with a yes.',
    mostMicros: worthMore.reduce((sum, one) => sum + one.experiment.max_loss_micros, 0n),
  });
  return task !== null;
}

function isWorthMore({ experiment, morning }: ReadExperiment): boolean {
  if (experiment.state !== 'running' || morning.held) return false;
  if (morning.earnedMicros <= morning.spendMicros || morning.profitable < LIKELY) return false;
  return morning.allowedMicros * USED_PART < experiment.max_loss_micros;
}

const argumentsOf = ({ experiment }: ReadExperiment) => ({
  experimentId: experiment.id,
  moreUsd: dollars(experiment.max_loss_micros),
  moreDays: MORE_DAYS,
});

const dollars = (micros: Micros): number => Number(micros / 10_000n) / 100;
