// When a run has to stop although the model would go on: too many steps, the same call again and again, A→B→A loops, garbage, words without a call.

export const MAX_STEPS = 24;
export const MAX_CALLS_PER_TURN = 16;
const MAX_SAME = 3;
const MAX_INVALID = 5;
const MAX_WORDS_ONLY = 4;

export interface PastCall {
  /** Tool and canonical arguments. */
  fingerprint: string;
  status: string;
  tool: string;
}

/**
 * @param turns how often the model was asked, and how many of its last answers in a row called nothing.
 * @param calls this attempt's calls, oldest first.
 * @returns the named reason to stop, or null.
 */
export function findStopReason(turns: { count: number; wordsOnly: number }, calls: readonly PastCall[]): string | null {
  if (turns.count >= MAX_STEPS) return `step limit: ${MAX_STEPS} steps without an end`;
  if (turns.wordsOnly >= MAX_WORDS_ONLY) return `words only: ${MAX_WORDS_ONLY} answers in a row without a call`;
  if (calls.filter((call) => call.status === 'invalid').length >= MAX_INVALID)
    return `invalid calls: ${MAX_INVALID} calls could not be used`;
  const sinceWait = calls.slice(calls.findLastIndex((call) => call.tool === 'wait') + 1).filter((call) => call.tool !== 'wait');
  const counts = new Map<string, number>();
  for (const call of sinceWait) counts.set(call.fingerprint, (counts.get(call.fingerprint) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  if (most > MAX_SAME) return `repetition: the same call ${most} times`;
  return isAlternating(sinceWait) ? 'repetition: the same two calls in turn' : null;
}

function isAlternating(calls: readonly PastCall[]): boolean {
  const last = calls.slice(-6).map((call) => call.fingerprint);
  if (last.length < 6) return false;
  return last[0] !== last[1] && last.every((fingerprint, index) => fingerprint === last[index % 2]);
}
