// What the next two weeks may bring and cost: live money by the books' days, practice money by market days.
import type { Outlook, RunwayAhead } from '../chat/views/forecast-card.ts';
import { addDays, dayOf, daysUpTo } from '../core/calendar.ts';
import type { Micros } from '../core/money.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import { readCapSettings, readCapUse, readGoalsLeft } from '../domain/money/cap-store.ts';
import { periodCaps } from '../domain/money/caps.ts';
import { forecast, MOST_DAYS } from '../domain/money/forecast.ts';
import { HORIZON } from '../domain/money/forecast-methods.ts';
import { byKey, profitOf } from '../domain/money/profit.ts';
import { runwayOf } from '../domain/money/runway.ts';
import { readMarketDays, readSums } from '../domain/money/slice-store.ts';
import { readMarketDay } from '../domain/offers/launch-store.ts';
import type { Deps } from './deps.ts';

export async function forecastMoney(deps: Pick<Deps, 'mode' | 'config'>, db: DatabaseOrTrx, at: Date): Promise<Outlook> {
  const { days, sums, next } = deps.mode === 'practice' ? await readPractice(db) : await readLive(db, dayOf(at, deps.config.timezone));
  const first = days.findIndex((day) => sums.has(day));
  // What lies before the first entry is no history of zeros.
  const known = first === -1 ? [] : days.slice(first).map((day) => sums.get(day));
  // For statistics only; the books themselves stay whole numbers.
  const revenue = known.map((day) => Number(day?.revenueMicros ?? 0n) / 1e6);
  const cost = known.map((day) => (day === undefined ? 0 : Number(day.revenueMicros - profitOf(day)) / 1e6));
  // What leaves; refunds and fees are kept back from what comes in.
  const spend = known.map((day) => (day === undefined ? 0 : Number(day.offerSpendMicros + day.modelCostMicros + day.toolCostMicros) / 1e6));
  return { mode: deps.mode, known: known.length, next, revenue: forecast(revenue), cost: forecast(cost), spend: forecast(spend) };
}

/** How long what may still be spent lasts; null while there is no forecast. */
export async function forecastRunway(deps: Pick<Deps, 'config'>, db: DatabaseOrTrx, { mode, spend }: Outlook): Promise<RunwayAhead | null> {
  if (spend === null) return null;
  const left = mode === 'live' ? await readLiveLeft(deps, db) : await readGoalsLeft(db, mode);
  return {
    leftMicros: left,
    of: mode === 'live' ? 'the 30-day cap' : 'the budgets of running goals',
    runway: runwayOf(Number(left) / 1e6, spend),
  };
}

async function readLiveLeft({ config }: Pick<Deps, 'config'>, db: DatabaseOrTrx): Promise<Micros> {
  const settings = new Map((await readCapSettings(db, 'live')).map((row) => [row.period as string, row.limit_micros]));
  const limit = periodCaps('live', config.limits, settings).monthMicros ?? 0n;
  const left = limit - (await readCapUse(db, 'live')).monthMicros;
  return left > 0n ? left : 0n;
}

async function readLive(db: DatabaseOrTrx, today: string) {
  // Today is not over: half a day would look like a bad one.
  const days = daysUpTo(addDays(today, -1), MOST_DAYS);
  const sums = byKey(await readSums(db, { mode: 'live', from: days[0], to: days.at(-1) }, 'day'));
  return { days, sums, next: Array.from({ length: HORIZON }, (_, step) => addDays(today, step)) };
}

async function readPractice(db: DatabaseOrTrx) {
  const last = await readMarketDay(db, 'practice');
  const days = Array.from({ length: Math.min(MOST_DAYS, last) }, (_, index) => String(last - Math.min(MOST_DAYS, last) + 1 + index));
  const sums = byKey(await readMarketDays(db, Number(days[0] ?? 1), last));
  return { days, sums, next: Array.from({ length: HORIZON }, (_, step) => `day ${last + 1 + step}`) };
}
