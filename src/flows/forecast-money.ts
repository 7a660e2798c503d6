// What the next two weeks may bring and cost: live money by the books' days, practice money by market days.
import type { Outlook } from '../chat/views/forecast-card.ts';
import { addDays, dayOf, daysUpTo } from '../core/calendar.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import { forecast, MOST_DAYS } from '../domain/money/forecast.ts';
import { HORIZON } from '../domain/money/forecast-methods.ts';
import { byKey, profitOf } from '../domain/money/profit.ts';
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
  return { mode: deps.mode, known: known.length, next, revenue: forecast(revenue), cost: forecast(cost) };
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
