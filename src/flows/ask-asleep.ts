// The usual ask: the whole turn asks. Turn, calls, request, sleeping task, audit row and both cards are one statement.
import { postAlong } from '../chat/outbox-store.ts';
import { approvalCard, type Shown } from '../chat/views/approval-card.ts';
import { goalCard } from '../chat/views/goal-card.ts';
import { type Asking, askAsleep, drawIds, readDraw } from '../domain/approvals/ask-store.ts';
import { auditAlong } from '../domain/audit/audit-store.ts';
import { decisionAlong, riskAlong } from '../domain/decisions/decision-store.ts';
import { readGoalView } from '../domain/goals/goal-view-store.ts';
import { type NewCall, type NewTurn, turnAlong } from '../domain/tools/call-store.ts';
import { askedOf, draftRequest } from './ask-approval.ts';
import type { Deps } from './deps.ts';
import type { JudgedCall } from './judge-calls.ts';
import { ruleChoice } from './log-choice.ts';
import type { Run } from './run-state.ts';
import { approvalPost } from './show.ts';

/** @returns false when nobody could ever approve it: then nothing was written, and the turn must be kept in the general way. */
export async function askAndSleep(deps: Deps, run: Run, turn: NewTurn, judged: readonly JudgedCall[]): Promise<boolean> {
  const view = await readGoalView(deps.db, run.goal.id, drawIds(judged.length));
  if (view === null) return false;
  const drawn = readDraw(view.besides);
  const calls = judged.map(({ asks: _, ...call }, index) => ({
    ...call,
    id: drawn.callIds[index] ?? 0,
    status: 'waiting_approval' as const,
  }));
  const rows = calls.map(rowOf);
  const drafted = await draftRequest(deps, deps.db, run, rows);
  if (drafted.kind === 'impossible') return false;
  const { request } = drafted;
  const asking = { ...request, id: drawn.approvalId, expiresAt: new Date(drawn.at.getTime() + request.expiryMs) };
  const tasks = view.tasks.map((task) => (task.id === run.task.id ? { ...task, status: 'waiting_approval' as const } : task));
  const goal = {
    channel: 'goals' as const,
    goalId: run.goal.id,
    key: `goal:${run.goal.id}`,
    card: goalCard(view.goal, tasks, view.committedMicros),
  };
  const approval = approvalOf(asking);
  await askAsleep(deps.db, run.lease.fence, asking, [
    ...turnAlong(turn, calls),
    riskAlong('asked'),
    decisionAlong([ruleChoice(deps, request)]),
    auditAlong([askedOf(request, rows)]),
    postAlong([approvalPost(approval, approvalCard(approval, rows, [])), goal]),
  ]);
  return true;
}

type Asked = NewCall & { id: number };

/** As the rows will be. */
const rowOf = (call: Asked) => ({
  id: call.id,
  tool: call.tool,
  arguments: call.arguments,
  amount_micros: call.amountMicros,
  payee: call.payee,
  effect: call.effect,
  tainted: call.tainted,
  risk_score: call.riskScore,
  risk_level: call.riskLevel,
  factors: call.factors,
  request_hash: call.requestHash,
  status: call.status,
  receipt: null,
  error: null,
});

const approvalOf = (asking: Asking): Shown => ({
  id: asking.id,
  mode: asking.mode,
  kind: asking.kind,
  goal_id: asking.goalId,
  title: asking.title,
  status: 'pending',
  amount_micros: asking.amountMicros,
  payee: asking.payee,
  risk_score: asking.riskScore,
  risk_level: asking.riskLevel,
  factors: asking.factors,
  reversible: asking.reversible,
  story: asking.story,
  needed: asking.needed,
  type_amount: asking.typeAmount,
  expires_at: asking.expiresAt,
  decided_at: null,
  decided_by: null,
  reason: null,
  approved_micros: null,
});
