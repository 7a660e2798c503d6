// Makes one call happen: claimed once, under its caps, with an idempotency key; after a crash it is looked up, never repeated blindly.
import { postMessage } from '../chat/outbox-store.ts';
import { hashOf } from '../core/canonical-json.ts';
import { AppError, InvalidInput } from '../core/errors.ts';
import { formatUsd } from '../core/money.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { settleCall } from '../domain/money/reservation-store.ts';
import { readApprovedHashes, reaskCall } from '../domain/tools/asked-call-store.ts';
import { finishCall, type ToolCall } from '../domain/tools/call-store.ts';
import { requestHash } from '../domain/tools/policy.ts';
import type { Reconciliation, Tool, ToolContext, ToolOutcome } from '../domain/tools/tool.ts';
import { auditOf, begin, type Executed, unfinished } from './begin-call.ts';
import type { Deps } from './deps.ts';
import type { Run } from './run-state.ts';
import { showApprovalById } from './show.ts';

/** Reconciling goes on when the run itself was aborted: what happened must be known. */
const RECONCILE_TIMEOUT_MS = 15_000;

/** @param call proposed, approved, or executing since a run that died. */
export async function executeCall(deps: Deps, run: Run, call: ToolCall, tool: Tool): Promise<Executed> {
  const context: ToolContext = {
    mode: call.mode,
    goalId: call.goal_id,
    taskId: call.task_id,
    toolCallId: call.id,
    idempotencyKey: call.idempotency_key,
    now: deps.clock.now,
    signal: run.signal,
  };
  const retake = call.status === 'executing';
  if (!retake && tool.touches === 'money' && !(await isUnchanged(deps, call, tool, context))) return { kind: 'changed' };
  const begun = await begin(deps, run, call, tool, retake);
  if (begun !== 'begun') return begun;
  const outcome =
    retake && !tool.repeatable ? await lookUp(deps, call, tool, context, 'after a crash') : await runOnce(deps, call, tool, context);
  return (await finish(deps, run, { call, tool, context, outcome })) ? { kind: 'ended' } : { kind: 'lost' };
}

/**
 * What is approved is what runs: the hash is computed again from what will be sent, and the request's own hash over all its calls.
 * A changed request goes back to be asked.
 */
async function isUnchanged(deps: Deps, call: ToolCall, tool: Tool, context: ToolContext): Promise<boolean> {
  const quote = await tool.quote(call.arguments, context);
  const facts = { amountMicros: quote.amountMicros, payee: quote.payee };
  const hash = requestHash({ tool: tool.name, version: tool.version, arguments: call.arguments, ...facts });
  if (hash === call.request_hash && (await isCovered(deps, call))) return true;
  await inTransaction(deps.db, async (trx) => {
    await reaskCall(trx, { id: call.id, requestHash: hash, ...facts, effect: quote.effect });
    const detail = { was: call.request_hash, is: hash, approval: call.approval_id };
    await recordAudit(trx, [
      { mode: call.mode, actor: 'policy', action: 'call.changed', subjectKind: 'tool_call', subjectId: call.id, detail },
    ]);
  });
  return false;
}

/** Somebody said yes to exactly this: an approval over these very hashes, or a grant (counted when the call begins). */
async function isCovered(deps: Deps, call: ToolCall): Promise<boolean> {
  if (call.status === 'proposed') return call.grant_id !== null;
  if (call.approval_id === null) return false;
  const hashes = await readApprovedHashes(deps.db, call.approval_id);
  return hashes.approved === hashOf(hashes.calls);
}

type Ended = ToolOutcome | { unknown: string };

async function runOnce(deps: Deps, call: ToolCall, tool: Tool, context: ToolContext): Promise<Ended> {
  try {
    return await tool.run(call.arguments, context);
  } catch (error) {
    const why = error instanceof AppError ? error.reply : String(error);
    if (tool.repeatable || error instanceof InvalidInput) return { ok: false, error: why, retryable: true };
    return lookUp(deps, call, tool, context, why);
  }
}

/** Asks the far side what became of the key. Never happened → sent once more under the same key; still in doubt → unknown, and a person is told. */
async function lookUp(deps: Deps, call: ToolCall, tool: Tool, context: ToolContext, why: string): Promise<Ended> {
  const later = { ...context, signal: AbortSignal.timeout(RECONCILE_TIMEOUT_MS) };
  const found: Reconciliation = await tool.reconcile(call.arguments, later);
  deps.log.warn({ toolCallId: call.id, found: found.kind, why }, 'looked up an interrupted call');
  if (found.kind === 'happened') return found.outcome;
  if (found.kind === 'unknown') return { unknown: found.why };
  if (context.signal.aborted) return { ok: false, error: `stopped before it happened: ${why}`, retryable: true };
  try {
    return await tool.run(call.arguments, context);
  } catch (error) {
    const again = await tool.reconcile(call.arguments, later);
    if (again.kind === 'happened') return again.outcome;
    return again.kind === 'unknown'
      ? { unknown: again.why }
      : { ok: false, error: error instanceof AppError ? error.reply : String(error), retryable: true };
  }
}

async function finish(deps: Deps, run: Run, ended: { call: ToolCall; tool: Tool; context: ToolContext; outcome: Ended }): Promise<boolean> {
  const { call, tool, outcome } = ended;
  deps.metrics.toolCall(tool.name, 'unknown' in outcome ? 'unknown' : outcome.ok ? 'done' : 'failed');
  if (tool.touches === 'nothing' && tool.record === undefined) return finishCall(deps.db, resultOf(run, call, outcome));
  return inTransaction(deps.db, async (trx) => {
    if (!(await finishCall(trx, resultOf(run, call, outcome)))) return false;
    await recordEnd(trx, ended);
    return true;
  });
}

async function recordEnd(trx: Trx, ended: { call: ToolCall; tool: Tool; context: ToolContext; outcome: Ended }): Promise<void> {
  const { call, tool, context, outcome } = ended;
  if ('unknown' in outcome) await tellUnknown(trx, call, outcome.unknown);
  else {
    if (outcome.ok) await tool.record?.(trx, call.arguments, outcome, context);
    if (call.amount_micros > 0n) await settleCall(trx, call.id, outcome.ok ? outcome.spentMicros : 0n);
  }
  if (tool.touches !== 'nothing') await recordAudit(trx, [auditOf(call, tool, 'call.ended', endWords(outcome))]);
  if (call.approval_id !== null) await showApprovalById(trx, call.approval_id);
}

function endWords(outcome: Ended): Record<string, unknown> {
  if ('unknown' in outcome) return { unknown: outcome.unknown };
  return outcome.ok ? { receipt: outcome.receipt, spentMicros: outcome.spentMicros.toString() } : { error: outcome.error };
}

async function tellUnknown(trx: Trx, call: ToolCall, why: string): Promise<void> {
  await postMessage(trx, {
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
}

function resultOf(run: Run, call: ToolCall, outcome: Ended) {
  const base = unfinished(run, call);
  if ('unknown' in outcome) return { ...base, status: 'unknown' as const, error: `outcome unknown: ${outcome.unknown}` };
  if (!outcome.ok) return { ...base, status: 'failed' as const, error: outcome.error };
  return {
    ...base,
    status: 'done' as const,
    error: null,
    output: outcome.output,
    receipt: outcome.receipt,
    spentMicros: outcome.spentMicros,
    evidence: outcome.evidence,
  };
}
