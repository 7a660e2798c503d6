import type { Trx } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { weighRisk } from '../domain/approvals/risk.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { recordDecision } from '../domain/decisions/decision-store.ts';
import type { Goal } from '../domain/goals/goal-store.ts';
import { type Plan, setPlanStatus } from '../domain/goals/plan-store.ts';
import { PRIORITIES } from '../domain/tasks/priority.ts';
import { addTasks, cancelTasks } from '../domain/tasks/task-store.ts';
import { routeChoices } from './log-choice.ts';
import { showGoal } from './show.ts';

/** Turns an approved plan into tasks; earlier plans' open tasks are cancelled. */
export async function startPlan(trx: Trx, goal: Goal, plan: Plan, by: string): Promise<void> {
  if ((await setPlanStatus(trx, plan.id, 'proposed', 'approved')) === undefined) return;
  await cancelTasks(trx, { goalId: goal.id }, `plan ${plan.revision} took over`);
  const added = await addTasks(
    trx,
    { mode: goal.mode, goalId: goal.id, planId: plan.id },
    plan.tasks.map((task) => {
      const expectedCostMicros = BigInt(Math.round(task.expectedCostUsd * 100)) * 10_000n;
      const launch = task.kind === 'launch';
      const writes = task.kind === 'write' || task.kind === 'code';
      const risk = weighRisk({
        act: launch ? 'launch' : writes ? 'write_own' : 'read',
        reversible: true,
        amountMicros: expectedCostMicros,
        budgetLeftMicros: goal.budget_micros,
        reach: 'nobody',
        touches: launch ? 'money' : writes ? 'own_data' : 'nothing',
        deletesData: false,
        credentials: false,
        production: false,
        tainted: goal.tainted,
        novel: false,
      });
      return { ...task, priority: PRIORITIES[task.priority], expectedCostMicros, riskScore: risk.score, riskLevel: risk.level };
    }),
  );
  await recordDecision(trx, ...routeChoices(added));
  await recordAudit(trx, [
    { mode: goal.mode, actor: by, action: 'plan.started', subjectKind: 'goal', subjectId: goal.id, detail: { plan: plan.id } },
  ]);
  await wake(trx, { job: 'work' });
  await showGoal(trx, goal.id);
}
