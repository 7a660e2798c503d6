// The portfolio's rules: how many experiments at once, of which kinds, what a new one may lose, and what a day may cost. Pure.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { RiskClass } from '../../db/tables/states.ts';

export const FEWEST_PLACES = 3;
export const MOST_PLACES = 20;
/** Requests for a launch that wait for people at once. */
export const MOST_WAITING = 3;
/** No more than this part of the places goes to one category, or one source; at least one. */
const CATEGORY_PART = 0.5;
const SOURCE_PART = 1;
const RISK_PLACES: Record<RiskClass, number> = { low: MOST_PLACES, medium: 6, high: 1 };
/** Every such choice looks first at what has been tried least, whatever its score. */
export const EXPLORE_EVERY = 4;
/** A new experiment may lose this part of the period's budget. */
const LOSS_PART = 3n;
/** More than this lost over all in four weeks holds everything. */
const STOP_LOSS_PERIODS = 2n;

export interface Held {
  category: string;
  source: string;
  riskClass: RiskClass;
}

/** Places grow with proof: one for each experiment that ended profitable, scale counts double; 3 to 20. */
export function placesOf(ends: { scale: number; keep: number }): number {
  return Math.min(MOST_PLACES, FEWEST_PLACES + 2 * ends.scale + ends.keep);
}

/** Whether one more of its kind fits beside these. Null when it does, else why not. */
export function whyFull(candidate: Held, held: readonly Held[], places: number): string | null {
  const count = (is: (one: Held) => boolean): number => held.filter(is).length;
  if (held.length >= places) return `all ${places} places are taken`;
  const mostOfCategory = Math.max(1, Math.ceil(places * CATEGORY_PART));
  if (candidate.category !== '' && count((one) => one.category === candidate.category) >= mostOfCategory)
    return `${mostOfCategory} of ${places} places are ${candidate.category} already`;
  if (count((one) => one.source === candidate.source) >= Math.max(1, Math.ceil(places * SOURCE_PART)))
    return `its source has its share of places`;
  const mostOfRisk = Math.min(places, RISK_PLACES[candidate.riskClass]);
  if (count((one) => one.riskClass === candidate.riskClass) >= mostOfRisk) return `${mostOfRisk} of ${candidate.riskClass} risk are enough`;
  return null;
}

export function riskClassOf(risk: number | null): RiskClass {
  if (risk === null) return 'medium';
  return risk < 0.34 ? 'low' : risk < 0.67 ? 'medium' : 'high';
}

/** What a new experiment may lose: a third of the period's budget, to whole dollars. */
export function lossFor(periodMicros: Micros, freeMicros: Micros): Micros {
  const third = periodMicros / LOSS_PART;
  const most = third < freeMicros ? third : freeMicros;
  return (most / 1_000_000n) * 1_000_000n;
}

/** What a day may cost: an equal part of what is left of the period, within the day's cap. */
export function dayBudget(left: { periodMicros: Micros; daysInPeriod: number; capMicros: Micros | null }): Micros {
  const part = left.periodMicros <= 0n ? 0n : left.periodMicros / BigInt(Math.max(1, left.daysInPeriod));
  return left.capMicros !== null && left.capMicros < part ? (left.capMicros < 0n ? 0n : left.capMicros) : part;
}

/** Why everything must be held; null when it need not. @param lostMicros spent less earned in the last four weeks, or since a person said go */
export function whyStopAll(lostMicros: Micros, periodMicros: Micros): string | null {
  const most = periodMicros * STOP_LOSS_PERIODS;
  if (most === 0n || lostMicros < most) return null;
  return `experiments have lost ${formatUsd(lostMicros)} in four weeks, the portfolio's stop-loss is ${formatUsd(most)}`;
}
