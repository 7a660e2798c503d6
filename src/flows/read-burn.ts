// Burn and runway of one kind of money: the last 30 whole days against what may still be spent.
import { addDays, dayOf, daysUpTo } from '../core/calendar.ts';
import type { Micros } from '../core/money.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import { listBudgets } from '../domain/money/budget-store.ts';
import { type Burn, burnOf } from '../domain/money/burn.ts';
import { readCapSettings, readCapUse, readGoalsLeft } from '../domain/money/cap-store.ts';
import { periodCaps } from '../domain/money/caps.ts';
import { byKey, toProfitAndLoss } from '../domain/money/profit.ts';
import { readSums } from '../domain/money/slice-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';

const DAYS = 30;

export async function readBurn(deps: Pick<Deps, 'config'>, db: DatabaseOrTrx, at: Date, mode: Mode): Promise<Burn> {
  const days = daysUpTo(addDays(dayOf(at, deps.config.timezone), -1), DAYS);
  const sums = byKey(await readSums(db, { mode, from: days[0], to: days.at(-1) }, 'day'));
  const left =
    mode === 'live' ? await readLiveLeft(deps, db) : { micros: await readGoalsLeft(db, mode), of: 'the budgets of running goals' };
  return burnOf(
    days.map((day) => sums.get(day) ?? toProfitAndLoss([])),
    left,
  );
}

/** The narrower of the 30-day cap and the calendar month's budget. */
async function readLiveLeft(deps: Pick<Deps, 'config'>, db: DatabaseOrTrx): Promise<{ micros: Micros; of: string }> {
  const settings = new Map((await readCapSettings(db, 'live')).map((row) => [row.period as string, row.limit_micros]));
  const limit = periodCaps('live', deps.config.limits, settings).monthMicros ?? 0n;
  const cap = { micros: floor(limit - (await readCapUse(db, 'live')).monthMicros), of: 'the 30-day cap' };
  const budget = (await listBudgets(db, 'live')).find(({ scope }) => scope === 'calendar_month');
  if (budget === undefined) return cap;
  const month = { micros: floor(budget.limitMicros - budget.usedMicros), of: "the calendar month's budget" };
  return month.micros < cap.micros ? month : cap;
}

const floor = (micros: Micros): Micros => (micros > 0n ? micros : 0n);
