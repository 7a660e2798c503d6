// The stop-loss of the whole portfolio: beyond it everything is held until a person says go.
import { readLost } from '../../domain/experiments/history-store.ts';
import { whyStopAll } from '../../domain/experiments/portfolio.ts';
import type { Deps } from '../deps.ts';
import { holdGoal } from '../hold-goal.ts';
import { readStandingBudget } from '../standing-budget.ts';
import { readToday } from './read-portfolio.ts';

const WINDOW_DAYS = 28;

export async function stopOnLoss(deps: Deps, goalId: number): Promise<void> {
  const firstDay = (await readToday(deps, deps.db)) - WINDOW_DAYS;
  const lost = await readLost(deps.db, { mode: deps.mode, goalId, firstDay });
  const why = whyStopAll(lost, (await readStandingBudget(deps, deps.db)).amountMicros);
  if (why !== null) await holdGoal(deps, goalId, why);
}
