// Re-draws the live cards of a goal and of a request inside the transaction that changed them.

import type { Card } from '../chat/card.ts';
import { type Post, postMessage, postMessages } from '../chat/outbox-store.ts';
import { approvalCard } from '../chat/views/approval-card.ts';
import { goalCard } from '../chat/views/goal-card.ts';
import { planCard } from '../chat/views/plan-card.ts';
import { resultCard } from '../chat/views/result-card.ts';
import { formatUsd } from '../core/money.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import { type Approval, findApproval, listVotes } from '../domain/approvals/approval-store.ts';
import { listDocumentsOfGoal } from '../domain/documents/document-store.ts';
import { findGoal, type Goal } from '../domain/goals/goal-store.ts';
import { readGoalView } from '../domain/goals/goal-view-store.ts';
import { findPlan } from '../domain/goals/plan-store.ts';
import { keepMeasured } from '../domain/memory/memory-store.ts';
import { type ProfitAndLoss, readProfitAndLoss } from '../domain/money/ledger-store.ts';
import { profitOf } from '../domain/money/profit.ts';
import { listLaunchesOfGoal } from '../domain/offers/launch-store.ts';
import { listCallsOfApproval } from '../domain/tools/asked-call-store.ts';

/** The goal's one live card, edited in place. */
export async function showGoal(db: DatabaseOrTrx, goalId: number): Promise<Card> {
  const post = await drawGoal(db, goalId);
  await postMessages(db, [post]);
  return post.card;
}

/** That card as its rows are now. */
export async function drawGoal(db: DatabaseOrTrx, goalId: number): Promise<Post> {
  const view = await readGoalView(db, goalId);
  if (view === null) throw new Error(`goal ${goalId} is gone`);
  return { channel: 'goals', goalId, key: `goal:${goalId}`, card: goalCard(view.goal, view.tasks, view.committedMicros) };
}

/** A request's card as its rows are now; plans keep their table of tasks until decided. */
export async function drawApproval(db: DatabaseOrTrx, approval: Approval): Promise<Card> {
  if (approval.kind === 'plan' && approval.status === 'pending' && approval.plan_id !== null && approval.goal_id !== null) {
    const [goal, plan] = [await findGoal(db, approval.goal_id), await findPlan(db, approval.plan_id)];
    if (goal !== undefined && plan !== undefined) return planCard(goal, plan, approval);
  }
  const votes = approval.needed > 1 ? await listVotes(db, approval.id) : [];
  return approvalCard(approval, approval.kind === 'plan' ? [] : await listCallsOfApproval(db, approval.id), votes);
}

/** A request's card is one message, edited in place. */
export const approvalPost = (approval: Pick<Approval, 'id' | 'goal_id'>, card: Card): Post => ({
  channel: 'approvals',
  goalId: approval.goal_id,
  key: `approval:${approval.id}`,
  card,
});

export async function showApproval(db: DatabaseOrTrx, approval: Approval): Promise<Card> {
  const card = await drawApproval(db, approval);
  await postMessage(db, approvalPost(approval, card));
  return card;
}

export async function showApprovalById(db: DatabaseOrTrx, id: number): Promise<void> {
  const approval = await findApproval(db, id);
  if (approval !== undefined) await showApproval(db, approval);
}

/** The result card from the ledger as it is now; later payments and refunds come here again. */
export async function showResult(db: DatabaseOrTrx, goal: Goal): Promise<void> {
  const launches = await listLaunchesOfGoal(db, goal.id);
  const sums = await readProfitAndLoss(db, { mode: goal.mode, goalId: goal.id });
  const card = resultCard({
    goal,
    sums,
    running: launches.filter((launch) => launch.status === 'running').length,
    launches: launches.length,
    documents: await listDocumentsOfGoal(db, goal.id),
    liveModelCostMicros: goal.mode === 'live' ? 0n : (await readProfitAndLoss(db, { mode: 'live', goalId: goal.id })).modelCostMicros,
  });
  await postMessage(db, { channel: goal.metric === 'document' ? 'goals' : 'revenue', goalId: goal.id, key: `result:${goal.id}`, card });
  await keepMeasured(db, { mode: goal.mode, goalId: goal.id, text: measuredWords(goal, sums), source: { kind: 'goal', id: goal.id } });
}

/** What later plans may quote of it: figures of the ledger, and the goal's own words. */
function measuredWords(goal: Goal, sums: ProfitAndLoss): string {
  const title = goal.tainted ? '' : ` “${goal.title}”`;
  return `Goal ${goal.id}${title} is ${goal.status}: revenue ${formatUsd(sums.revenueMicros)}, refunds ${formatUsd(sums.refundsMicros)}, profit ${formatUsd(profitOf(sums))}, of a budget of ${formatUsd(goal.budget_micros)} (${goal.mode} money)`;
}
