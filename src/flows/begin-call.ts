// Claims a call for execution: once, unpaused, within its rate, its grant and every cap; the reservation is in the same transaction.
import { capWords } from '../chat/views/cap-card.ts';
import { type DatabaseOrTrx, inTransaction, type Trx } from '../db/database.ts';
import { consumeGrant } from '../domain/approvals/grant-store.ts';
import { auditAlong, recordAudit } from '../domain/audit/audit-store.ts';
import type { FailureKind } from '../domain/brain/failure.ts';
import { periodCaps } from '../domain/money/caps.ts';
import { type ReservationAnswer, readRefusal, reservationOf } from '../domain/money/reservation-store.ts';
import { reaskCall } from '../domain/tools/asked-call-store.ts';
import { beginCall, finishCall, type ToolCall } from '../domain/tools/call-store.ts';
import type { Tool } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';
import type { Run } from './run-state.ts';
import { showApprovalById } from './show.ts';
import { tellCapStop } from './tell-caps.ts';

export type Executed =
  | { kind: 'ended' }
  /** Ended without being made. */
  | { kind: 'refused' }
  /** The facts behind the request have changed: it must be asked anew. */
  | { kind: 'changed' }
  | { kind: 'later'; why: string; delayMs: number; failureKind?: FailureKind }
  | { kind: 'lost' };

type Begun = 'begun' | Executed;

const RATE_DELAY_MS = 15_000;

export async function begin(deps: Deps, run: Run, call: ToolCall, tool: Tool, retake: boolean): Promise<Begun> {
  const rate = { ...tool.rate, atOnce: deps.config.limits.concurrentTasks };
  const claim = { id: call.id, taskId: call.task_id, fence: run.lease.fence, tool: tool.name, rate, retake };
  if (tool.touches === 'nothing' || retake) return readBegin(await beginCall(deps.db, claim));
  const beginAlong = async (db: DatabaseOrTrx): Promise<Begun> =>
    readBegin(await beginCall(db, claim, reservationFor(deps, run, call, tool), [auditAlong([begunOf(call, tool)])]));
  try {
    return call.grant_id === null
      ? await beginAlong(deps.db)
      : await inTransaction(deps.db, (trx) => beginUnderGrant(trx, call, beginAlong));
  } catch (error) {
    const refusal = readRefusal(error);
    if (refusal !== null) return refuseForCap(deps, run, call, tool, refusal);
    if (!(error instanceof GrantGone)) throw error;
    await reaskCall(deps.db, call.id);
    return { kind: 'changed' };
  }
}

class GrantGone extends Error {}

async function beginUnderGrant(trx: Trx, call: ToolCall, beginAlong: (db: DatabaseOrTrx) => Promise<Begun>): Promise<Begun> {
  const begun = await beginAlong(trx);
  if (begun === 'begun' && call.grant_id !== null && !(await consumeGrant(trx, call.grant_id, call.amount_micros))) throw new GrantGone();
  return begun;
}

function reservationFor(deps: Deps, run: Run, call: ToolCall, tool: Tool): ReturnType<typeof reservationOf> | null {
  if (call.amount_micros === 0n || tool.commits === true) return null;
  return reservationOf({
    mode: call.mode,
    kind: 'act',
    goalId: call.goal_id,
    taskId: call.task_id,
    toolCallId: call.id,
    amountMicros: call.amount_micros,
    status: 'sent',
    caps: {
      ...periodCaps(call.mode, deps.config.limits, new Map()),
      // What is given back was never the goal's to spend.
      goalMicros: tool.act === 'refund' ? null : run.goal.budget_micros,
      taskMicros: tool.act === 'refund' ? null : run.task.expected_cost_micros,
    },
    spender: { agent: run.task.agent, tool: tool.name, model: null },
  });
}

const begunOf = (call: ToolCall, tool: Tool) =>
  auditOf(call, tool, 'call.begun', {
    approval: call.approval_id,
    grant: call.grant_id,
    amountMicros: call.amount_micros,
    payee: call.payee,
  });

function readBegin(begun: 'begun' | 'paused' | 'rate' | 'lost'): Begun {
  switch (begun) {
    case 'begun':
      return 'begun';
    case 'lost':
      return { kind: 'lost' };
    case 'paused':
      return { kind: 'later', why: 'paused', delayMs: 0 };
    case 'rate':
      return { kind: 'later', why: "the tool's rate is used up", delayMs: RATE_DELAY_MS };
  }
}

async function refuseForCap(
  deps: Deps,
  run: Run,
  call: ToolCall,
  tool: Tool,
  cap: Extract<ReservationAnswer, { kind: 'refused' }>,
): Promise<Executed> {
  const why = capWords(cap, call.amount_micros);
  const kept = await inTransaction(deps.db, async (trx) => {
    const done = await finishCall(trx, { ...unfinished(run, call), status: 'refused', error: why });
    if (!done) return false;
    await recordAudit(trx, [auditOf(call, tool, 'call.refused', { why })]);
    const stopped = { key: `call:${call.id}`, what: `call ${call.id}`, goalId: call.goal_id, taskId: call.task_id };
    await tellCapStop(trx, { ...stopped, mode: call.mode, cap: cap.cap, name: cap.name, why });
    if (call.approval_id !== null) await showApprovalById(trx, call.approval_id);
    return true;
  });
  return kept ? { kind: 'refused' } : { kind: 'lost' };
}

/** The parts of a call's end that are the same for every end without a result. */
export const unfinished = (run: Run, call: ToolCall) => ({
  id: call.id,
  taskId: call.task_id,
  fence: run.lease.fence,
  output: null,
  receipt: null,
  spentMicros: null,
  evidence: [],
});

export function auditOf(call: ToolCall, tool: Tool, action: string, detail: Record<string, unknown>) {
  return {
    mode: call.mode,
    actor: 'agent',
    action,
    subjectKind: 'tool_call',
    subjectId: call.id,
    detail: { tool: tool.name, version: tool.version, requestHash: call.request_hash, ...detail },
  };
}
