// The day's report, from rows alone: money by the books' days, what is committed, what lies with people, and the seal of the audit trail.

import type { Card } from '../chat/card.ts';
import { digestCard } from '../chat/views/digest-card.ts';
import { addDays, dayOf, daysUpTo, firstOfMonth, slotsSince } from '../core/calendar.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import { findFirstStart, listSlots } from '../db/process-store.ts';
import { readHead } from '../domain/audit/audit-store.ts';
import { listBudgets } from '../domain/money/budget-store.ts';
import { readCapSettings, readCapUse, readCommitted } from '../domain/money/cap-store.ts';
import { periodCaps } from '../domain/money/caps.ts';
import { PROVIDER } from '../domain/money/payment-store.ts';
import { byKey, toProfitAndLoss } from '../domain/money/profit.ts';
import { readLastReconciliation } from '../domain/money/reconciliation-store.ts';
import { type AccountSum, readSums } from '../domain/money/slice-store.ts';
import { readMarketDay } from '../domain/offers/launch-store.ts';
import { countPromises } from '../domain/promises/promise-store.ts';
import { readAttention } from '../domain/tasks/status-store.ts';
import type { Mode } from '../domain/tools/tool.ts';
import { dailyTimes } from './daily-times.ts';
import type { Deps } from './deps.ts';
import { readExperimentFigures } from './experiments/read-figures.ts';
import { forecastMoney } from './forecast-money.ts';
import { readBurn } from './read-burn.ts';

const CHART_DAYS = 30;
const MISSED_WITHIN_MS = 7 * 86_400_000;
/** What ended since then is told in one digest, or in two. */
const LATELY_MS = 2 * 86_400_000;
/** A slot this young may be under way in another process. */
const UNDER_WAY_MS = 5 * 60_000;

/** @param at the moment it speaks of: its slot, or now */
export async function readDigest(deps: Pick<Deps, 'mode' | 'config'>, db: DatabaseOrTrx, at: Date): Promise<Card> {
  const today = dayOf(at, deps.config.timezone);
  const yesterday = addDays(today, -1);
  const settings = new Map((await readCapSettings(db, deps.mode)).map((row) => [row.period as string, row.limit_micros]));
  return digestCard({
    mode: deps.mode,
    experiments: await readExperimentFigures(db, deps.mode, new Date(at.getTime() - LATELY_MS)),
    today,
    own: await readMoney(db, deps.mode, today),
    live: deps.mode === 'live' ? null : await readMoney(db, 'live', today),
    committed: await readCommitted(db, deps.mode),
    caps: { limits: periodCaps(deps.mode, deps.config.limits, settings), use: await readCapUse(db, deps.mode) },
    budgets: await listBudgets(db, deps.mode),
    burn: await readBurn(deps, db, at, deps.mode),
    // Since yesterday began, roughly: a request that ran out is told in one digest, or in two.
    attention: await readAttention(db, deps.mode, new Date(at.getTime() - LATELY_MS)),
    missed: await listMissed(deps, db, at),
    audit: await readHead(db),
    marketDay: deps.mode === 'practice' ? await readMarketDay(db, 'practice') : null,
    promises: await countPromises(db),
    reconciled: deps.config.stripe === null ? 'off' : await readLastReconciliation(db, PROVIDER, deps.mode),
    forecast: await forecastMoney(deps, db, at),
    yesterday,
  });
}

/** One reading of the sums by day serves every figure and the chart. */
async function readMoney(db: DatabaseOrTrx, mode: Mode, today: string) {
  const yesterday = addDays(today, -1);
  const monthStart = firstOfMonth(yesterday);
  const chartDays = daysUpTo(today, CHART_DAYS);
  const from = [monthStart, chartDays[0] ?? today].toSorted()[0];
  const sums = await readSums(db, { mode, from, to: today }, 'day');
  const between = (first: string, last: string): readonly AccountSum[] => sums.filter(({ key }) => key >= first && key <= last);
  const days = byKey(sums);
  return {
    yesterday: toProfitAndLoss(between(yesterday, yesterday)),
    today: toProfitAndLoss(between(today, today)),
    month: toProfitAndLoss(between(monthStart, yesterday)),
    chart: chartDays.map((day) => ({ day, sums: days.get(day) ?? toProfitAndLoss([]) })),
  };
}

/** Slots of the last week, since the first start of all, that no process took. */
async function listMissed(deps: Pick<Deps, 'mode' | 'config'>, db: DatabaseOrTrx, at: Date): Promise<{ name: string; at: Date }[]> {
  const first = await findFirstStart(db);
  if (first === null) return [];
  const since = new Date(Math.max(first.getTime(), at.getTime() - MISSED_WITHIN_MS));
  const until = new Date(at.getTime() - UNDER_WAY_MS);
  const times = Object.entries(dailyTimes(deps.config));
  const taken = await listSlots(
    db,
    times.map(([name]) => name),
    since,
  );
  const isTaken = (name: string, slot: Date): boolean =>
    taken.some((row) => row.schedule === name && row.slot_at.getTime() === slot.getTime());
  return times.flatMap(([name, time]) =>
    slotsSince(since, until, time, deps.config.timezone)
      .filter((slot) => !isTaken(name, slot))
      .map((slot) => ({ name, at: slot })),
  );
}
