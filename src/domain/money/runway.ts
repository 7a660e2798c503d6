// How long what may still be spent lasts, by the forecast of spend. Pure.
import type { Forecast } from './forecast.ts';
import { HORIZON } from './forecast-methods.ts';

/** Days, with the range of the forecast's 80 %. Infinity: nothing is expected to be spent. */
export interface Runway {
  days: number;
  low: number;
  high: number;
}

/** @param left dollars that may still be spent @param spend forecast of dollars spent a day; beyond its days it goes on alike */
export function runwayOf(left: number, { total }: Pick<Forecast, 'total'>): Runway {
  const last = (spent: number): number => (left <= 0 ? 0 : (left * HORIZON) / spent);
  return { days: last(total.value), low: last(total.within80.high), high: last(total.within80.low) };
}
