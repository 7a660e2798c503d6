// Turns the asking calls of one turn into one request, itemised, persisted before anything is posted.

import { hashOf } from '../core/canonical-json.ts';
import { formatUsd } from '../core/money.ts';
import type { Trx } from '../db/database.ts';
import type { FactorRow, RiskLevel } from '../db/tables.ts';
import { type Approval, addApproval } from '../domain/approvals/approval-store.ts';
import { approverRule, canEverComplete } from '../domain/approvals/approver-rule.ts';
import { maySilenceApprove } from '../domain/approvals/silence.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { findPersonsOf } from '../domain/people/people-store.ts';
import type { ToolCall } from '../domain/tools/call-store.ts';
import type { Deps } from './deps.ts';
import type { Run } from './run-state.ts';
import { showApproval } from './show.ts';

const LEVELS: readonly RiskLevel[] = ['low', 'medium', 'high', 'critical'];

export type Asked = { kind: 'asked'; approval: Approval } | { kind: 'impossible'; why: string };

/** @returns impossible when too few people could ever say yes; then nothing was written. */
export async function askApproval(deps: Deps, trx: Trx, run: Run, calls: readonly ToolCall[]): Promise<Asked> {
  const amountMicros = calls.reduce((sum, call) => sum + call.amount_micros, 0n);
  const rule = approverRule({ mode: run.goal.mode, amountMicros, ...deps.config.approvals });
  const approvers = await findPersonsOf(trx, deps.config.people.approvers);
  if (!canEverComplete({ approverPersons: approvers, rule, givenByPerson: run.goal.given_by_person })) {
    return {
      kind: 'impossible',
      why: `nobody could approve it: ${rule.needed} approver${rule.needed > 1 ? 's other than the giver of the goal are' : ' is'} needed. Set JUG_APPROVERS.`,
    };
  }
  const worst = calls.reduce((a, b) => (b.risk_score > a.risk_score ? b : a));
  const level = LEVELS[Math.max(...calls.map((call) => LEVELS.indexOf(call.risk_level)))] ?? 'critical';
  const reversible = calls.every((call) => deps.tools.get(call.tool)?.reversible ?? false);
  const reach = calls.every((call) => deps.tools.get(call.tool)?.reach === 'nobody') ? 'nobody' : 'public';
  const silence = deps.config.approvals.silenceMs > 0 && maySilenceApprove({ level, reversible, amountMicros, reach, kind: 'act' });
  const payees = [...new Set(calls.map((call) => call.payee).filter((payee) => payee !== null))];
  const approval = await addApproval(trx, {
    mode: run.goal.mode,
    kind: 'act',
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
    story: storyOf(run, calls, amountMicros),
    requestHash: hashOf(calls.map((call) => call.request_hash)),
    needed: rule.needed,
    typeAmount: rule.typeAmount,
    expiryMs: deps.config.approvals.expiryMs,
    silenceMs: silence ? deps.config.approvals.silenceMs : null,
    callIds: calls.map((call) => call.id),
  });
  await recordAudit(trx, [
    {
      mode: run.goal.mode,
      actor: approval.asked_by,
      action: 'approval.requested',
      subjectKind: 'approval',
      subjectId: approval.id,
      detail: {
        calls: calls.map((call) => ({
          id: call.id,
          tool: call.tool,
          requestHash: call.request_hash,
          amountMicros: call.amount_micros.toString(),
        })),
        riskLevel: level,
        needed: rule.needed,
      },
    },
  ]);
  await showApproval(trx, approval);
  return { kind: 'asked', approval };
}

function titleOf(calls: readonly ToolCall[], amountMicros: bigint): string {
  const tools = [...new Set(calls.map((call) => call.tool))].join(', ');
  const what = calls.length === 1 ? tools : `${calls.length} × ${tools}`;
  return amountMicros === 0n ? what : `${what} for ${formatUsd(amountMicros)}`;
}

function storyOf(run: Run, calls: readonly ToolCall[], amountMicros: bigint): { label: string; text: string }[] {
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
