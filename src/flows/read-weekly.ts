// The week's report for whoever decides: the last whole week beside the one before, by goal, and what needs a decision.
import type { Card } from '../chat/card.ts';
import { weeklyCard } from '../chat/views/weekly-card.ts';
import { addDays, dayOf, daysUpTo } from '../core/calendar.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import { listPending } from '../domain/approvals/approval-store.ts';
import { listBudgets } from '../domain/money/budget-store.ts';
import { byKey, toProfitAndLoss } from '../domain/money/profit.ts';
import { listHeld } from '../domain/money/runaway-store.ts';
import { readSums } from '../domain/money/slice-store.ts';
import { readAttention } from '../domain/tasks/status-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';
import { readExperimentFigures } from './experiments/read-figures.ts';
import { forecastMoney } from './forecast-money.ts';
import { readBurn } from './read-burn.ts';

/** @param at the moment it speaks of; the week is the last one that has ended by then, Monday to Sunday */
export async function readWeekly(deps: Pick<Deps, 'mode' | 'config'>, db: DatabaseOrTrx, at: Date): Promise<Card> {
  const today = dayOf(at, deps.config.timezone);
  const to = addDays(today, -(((new Date(today).getUTCDay() + 6) % 7) + 1));
  const from = addDays(to, -6);
  const modes: Mode[] = deps.mode === 'live' ? ['live'] : ['practice', 'live'];
  const budgets = await Promise.all(modes.map((mode) => listBudgets(db, mode)));
  return weeklyCard({
    mode: deps.mode,
    from,
    to,
    own: await readWeeks(db, deps.mode, to),
    live: deps.mode === 'live' ? null : (await readWeeks(db, 'live', to)).week,
    goals: byKey(await readSums(db, { mode: deps.mode, from, to }, 'goal')),
    burn: await readBurn(deps, db, at, deps.mode),
    forecast: await forecastMoney(deps, db, at),
    waiting: await listPending(db, deps.mode),
    held: await listHeld(db, deps.mode),
    attention: await readAttention(db, deps.mode, new Date(at.getTime() - 7 * 86_400_000)),
    budgets: budgets.flat(),
    experiments: await readExperimentFigures(db, deps.mode, new Date(at.getTime() - 7 * 86_400_000)),
  });
}

async function readWeeks(db: DatabaseOrTrx, mode: Mode, to: string) {
  const sums = await readSums(db, { mode, from: addDays(to, -13), to }, 'day');
  const monday = addDays(to, -6);
  const days = byKey(sums);
  return {
    week: toProfitAndLoss(sums.filter(({ key }) => key >= monday)),
    before: toProfitAndLoss(sums.filter(({ key }) => key < monday)),
    days: daysUpTo(to, 14).map((day) => ({ day, sums: days.get(day) ?? toProfitAndLoss([]) })),
  };
}
