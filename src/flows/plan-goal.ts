// A goal becomes a plan of tasks, shown as a card before work starts; or one question; or an honest "I can't".

import { postMessage } from '../chat/outbox-store.ts';
import { cannotCard } from '../chat/views/draft-card.ts';
import { planCard } from '../chat/views/plan-card.ts';
import { hashOf } from '../core/canonical-json.ts';
import { AppError } from '../core/errors.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import { addApproval, type NewApproval } from '../domain/approvals/approval-store.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import type { PlanReply } from '../domain/brain/plan.ts';
import type { Structured } from '../domain/brain/structured.ts';
import { decisionAlong, recordDecision } from '../domain/decisions/decision-store.ts';
import type { FeasibilityVerdict } from '../domain/goals/feasibility.ts';
import { findGoal, type Goal, moveGoal } from '../domain/goals/goal-store.ts';
import { addPlan, type Plan } from '../domain/goals/plan-store.ts';
import { readGoalUse } from '../domain/money/cap-store.ts';
import { readControl } from '../domain/tasks/control-store.ts';
import type { Deps } from './deps.ts';
import { draftPlan, usableTools } from './draft-plan.ts';
import { planChoice, ruleChoice } from './log-choice.ts';
import { retryPlanningLater } from './retry-planning.ts';
import { showGoal } from './show.ts';
import { startPlan } from './start-plan.ts';
import { holdPlan, recordFeasibility, shownOf, weighPlan } from './weigh-plan.ts';

const MEASURE_QUESTION =
  'How will we know that it worked? Name an amount ("earn $50", "$20 of profit") or the document you want delivered.';

/** Plans a goal that is in planning; harmless when it has moved on, or while everything is paused: resume brings it back. */
export async function planGoal(deps: Deps, goalId: number, signal: AbortSignal): Promise<void> {
  const goal = await findGoal(deps.db, goalId);
  if (goal === undefined || !isItsTurn(deps, goal)) return;
  if ((await readControl(deps.db)).pausedAt !== null) return;
  if (goal.metric === null) return askQuestion(deps, goal, MEASURE_QUESTION);
  const leftMicros = goal.budget_micros - (await readGoalUse(deps.db, goal.id, goal.mode));
  let answer: Structured<PlanReply>;
  try {
    answer = await draftPlan(deps, goal, leftMicros, signal);
  } catch (error) {
    if (!(error instanceof AppError) || signal.aborted) throw error;
    if (await retryPlanningLater(deps, goal, error)) return;
    return failPlanning(deps, goal, error.reply);
  }
  if (answer.kind === 'unusable') return failPlanning(deps, goal, `The model gave no usable plan: ${answer.why}`);
  const reply = answer.value;
  switch (reply.outcome) {
    case 'question':
      return askQuestion(deps, goal, reply.question ?? MEASURE_QUESTION);
    case 'cannot':
      return sayCannot(deps, goal, reply.reply ?? '', answer.model);
    case 'plan':
      return gatePlan(deps, goal, reply, answer.model);
  }
}

const isItsTurn = (deps: Deps, { status, mode, deferred_until: later }: Goal): boolean =>
  status === 'planning' && mode === deps.mode && (later === null || later <= deps.clock.now());

async function askQuestion(deps: Deps, goal: Goal, question: string): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if ((await moveGoal(trx, goal.id, ['planning'], 'question', { question, stop_reason: null })) !== undefined)
      await showGoal(trx, goal.id);
  });
}

async function failPlanning(deps: Deps, goal: Goal, why: string): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const failed = await moveGoal(trx, goal.id, ['planning'], 'failed', { stop_reason: why.slice(0, 500) });
    if (failed === undefined) return;
    await recordAudit(trx, [
      { mode: goal.mode, actor: 'planner', action: 'goal.failed', subjectKind: 'goal', subjectId: goal.id, detail: { why } },
    ]);
    await showGoal(trx, goal.id);
  });
}

async function sayCannot(deps: Deps, goal: Goal, reply: string, model: string): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const ended = await moveGoal(trx, goal.id, ['planning'], 'cancelled', { stop_reason: 'No tool or playbook can do this.' });
    if (ended === undefined) return;
    const practice = deps.model.offers('plan').some((offer) => offer.model === model && offer.practice);
    await recordDecision(trx, {
      ...{ mode: goal.mode, kind: 'plan', subjectKind: 'goal', subjectId: goal.id, goalId: goal.id, actor: 'planner' },
      ...{
        choice: 'no plan',
        alternatives: [{ choice: 'a plan of 2 to 8 tasks' }],
        inputs: { model, tools: usableTools(deps, goal).map((tool) => tool.name) },
      },
      ...{ confidence: null, reason: `No tool or playbook can do this: ${reply}` },
    });
    await postMessage(trx, { channel: 'goals', goalId: goal.id, key: `cannot:${goal.id}`, card: cannotCard(goal, reply, practice) });
    await showGoal(trx, goal.id);
  });
}

async function gatePlan(deps: Deps, goal: Goal, reply: PlanReply, model: string): Promise<void> {
  const verdict = await weighPlan(deps, goal, reply.tasks);
  return verdict.decision === 'proceed' ? proposePlan(deps, goal, { reply, verdict, model }) : holdPlan(deps, goal, verdict, reply.tasks);
}

async function proposePlan(
  deps: Deps,
  goal: Goal,
  { reply, verdict, model }: { reply: PlanReply; verdict: FeasibilityVerdict; model: string },
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const set = { stop_reason: null, feasibility: JSON.stringify(shownOf(verdict)) };
    const moved = await moveGoal(trx, goal.id, ['planning'], goal.may_start_alone ? 'running' : 'plan_review', set);
    if (moved === undefined) return;
    await recordFeasibility(trx, goal, verdict, reply.tasks);
    const plan = await addPlan(trx, {
      goalId: goal.id,
      summary: reply.summary,
      successMeasure: reply.successMeasure,
      tasks: reply.tasks,
      model,
    });
    await recordDecision(trx, planChoice(goal, plan, { model, confidence: verdict.confidence }));
    await recordAudit(trx, [
      {
        mode: goal.mode,
        actor: 'planner',
        action: 'plan.proposed',
        subjectKind: 'goal',
        subjectId: goal.id,
        detail: { plan: plan.id, revision: plan.revision, model, tasks: plan.tasks.map((task) => task.key) },
      },
    ]);
    if (goal.may_start_alone) {
      await postMessage(trx, { channel: 'goals', goalId: goal.id, key: `plan:${plan.id}`, card: planCard(moved, plan, null) });
      await startPlan(trx, moved, plan, goal.given_by);
    } else await askForPlan(deps, trx, moved, plan);
  });
}

/** A plan is a request too: it spends nothing by itself, so it is the low-risk case that silence may approve. */
async function askForPlan(deps: Deps, trx: Trx, goal: Goal, plan: Plan): Promise<void> {
  const request: NewApproval = {
    mode: goal.mode,
    kind: 'plan',
    goalId: goal.id,
    taskId: null,
    planId: plan.id,
    title: `Plan ${plan.revision} for goal ${goal.id}`,
    askedBy: 'agent planner',
    amountMicros: 0n,
    payee: null,
    riskScore: 0,
    riskLevel: 'low',
    factors: [],
    reversible: true,
    outward: false,
    story: [
      { label: 'On deny', text: 'The goal ends.' },
      { label: 'On expiry', text: 'Nothing runs.' },
    ],
    requestHash: hashOf(plan.tasks),
    needed: 1,
    typeAmount: false,
    expiryMs: deps.config.approvals.expiryMs,
    silenceMs: deps.config.approvals.silenceMs > 0 ? deps.config.approvals.silenceMs : null,
    callIds: [],
  };
  const approval = await addApproval(trx, request, [decisionAlong([ruleChoice(deps, request)])]);
  await postMessage(trx, {
    channel: 'approvals',
    goalId: goal.id,
    key: `approval:${approval.id}`,
    card: planCard(goal, plan, approval),
  });
  await showGoal(trx, goal.id);
}
