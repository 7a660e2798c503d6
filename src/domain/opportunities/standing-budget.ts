// The standing budget: what scans and experiments may go on with when nobody gave a goal. Pure.
import { addDays, dayOf } from '../../core/calendar.ts';
import type { Micros } from '../../core/money.ts';
import type { Mode } from '../tools/tool.ts';

export interface StandingBudget {
  mode: Mode;
  /** Per period; 0n is none: no scan runs by itself and nothing is proposed without a goal. */
  amountMicros: Micros;
  /** Practice counts market days, seven to a week; live counts calendar weeks from Monday. */
  period: 'market week' | 'week';
  /** An owner's platform id; null is the default of the environment, in practice mode only. */
  setBy: string | null;
  setAt: Date | null;
}

const MARKET_WEEK_DAYS = 7;
const MONDAY = 1;

/** Days 1 to 7 are the first week. @param day the market day that runs now, from 1 */
export function marketWeekOf(day: number): { first: number; last: number } {
  const first = Math.floor((day - 1) / MARKET_WEEK_DAYS) * MARKET_WEEK_DAYS + 1;
  return { first, last: first + MARKET_WEEK_DAYS - 1 };
}

/** The calendar week that holds `now`, as its first and last day, in the zone of the books. */
export function weekOf(now: Date, timeZone: string): { first: string; last: string } {
  const today = dayOf(now, timeZone);
  const first = addDays(today, -((new Date(today).getUTCDay() - MONDAY + 7) % 7));
  return { first, last: addDays(first, 6) };
}
