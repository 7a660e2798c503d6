// How long to wait before a failed task is tried again.

const BASE_MS = 2_000;
const CAP_MS = 600_000;

/**
 * Milliseconds before the next try: 2 s doubled with each attempt, at most 10 minutes, the upper half of it random
 * ("equal jitter", Brooker, AWS Architecture Blog 2015), so that tasks which failed together do not come back together.
 * @param attempt how often it was tried, from 1.
 * @param random 0 ≤ x < 1.
 */
export function retryDelayMs(attempt: number, random: () => number): number {
  const doublings = attempt >= 1 ? attempt - 1 : 0;
  const full = Math.min(CAP_MS, BASE_MS * 2 ** doublings);
  return Math.round(full / 2 + (full / 2) * random());
}
