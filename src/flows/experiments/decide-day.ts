// The decision of a day, in one transaction: readings, what each contract says, who gets money, what is proposed. Made once over all processes.
import { formatUsd, type Micros } from '../../core/money.ts';
import { inTransaction, type Trx } from '../../db/database.ts';
import { wake } from '../../db/wake.ts';
import { sellsOnPage } from '../../domain/experiments/contract.ts';
import { lockPortfolio } from '../../domain/experiments/experiment-store.ts';
import { nextMove } from '../../domain/experiments/next-move.ts';
import { addReadings, addReview, type Decision } from '../../domain/experiments/review-store.ts';
import { lockGoal } from '../../domain/goals/goal-store.ts';
import { findStandingGoal, setStandingBudget } from '../../domain/goals/standing-goal-store.ts';
import type { Deps } from '../deps.ts';
import { type Division, divideDay } from './divide-day.ts';
import { learnFrom } from './learn-from.ts';
import { isForPage } from './page-draft.ts';
import { MARKET_TRADE, proposeExperiments } from './propose-experiments.ts';
import { type ReadExperiment, readExperiments, readingOf } from './read-morning.ts';
import { type Portfolio, readPortfolio } from './read-portfolio.ts';
import { reviewWeek } from './review-week.ts';
import { settleMorning } from './settle-experiment.ts';
import { showExperiments } from './show-experiments.ts';

class DecidedBefore extends Error {}

/** @returns null when the day has its decision, made by another task */
export async function decideDay(deps: Deps, taskId: number): Promise<Decision | null> {
  try {
    return await inTransaction(deps.db, (trx) => decide(deps, trx, taskId));
  } catch (error) {
    if (error instanceof DecidedBefore) return null;
    throw error;
  }
}

async function decide(deps: Deps, trx: Trx, taskId: number): Promise<Decision | null> {
  const standing = await findStandingGoal(trx, deps.mode);
  if (standing === null) return null;
  await lockPortfolio(trx, deps.mode);
  await lockGoal(trx, standing.goal.id);
  const portfolio = await readPortfolio(deps, trx, standing.goal.id);
  const { today } = portfolio;
  const lines: string[] = [];
  const read: ReadExperiment[] = [];
  // What pages sell has days of its own.
  const traded = portfolio.experiments.filter(({ contract }) => !sellsOnPage(contract));
  for (const one of readExperiments(traded, today)) read.push(await settle(deps, trx, one, lines));
  const division = divideDay(portfolio, read, deps.mode === 'practice' ? deps.config.limits.practiceCapMarketDayMicros : null);
  const goalBudgetMicros = budgetOf(portfolio);
  const decision = decisionOf(today, division, { lines, goalBudgetMicros });
  if (!(await addReview(trx, { mode: deps.mode, day: today, taskId, decision }))) throw new DecidedBefore();
  const told = read.filter(({ morning }) => morning.firstLaunchDay !== null);
  await addReadings(
    trx,
    told.flatMap((one) => one.variants.map((variant) => readingOf(variant, today, division.allocated.get(variant.variant.id) ?? 0n))),
  );
  await setStandingBudget(trx, standing.goal.id, goalBudgetMicros);
  const proposed = await proposeExperiments(deps, trx, standing, MARKET_TRADE, {
    open: portfolio.experiments.map(({ experiment }) => experiment),
    periodMicros: portfolio.budget.amountMicros,
    today,
    // A market always has something more to try; what people found waits for one place.
    ...(traded.length < portfolio.experiments.length ? {} : { leaves: (one) => isForPage(deps, one) }),
  });
  const asksForMoves = await reviewWeek(trx, standing, { portfolio, read });
  if (proposed.length > 0 || asksForMoves) await wake(trx, { job: 'work' });
  await showExperiments(deps, trx, [...read.map(({ experiment }) => experiment.id), ...proposed.map(({ id }) => id)]);
  return decision;
}

/** What its contract says this morning, done; what it learnt when it ends. */
async function settle(deps: Deps, trx: Trx, one: ReadExperiment, lines: string[]): Promise<ReadExperiment> {
  const move = nextMove(one.morning);
  if (move.kind === 'none') return one;
  const experiment = await settleMorning(deps, trx, one, move);
  lines.push(`${experiment.name} is ${experiment.held_at === null ? experiment.state : 'held'}: ${move.reason}.`);
  const settled = { ...one, experiment, morning: { ...one.morning, state: experiment.state, deadlineDay: experiment.deadline_day } };
  if (experiment.state === 'concluded') await learnFrom(trx, settled);
  return settled;
}

/** The goal's budget follows the period: what it has committed in all, and what is left of this week. */
function budgetOf({ spent, budget }: Portfolio): Micros {
  const left = budget.amountMicros - spent.periodMicros;
  return spent.allMicros + (left < 0n ? 0n : left);
}

function decisionOf(day: number, division: Division, more: { lines: readonly string[]; goalBudgetMicros: Micros }): Decision {
  const money = `${formatUsd(division.budgetMicros - division.cashMicros)} of the day's ${formatUsd(division.budgetMicros)} is given out.`;
  return {
    day,
    calls: division.calls,
    lines: [...more.lines, ...division.lines, money],
    budgetMicros: division.budgetMicros.toString(),
    cashMicros: division.cashMicros.toString(),
    goalBudgetMicros: more.goalBudgetMicros.toString(),
  };
}
