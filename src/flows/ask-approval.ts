// Turns the asking calls of one turn into one request, itemised, persisted before anything is posted.

import type { Post } from '../chat/outbox-store.ts';
import { approvalCard } from '../chat/views/approval-card.ts';
import { hashOf } from '../core/canonical-json.ts';
import { formatUsd, type Micros } from '../core/money.ts';
import type { DatabaseOrTrx, Trx } from '../db/database.ts';
import type { FactorRow, RiskLevel } from '../db/tables/states.ts';
import { addApproval, type NewApproval } from '../domain/approvals/approval-store.ts';
import { type ApproverRule, approverRule, canEverComplete } from '../domain/approvals/approver-rule.ts';
import { maySilenceApprove } from '../domain/approvals/silence.ts';
import { auditAlong } from '../domain/audit/audit-store.ts';
import { decisionAlong } from '../domain/decisions/decision-store.ts';
import { findPersonsOf } from '../domain/people/people-store.ts';
import { sleepAlong } from '../domain/tasks/run-store.ts';
import type { ToolCall } from '../domain/tools/call-store.ts';
import type { Deps } from './deps.ts';
import { experimentStory, type StoryLine } from './experiments/experiment-story.ts';
import { ruleChoice } from './log-choice.ts';
import type { Run } from './run-state.ts';
import { approvalPost } from './show.ts';

const LEVELS: readonly RiskLevel[] = ['low', 'medium', 'high', 'critical'];

export type Asking = { kind: 'asked'; post: Post } | { kind: 'impossible'; why: string };

/** What a request says about a call; it need not have been kept yet. */
export type CallToAsk = Pick<
  ToolCall,
  'id' | 'tool' | 'amount_micros' | 'payee' | 'risk_score' | 'risk_level' | 'factors' | 'request_hash' | 'tainted'
>;

/**
 * Persists the request with its audit row and puts the task to sleep. @returns the card, to be posted in the same transaction;
 * impossible when too few people could ever say yes: then nothing was written.
 */
export async function askApproval(deps: Deps, trx: Trx, run: Run, calls: readonly ToolCall[]): Promise<Asking> {
  const drafted = await draftRequest(deps, trx, run, calls);
  if (drafted.kind === 'impossible') return drafted;
  const { request } = drafted;
  const approval = await addApproval(trx, request, [
    auditAlong([askedOf(request, calls)]),
    decisionAlong([ruleChoice(deps, request)]),
    sleepAlong(run.lease),
  ]);
  const asked = calls.map((call) => ({ ...call, approval_id: approval.id, status: 'waiting_approval' as const }));
  return { kind: 'asked', post: approvalPost(approval, approvalCard(approval, asked, [])) };
}

/** The request that these calls would make. Impossible when too few people could ever say yes. */
export async function draftRequest(
  deps: Deps,
  db: DatabaseOrTrx,
  run: Run,
  calls: readonly CallToAsk[],
): Promise<{ kind: 'drafted'; request: NewApproval & { taskId: number } } | { kind: 'impossible'; why: string }> {
  const amountMicros = calls.reduce((sum, call) => sum + call.amount_micros, 0n);
  const rule = approverRule({ mode: run.goal.mode, amountMicros, ...deps.config.approvals });
  // One yes can come from any approver; only where two are needed does it matter who is the same person.
  const approvers = rule.needed === 1 ? deps.config.people.approvers : await findPersonsOf(db, deps.config.people.approvers);
  if (!canEverComplete({ approverPersons: approvers, rule, givenByPerson: run.goal.given_by_person })) {
    return {
      kind: 'impossible',
      why: `nobody could approve it: ${rule.needed} approver${rule.needed > 1 ? 's other than the giver of the goal are' : ' is'} needed. Set JUG_APPROVERS.`,
    };
  }
  const own = run.task.experiment_id === null ? [] : await experimentStory(db, run.task.mode, run.task.experiment_id);
  return { kind: 'drafted', request: requestOf(deps, run, calls, { amountMicros, rule, own }) };
}

function requestOf(
  deps: Deps,
  run: Run,
  calls: readonly CallToAsk[],
  { amountMicros, rule, own }: { amountMicros: Micros; rule: ApproverRule; own: readonly StoryLine[] },
) {
  const worst = calls.reduce((a, b) => (b.risk_score > a.risk_score ? b : a));
  const level = LEVELS[Math.max(...calls.map((call) => LEVELS.indexOf(call.risk_level)))] ?? 'critical';
  const reversible = calls.every((call) => deps.tools.get(call.tool)?.reversible ?? false);
  const reach = calls.every((call) => deps.tools.get(call.tool)?.reach === 'nobody') ? 'nobody' : 'public';
  const silence = deps.config.approvals.silenceMs > 0 && maySilenceApprove({ level, reversible, amountMicros, reach, kind: 'act' });
  const payees = [...new Set(calls.map((call) => call.payee).filter((payee) => payee !== null))];
  return {
    mode: run.goal.mode,
    kind: 'act' as const,
    goalId: run.goal.id,
    taskId: run.task.id,
    planId: null,
    title: titleOf(calls, amountMicros),
    askedBy: `agent ${run.task.agent}`,
    amountMicros,
    payee: payees.length === 0 ? null : payees.join(', '),
    riskScore: worst.risk_score,
    riskLevel: level,
    factors: worst.factors as FactorRow[],
    reversible,
    outward: amountMicros > 0n || reach !== 'nobody',
    story: [...storyOf(run, calls, amountMicros), ...own],
    requestHash: hashOf(calls.map((call) => call.request_hash)),
    needed: rule.needed,
    typeAmount: rule.typeAmount,
    expiryMs: deps.config.approvals.expiryMs,
    silenceMs: silence ? deps.config.approvals.silenceMs : null,
    callIds: calls.map((call) => call.id),
  };
}

export const askedOf = (request: NewApproval, calls: readonly CallToAsk[]) => ({
  mode: request.mode,
  actor: request.askedBy,
  action: 'approval.requested',
  subjectKind: 'approval',
  subjectId: 'fact' as const,
  detail: {
    calls: calls.map((call) => ({
      id: call.id,
      tool: call.tool,
      requestHash: call.request_hash,
      amountMicros: call.amount_micros.toString(),
    })),
    riskLevel: request.riskLevel,
    needed: request.needed,
  },
});

function titleOf(calls: readonly CallToAsk[], amountMicros: bigint): string {
  const tools = [...new Set(calls.map((call) => call.tool))].join(', ');
  const what = calls.length === 1 ? tools : `${calls.length} × ${tools}`;
  return amountMicros === 0n ? what : `${what} for ${formatUsd(amountMicros)}`;
}

function storyOf(run: Run, calls: readonly CallToAsk[], amountMicros: bigint): { label: string; text: string }[] {
  const sources = [...new Set(run.inputs.map((input) => `${input.id} (${input.tool})`))].slice(0, 8);
  return [
    { label: 'Why', text: `Task ${run.task.id}, ${run.task.title}: ${run.task.why}` },
    { label: 'Why now', text: run.turns.at(-1)?.text.slice(0, 400) || 'The tasks before it are done.' },
    { label: 'Budget left after', text: formatUsd(run.leftMicros - amountMicros) },
    { label: 'Evidence so far', text: sources.length === 0 ? 'none' : `calls ${sources.join(', ')}` },
    { label: 'On deny', text: 'Nothing is spent; the agent is told and does not look for another way.' },
    { label: 'On expiry', text: 'The same as deny. Silence never spends money.' },
    ...(calls.some((call) => call.tainted)
      ? [{ label: 'Warning', text: 'The agent had read text of strangers before it asked for this.' }]
      : []),
  ];
}
