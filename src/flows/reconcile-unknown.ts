// Calls whose outcome nobody knows yet are asked about again, until the far side answers; only then is their money settled.
import { postMessage } from '../chat/outbox-store.ts';
import { runAlong } from '../db/along.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { settleCall } from '../domain/money/reservation-store.ts';
import type { ToolCall } from '../domain/tools/call-store.ts';
import type { Reconciliation, Success, Tool, ToolContext } from '../domain/tools/tool.ts';
import { listUnknown, resolveUnknown } from '../domain/tools/unknown-call-store.ts';
import type { Deps } from './deps.ts';
import { showApprovalById } from './show.ts';

const TIMEOUT_MS = 10_000;

/** Never runs a call; only looks. Safe from several processes: the row is resolved once. */
export async function reconcileUnknown(deps: Deps): Promise<void> {
  for (const call of await listUnknown(deps.db, deps.mode)) {
    const tool = deps.tools.get(call.tool);
    if (tool === undefined) continue;
    const context: ToolContext = {
      mode: call.mode,
      goalId: call.goal_id,
      taskId: call.task_id,
      toolCallId: call.id,
      idempotencyKey: call.idempotency_key,
      now: deps.clock.now,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    const found = await tool.reconcile(call.arguments, context);
    if (found.kind !== 'unknown') await resolve(deps, call, found, context);
  }
}

async function record(trx: Trx, tool: Tool | undefined, call: ToolCall, happened: Success | null, context: ToolContext): Promise<void> {
  if (happened === null || tool === undefined) return;
  await runAlong(trx, tool.recordAlong?.(call.arguments, happened, context) ?? []);
  await tool.record?.(trx, call.arguments, happened, context);
}

async function resolve(
  deps: Deps,
  call: ToolCall,
  found: Exclude<Reconciliation, { kind: 'unknown' }>,
  context: ToolContext,
): Promise<void> {
  const tool = deps.tools.get(call.tool);
  const happened = found.kind === 'happened' && found.outcome.ok ? found.outcome : null;
  await inTransaction(deps.db, async (trx) => {
    const end = { id: call.id, taskId: call.task_id };
    const resolved =
      happened === null
        ? await resolveUnknown(trx, {
            ...end,
            status: 'failed',
            output: null,
            error: 'it never happened',
            receipt: null,
            spentMicros: null,
            evidence: [],
          })
        : await resolveUnknown(trx, { ...end, status: 'done', error: null, ...happened });
    if (!resolved) return;
    await record(trx, tool, call, happened, context);
    await settleCall(trx, call.id, happened?.spentMicros ?? 0n);
    const detail = { happened: happened !== null, receipt: happened?.receipt ?? null };
    await recordAudit(trx, [
      { mode: call.mode, actor: 'reconcile', action: 'call.reconciled', subjectKind: 'tool_call', subjectId: call.id, detail },
    ]);
    await postMessage(trx, {
      channel: 'approvals',
      goalId: call.goal_id,
      key: `unknown:${call.id}`,
      card: {
        title: `Outcome known: call ${call.id} (${call.tool})`,
        tone: happened === null ? 'muted' : 'good',
        text:
          happened === null
            ? 'The far side says that it never happened. Its money is free again.'
            : `It happened; receipt ${happened.receipt ?? 'none'}. It is booked now.`,
        ref: { kind: 'task', id: call.task_id },
      },
    });
    if (call.approval_id !== null) await showApprovalById(trx, call.approval_id);
  });
}
