// Which caps hold for a reservation. The configured caps are ceilings; settings made in chat may only lie below them.
import type { Micros } from '../../core/money.ts';
import type { Mode } from '../tools/tool.ts';

export interface CapLimits {
  hourMicros: Micros | null;
  dayMicros: Micros | null;
  monthMicros: Micros | null;
  marketDayMicros: Micros | null;
  goalMicros: Micros | null;
  taskMicros: Micros | null;
}

export interface CapCeilings {
  capMicros: { hour: Micros; day: Micros; month: Micros };
  practiceCapMarketDayMicros: Micros;
}

/** From this share of a cap on, people are warned. */
export const WARN_SHARE_PERCENT = 80n;

const lower = (ceiling: Micros, setting: Micros | undefined): Micros => (setting !== undefined && setting < ceiling ? setting : ceiling);

/** Live money has hour, day and month caps by wall clock; practice money one cap per market day. */
export function periodCaps(
  mode: Mode,
  ceilings: CapCeilings,
  settings: ReadonlyMap<string, Micros>,
): Omit<CapLimits, 'goalMicros' | 'taskMicros'> {
  if (mode === 'practice') {
    return {
      hourMicros: null,
      dayMicros: null,
      monthMicros: null,
      marketDayMicros: lower(ceilings.practiceCapMarketDayMicros, settings.get('market_day')),
    };
  }
  return {
    hourMicros: lower(ceilings.capMicros.hour, settings.get('hour')),
    dayMicros: lower(ceilings.capMicros.day, settings.get('day')),
    monthMicros: lower(ceilings.capMicros.month, settings.get('month')),
    marketDayMicros: null,
  };
}

/** Whether a share of a cap is worth a warning; an empty cap always is. */
export function isNearCap(usedMicros: Micros, limitMicros: Micros): boolean {
  return usedMicros * 100n >= limitMicros * WARN_SHARE_PERCENT;
}
