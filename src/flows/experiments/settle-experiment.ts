// Carries out what an experiment's rules say: the step, its permission, its opportunity, and at the end its verdict.
import type { Json } from '../../core/canonical-json.ts';
import { formatUsd } from '../../core/money.ts';
import type { Trx } from '../../db/database.ts';
import type { ExperimentState, Verdict } from '../../db/tables/states.ts';
import { revokeGrantsOf } from '../../domain/approvals/grant-store.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import { recordDecision } from '../../domain/decisions/decision-store.ts';
import { type Contract, sellsOnPage } from '../../domain/experiments/contract.ts';
import { type Move, moveExperiment, setHold } from '../../domain/experiments/experiment-steps-store.ts';
import type { Experiment } from '../../domain/experiments/experiment-store.ts';
import { deadlineOf, type ExperimentEvent, isOver, nextState, type StateDeadline } from '../../domain/experiments/lifecycle.ts';
import { type NextMove, VERDICT_WORDS, verdictFor } from '../../domain/experiments/next-move.ts';
import { moveOpportunity } from '../../domain/opportunities/opportunity-store.ts';
import { conclude } from '../../domain/verdicts/judge.ts';
import type { Deps } from '../deps.ts';
import { verdictChoice } from '../log-choice.ts';
import type { ReadExperiment } from './read-morning.ts';

const DAY_MS = 86_400_000;

type On = Pick<Deps, 'clock' | 'config'>;

export function deadlineFor(
  deps: On,
  experiment: Pick<Experiment, 'deadline_day' | 'contract'> | null,
  state: ExperimentState,
  day: number,
): StateDeadline {
  const contract = experiment?.contract as unknown as Contract | undefined;
  const measureDays = contract?.measureDays ?? 0;
  const deadline = deadlineOf(state, {
    now: deps.clock.now(),
    day,
    deadlineDay: experiment?.deadline_day ?? null,
    measureDays,
    expiryMs: deps.config.approvals.expiryMs,
  });
  // Calendar days end by the clock.
  if (contract === undefined || !sellsOnPage(contract) || deadline.day === null) return deadline;
  return { ...deadline, at: new Date((deadline.day + 1) * DAY_MS) };
}

export interface Why {
  reason: string;
  by: string;
  day: number;
  set?: NonNullable<Move['set']>;
}

/** One event with everything that follows from it. Undefined when it may not happen, or somebody was first. */
export async function stepExperiment(
  deps: On,
  trx: Trx,
  experiment: Experiment,
  event: ExperimentEvent,
  why: Why,
): Promise<Experiment | undefined> {
  const to = nextState(experiment.state, event);
  if (to === null) return undefined;
  const after = { ...experiment, deadline_day: why.set?.deadlineDay ?? experiment.deadline_day };
  const moved = await moveExperiment(trx, experiment, { event, ...why, deadline: deadlineFor(deps, after, to, why.day) });
  if (moved === undefined) return undefined;
  const detail = { from: experiment.state, to, event, reason: why.reason, day: why.day };
  await recordAudit(trx, [
    { mode: moved.mode, actor: why.by, action: `experiment.${event}`, subjectKind: 'experiment', subjectId: moved.id, detail },
  ]);
  if (moved.verdict !== null && event === 'conclude') await recordDecision(trx, verdictChoice(moved, why.reason));
  if (isOver(to)) await release(trx, moved, why);
  return moved;
}

/** What is over may spend nothing more, and its opportunity is free again where it is worth another try. */
async function release(trx: Trx, experiment: Experiment, why: Why): Promise<void> {
  await revokeGrantsOf(trx, experiment.id, `the end of experiment ${experiment.id}`);
  if (experiment.opportunity_id === null) return;
  const again = experiment.verdict === 'scale' || experiment.verdict === 'keep';
  const words = experiment.verdict === null ? why.reason : VERDICT_WORDS[experiment.verdict];
  const reason = `experiment ${experiment.id}: ${words}`.slice(0, 300);
  await moveOpportunity(trx, {
    mode: experiment.mode,
    id: experiment.opportunity_id,
    to: again ? 'open' : 'closed',
    reason: again ? null : reason,
  });
}

/** What a morning's rules say, done. @returns the experiment as it is then */
export async function settleMorning(deps: On, trx: Trx, read: ReadExperiment, move: NextMove): Promise<Experiment> {
  const { experiment, morning } = read;
  const by = 'policy';
  const day = morning.today;
  switch (move.kind) {
    case 'none':
      return experiment;
    case 'hold':
      return (await setHold(trx, experiment, { reason: move.reason, by, day, why: move.reason })) ?? experiment;
    case 'event': {
      const set = move.event === 'launch' ? begun(read) : {};
      return (await stepExperiment(deps, trx, experiment, move.event, { reason: move.reason, by, day, set })) ?? experiment;
    }
    case 'conclude':
      return (
        (await stepExperiment(deps, trx, experiment, 'conclude', { reason: move.reason, by, day, set: verdictOf(read) })) ?? experiment
      );
  }
}

const begun = ({ morning, contract }: ReadExperiment) => {
  const startedDay = morning.firstLaunchDay ?? morning.today;
  return { startedDay, deadlineDay: startedDay + contract.days - 1 };
};

function verdictOf({ best, morning, variants }: ReadExperiment): { verdict: Verdict; verdictReason: string; verdictDetail: Json } {
  const { judgement, belief } = best;
  const verdict = verdictFor(morning, conclude(judgement.verdict, belief.profitable));
  const profit = morning.earnedMicros - morning.spendMicros;
  return {
    verdict,
    verdictReason: `${VERDICT_WORDS[verdict]}. ${judgement.howSure} ${profit < 0n ? `Loss ${formatUsd(-profit)}` : `Profit ${formatUsd(profit)}`} of ${morning.visitors} visitors.`,
    verdictDetail: {
      variant: best.variant.name,
      visitors: belief.visitors,
      orders: belief.orders,
      matured: {
        visitors: variants.reduce((sum, one) => sum + Math.max(one.belief.orders, one.belief.effectiveVisitors), 0),
        orders: variants.reduce((sum, one) => sum + one.belief.orders, 0),
      },
      conversion: belief.conversion,
      breakEven: Number.isFinite(belief.breakEven) ? belief.breakEven : null,
      profitable: belief.profitable,
      netPerOrder: belief.netPerOrder,
      howSure: judgement.howSure,
      spendMicros: morning.spendMicros.toString(),
      earnedMicros: morning.earnedMicros.toString(),
      profitMicros: profit.toString(),
    },
  };
}
