// When a run has to stop although the model would go on: too many steps, the same call or failure again and again, A→B→A loops,
// nothing new for long, garbage, words without a call.

export const MAX_STEPS = 24;
export const MAX_CALLS_PER_TURN = 16;
const MAX_SAME = 3;
const MAX_INVALID = 5;
const MAX_WORDS_ONLY = 4;

/** Of the mode that does the task. */
export interface RunLimits {
  iterations: number;
  sameFailures: number;
  noProgress: number;
}

const USUAL: RunLimits = { iterations: MAX_STEPS, sameFailures: 4, noProgress: 8 };

export interface PastCall {
  /** Tool and canonical arguments. */
  fingerprint: string;
  status: string;
  tool: string;
  turnId?: number;
  error?: string | null;
}

/**
 * @param turns how often the model was asked, and how many of its last answers in a row called nothing.
 * @param calls this attempt's calls, oldest first.
 * @returns the named reason to stop, or null.
 */
export function findStopReason(
  turns: { count: number; wordsOnly: number },
  calls: readonly PastCall[],
  limits: RunLimits = USUAL,
): string | null {
  if (turns.count >= limits.iterations) return `step limit: ${limits.iterations} steps without an end`;
  if (turns.wordsOnly >= MAX_WORDS_ONLY) return `words only: ${MAX_WORDS_ONLY} answers in a row without a call`;
  if (calls.filter((call) => call.status === 'invalid').length >= MAX_INVALID)
    return `invalid calls: ${MAX_INVALID} calls could not be used`;
  const sinceWait = calls.slice(calls.findLastIndex((call) => call.tool === 'wait') + 1).filter((call) => call.tool !== 'wait');
  const counts = new Map<string, number>();
  for (const call of sinceWait) counts.set(call.fingerprint, (counts.get(call.fingerprint) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  if (most > MAX_SAME) return `repetition: the same call ${most} times`;
  const failure = findSameFailure(sinceWait, limits.sameFailures);
  if (failure !== null) return failure;
  const idle = countWithoutProgress(sinceWait);
  if (idle >= limits.noProgress) return `no progress: nothing new in the last ${idle} steps`;
  return isAlternating(sinceWait) ? 'repetition: the same two calls in turn' : null;
}

/** Numbers and ids aside: "order 17 is gone" and "order 18 is gone" are one failure. */
const failureOf = (call: PastCall): string =>
  `${call.tool}: ${(call.error ?? '')
    .toLowerCase()
    .replace(/[\da-f-]{8,}|\d+/g, '#')
    .slice(0, 200)}`;

function findSameFailure(calls: readonly PastCall[], limit: number): string | null {
  const counts = new Map<string, number>();
  for (const call of calls.filter(({ status }) => status === 'failed' || status === 'refused')) {
    const failure = failureOf(call);
    const count = (counts.get(failure) ?? 0) + 1;
    if (count >= limit) return `the same failure ${count} times: ${call.tool}`;
    counts.set(failure, count);
  }
  return null;
}

const ENDED_IN_VAIN: readonly string[] = ['invalid', 'failed', 'refused', 'denied', 'expired', 'cancelled'];

/** Steps at the end whose calls all failed or repeated what was done before. */
function countWithoutProgress(calls: readonly PastCall[]): number {
  const done = new Set<string>();
  let last: number | undefined;
  let idle = 0;
  for (const { turnId, fingerprint, status } of calls) {
    if (turnId === undefined) continue;
    if (turnId !== last) idle += 1;
    last = turnId;
    if (ENDED_IN_VAIN.includes(status) || done.has(fingerprint)) continue;
    done.add(fingerprint);
    // This step brought something, so the next is the first that may not.
    idle = 0;
  }
  return idle;
}

function isAlternating(calls: readonly PastCall[]): boolean {
  const last = calls.slice(-6).map((call) => call.fingerprint);
  if (last.length < 6) return false;
  return last[0] !== last[1] && last.every((fingerprint, index) => fingerprint === last[index % 2]);
}
