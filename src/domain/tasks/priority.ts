// Which task goes first. Waiting raises a task step by step, so that a busy day starves nothing.

export const PRIORITIES = { critical: 0, high: 1, medium: 2, low: 3 } as const;
export type Priority = keyof typeof PRIORITIES;

/** A task that waited this long counts one step higher. */
export const AGE_STEP_MS = 600_000;

/**
 * The number to sort by: 0 goes first. Among equals the one that waited longest goes first, so nothing waits for ever.
 * @param priority 0 (critical) to 3 (low).
 * @param waitedMs milliseconds since the task became ready; below 0 counts as 0.
 */
export function effectivePriority(priority: number, waitedMs: number): number {
  const steps = Math.floor(Math.max(0, waitedMs) / AGE_STEP_MS);
  return Math.max(PRIORITIES.critical, priority - steps);
}
