// The gate between a draft and its plan: what cannot be done is said before anything begins, what must wait waits as a row.
import { inTransaction, type Trx } from '../db/database.ts';
import type { Feasibility } from '../db/tables/states.ts';
import type { PlannedTask, TaskKind } from '../domain/brain/plan.ts';
import { recordDecision } from '../domain/decisions/decision-store.ts';
import { readPlanRecord, readTypicalTimes, wasAskedBefore } from '../domain/decisions/outcome-store.ts';
import { type FeasibilityVerdict, judgeFeasibility } from '../domain/goals/feasibility.ts';
import { deferPlanning, type Goal, moveGoal } from '../domain/goals/goal-store.ts';
import { waysOfKind } from '../domain/tasks/evidence.ts';
import type { Deps } from './deps.ts';
import { usableTools } from './draft-plan.ts';
import { showGoal } from './show.ts';

export async function weighPlan(deps: Deps, goal: Goal, tasks: readonly PlannedTask[]): Promise<FeasibilityVerdict> {
  const [record, typicalMs, wasAsked] = await Promise.all([
    readPlanRecord(deps.db, goal.mode),
    readTypicalTimes(deps.db, goal.mode),
    wasAskedBefore(deps.db, goal.id),
  ]);
  const now = deps.clock.now();
  return judgeFeasibility({
    tasks,
    ways: new Map(tasks.map(({ kind }) => [kind, [...waysOfKind(kind as TaskKind), ...serverWays(deps, goal, kind as TaskKind)]])),
    tools: toolHealth(deps, goal),
    deadline: goal.deadline,
    now,
    typicalMs,
    outcomes: record.outcomes,
    wasAsked,
    waitedMs: goal.patient_since === null ? 0 : now.getTime() - goal.patient_since.getTime(),
  });
}

/** Tools of servers say themselves for which kinds they are; what they bring is a read from outside, and proves nothing else. */
const serverWays = (deps: Deps, goal: Goal, kind: TaskKind): string[][] =>
  kind === 'research' ? usableTools(deps, goal).flatMap((tool) => (tool.kinds?.includes(kind) === true ? [[tool.name]] : [])) : [];

/** The registry of this mode as it is, and how the services behind it fare. */
function toolHealth(deps: Deps, goal: Goal): Map<string, { service: string | null; restMs: number }> {
  const tools = usableTools(deps, goal);
  return new Map(
    tools.map((tool) => {
      const service = tool.service?.({})?.name ?? null;
      return [tool.name, { service, restMs: service === null ? 0 : deps.breakers.restMs(service) }];
    }),
  );
}

/** What its cards show. */
export const shownOf = ({ decision, confidence, complexity, missing, blockers, unblock }: FeasibilityVerdict): Feasibility => ({
  ...{ decision, confidence, complexity, missing, blockers, unblock },
});

export async function recordFeasibility(trx: Trx, goal: Goal, verdict: FeasibilityVerdict, tasks: readonly PlannedTask[]): Promise<void> {
  const { decision, confidence, complexity, missing, blockers, unblock, reason } = verdict;
  await recordDecision(trx, {
    ...{
      mode: goal.mode,
      kind: 'feasibility',
      subjectKind: 'goal',
      subjectId: goal.id,
      goalId: goal.id,
      actor: 'planner',
      choice: decision,
    },
    alternatives: ['proceed', 'ask', 'defer', 'reject', 'retry_later'].filter((one) => one !== decision).map((choice) => ({ choice })),
    inputs: { complexity, missing, blockers, unblock, kinds: tasks.map(({ kind }) => kind) },
    ...{ confidence, reason },
  });
}

/** Everything but `proceed`. */
export async function holdPlan(deps: Deps, goal: Goal, verdict: FeasibilityVerdict, tasks: readonly PlannedTask[]): Promise<void> {
  const why = `${verdict.reason} What would help: ${verdict.unblock.join('; ')}.`;
  await inTransaction(deps.db, async (trx) => {
    if (!(await moveOn(trx, goal, verdict, why))) return;
    await recordFeasibility(trx, goal, verdict, tasks);
    await showGoal(trx, goal.id);
  });
}

async function moveOn(trx: Trx, goal: Goal, verdict: FeasibilityVerdict, why: string): Promise<boolean> {
  const feasibility = JSON.stringify(shownOf(verdict));
  switch (verdict.decision) {
    case 'ask': {
      const question = `${verdict.reason} Shall I try all the same, or will you change the goal?`;
      return (await moveGoal(trx, goal.id, ['planning'], 'question', { question, stop_reason: null, feasibility })) !== undefined;
    }
    case 'reject':
      return (await moveGoal(trx, goal.id, ['planning'], 'cancelled', { stop_reason: `Not feasible: ${why}`, feasibility })) !== undefined;
    case 'defer':
    case 'retry_later': {
      const when = `looked at again in ${Math.ceil(verdict.delayMs / 60_000)} minutes`;
      return deferPlanning(trx, goal.id, {
        delayMs: verdict.delayMs,
        why: `${verdict.decision === 'defer' ? 'Deferred' : 'Waits'}: ${why} It is ${when}.`,
        feasibility,
      });
    }
    case 'proceed':
      return false;
  }
}
