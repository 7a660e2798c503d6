// The plans this process is drafting right now: a pause stops them like it stops tasks, and resume brings them back.
import { readControl } from '../domain/tasks/control-store.ts';
import type { Deps } from '../flows/deps.ts';
import { planGoal } from '../flows/plan-goal.ts';

export interface PlanningDesk {
  run(goalId: number): Promise<void>;
  /** Obeys the kill switch: aborts what is being drafted. */
  checkPause(): Promise<void>;
}

export function createPlanningDesk(deps: Deps, stopping: AbortSignal): PlanningDesk {
  const drafting = new Set<AbortController>();
  return {
    run: async (goalId) => {
      const abort = new AbortController();
      drafting.add(abort);
      try {
        await planGoal(deps, goalId, AbortSignal.any([stopping, abort.signal]));
      } catch (error) {
        // The goal stays in planning; its job comes back with resume.
        if (!abort.signal.aborted) throw error;
      } finally {
        drafting.delete(abort);
      }
    },
    checkPause: async () => {
      if (drafting.size === 0 || (await readControl(deps.db)).pausedAt === null) return;
      for (const abort of drafting) abort.abort('paused');
    },
  };
}
