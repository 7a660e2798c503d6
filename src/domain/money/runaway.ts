// The breaker: when a goal spends without getting anywhere, or far faster than it used to. Pure.
import { formatUsd, type Micros, usd } from '../../core/money.ts';

/** What a goal spends by itself: model calls, and acts that no person approved one by one. */
export interface Pace {
  /** Since its last new evidence, finished task or decision of a person. */
  callsSinceProgress: number;
  sinceProgressMicros: Micros;
  /** In the last hour, or since a person said go. */
  hourMicros: Micros;
  /** The mean of the hours before in which it spent anything, up to a week back, and how many they were. */
  usualHourMicros: Micros;
  usualHours: number;
}

/** Far more than an honest task thinks between two proofs; a task as a whole ends at 24 steps an attempt. */
const MOST_CALLS = 20;
const MOST_SPENT = usd(3);
/** One dear call alone is no pattern. */
const LEAST_CALLS = 5;
const TIMES_USUAL = 10n;
/** Fewer hours are no habit, and what costs less than this is not worth stopping for. */
const LEAST_HOURS = 3;
const LEAST_HOUR = usd(1) / 2n;

/** Why a goal must be held, in words; null when it need not. */
export function findRunaway(pace: Pace): string | null {
  const { callsSinceProgress: calls, sinceProgressMicros: spent, hourMicros, usualHourMicros } = pace;
  if (calls >= MOST_CALLS || (spent >= MOST_SPENT && calls >= LEAST_CALLS))
    return `${calls} model calls for ${formatUsd(spent)} have brought no new evidence and ended no task`;
  if (pace.usualHours >= LEAST_HOURS && hourMicros >= LEAST_HOUR && hourMicros > TIMES_USUAL * usualHourMicros)
    return `it spent ${formatUsd(hourMicros)} in an hour, more than ten times its usual ${formatUsd(usualHourMicros)}`;
  return null;
}
