// What came of a call: its result and evidence, the settled money, the audit row and the card of its request, in one statement;
// the rows of ours that its tool makes of it, in the same transaction. The run's own picture of the call follows.

import { type Post, postAlong } from '../chat/outbox-store.ts';
import { approvalCard } from '../chat/views/approval-card.ts';
import type { Json } from '../core/canonical-json.ts';
import { formatUsd } from '../core/money.ts';
import { redactText } from '../core/redact.ts';
import type { Along } from '../db/along.ts';
import { inTransaction } from '../db/database.ts';
import { auditAlong } from '../domain/audit/audit-store.ts';
import { settleAlong } from '../domain/money/reservation-store.ts';
import { type Asked, readAsked } from '../domain/tools/asked-call-store.ts';
import { type CallResult, finishCall, type ToolCall } from '../domain/tools/call-store.ts';
import type { Tool, ToolContext, ToolOutcome } from '../domain/tools/tool.ts';
import { noteActEnd } from './act-history.ts';
import { auditOf, unfinished } from './begin-call.ts';
import type { Deps } from './deps.ts';
import type { Run } from './run-state.ts';
import { approvalPost } from './show.ts';

export type Ended = ToolOutcome | { unknown: string };

export interface Act {
  call: ToolCall;
  tool: Tool;
  context: ToolContext;
  outcome: Ended;
  /** The request it was approved with, as read just before it began; null when there is none or it was begun by an earlier run. */
  approved: Asked | null;
  /** Begun by an earlier run: its reservation was counted when this one started. */
  retake: boolean;
}

/** @returns false when the lease was lost: then nothing was kept. */
export async function finishAct(deps: Deps, run: Run, act: Act): Promise<boolean> {
  const { call, tool, context, outcome } = act;
  const result = resultOf(run, call, outcome);
  deps.metrics.toolCall(tool.name, result.status);
  const success = 'unknown' in outcome || !outcome.ok ? null : outcome;
  const recorded = success === null ? [] : (tool.recordAlong?.(call.arguments, success, context) ?? []);
  const along = [...moneyAlong(act), ...recorded, ...auditOfEnd(act), ...(await cardsAlong(deps, act, result))];
  const kept =
    success === null || tool.record === undefined
      ? await finishCall(deps.db, result, along)
      : await inTransaction(deps.db, async (trx) => {
          const done = await finishCall(trx, result, along);
          if (done !== null) await tool.record?.(trx, call.arguments, success, context);
          return done;
        });
  if (kept === null) return false;
  Object.assign(call, kept);
  if (call.touches !== 'nothing') noteActEnd(deps, call.mode, { agent: run.task.agent, act: call.act, failed: kept.status !== 'done' });
  run.leftMicros += (act.retake ? call.amount_micros : 0n) - countedAfter(call, outcome);
  return true;
}

const countedAfter = (call: ToolCall, outcome: Ended): bigint =>
  'unknown' in outcome ? call.amount_micros : outcome.ok ? outcome.spentMicros : 0n;

/** What is unknown stays reserved. */
function moneyAlong({ call, outcome }: Act): Along[] {
  return 'unknown' in outcome || call.amount_micros === 0n ? [] : [settleAlong(call.id, countedAfter(call, outcome))];
}

function auditOfEnd({ call, tool, outcome }: Act): Along[] {
  return tool.touches === 'nothing' ? [] : [auditAlong([auditOf(call, tool, 'call.ended', endWords(outcome))])];
}

function endWords(outcome: Ended): Record<string, unknown> {
  if ('unknown' in outcome) return { unknown: outcome.unknown };
  return outcome.ok ? { receipt: outcome.receipt, spentMicros: outcome.spentMicros.toString() } : { error: outcome.error };
}

async function cardsAlong(deps: Deps, { call, outcome, approved }: Act, result: CallResult): Promise<Along[]> {
  const posts: Post[] = 'unknown' in outcome ? [unknownPost(call, outcome.unknown)] : [];
  const asked = approved ?? (call.approval_id === null ? null : await readAsked(deps.db, call.approval_id));
  if (asked !== null) {
    const now = { status: result.status, error: result.error, receipt: result.receipt };
    const calls = asked.calls.map((one) => (one.id === call.id ? { ...one, ...now } : one));
    posts.push(approvalPost(asked.approval, approvalCard(asked.approval, calls, asked.votes)));
  }
  return posts.length === 0 ? [] : [postAlong(posts)];
}

const unknownPost = (call: ToolCall, why: string): Post => ({
  channel: 'approvals',
  goalId: call.goal_id,
  key: `unknown:${call.id}`,
  card: {
    title: `Outcome unknown: call ${call.id} (${call.tool})`,
    tone: 'bad',
    text: `It may or may not have happened: ${why}. It will not be run again. Its ${formatUsd(call.amount_micros)} stay reserved. Look at the far side for key ${call.idempotency_key}.`,
    ref: { kind: 'task', id: call.task_id },
  },
});

function resultOf(run: Run, call: ToolCall, outcome: Ended) {
  const base = unfinished(run, call);
  if ('unknown' in outcome) return { ...base, status: 'unknown' as const, error: redactText(`outcome unknown: ${outcome.unknown}`) };
  if (!outcome.ok) return { ...base, status: 'failed' as const, error: redactText(outcome.error) };
  return {
    ...base,
    status: 'done' as const,
    error: null,
    output: withoutSecrets(outcome.output),
    receipt: outcome.receipt,
    spentMicros: outcome.spentMicros,
    evidence: outcome.evidence.map((proof) => ({ ...proof, source: redactText(proof.source) })),
  };
}

/** What a tool brings is kept, and shown to a model, without the secrets in it. */
function withoutSecrets(output: Json): Json {
  const json = JSON.stringify(output);
  const cut = redactText(json);
  return cut === json ? output : (JSON.parse(cut) as Json);
}
