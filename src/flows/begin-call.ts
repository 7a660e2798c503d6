// Claims a call for execution: once, unpaused, within its rate, its grant and every cap; the reservation is in the same transaction.
import { postMessage } from '../chat/outbox-store.ts';
import { formatUsd } from '../core/money.ts';
import { inTransaction } from '../db/database.ts';
import { consumeGrant } from '../domain/approvals/grant-store.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { periodCaps } from '../domain/money/caps.ts';
import { type ReservationAnswer, readCapSettings, reserve } from '../domain/money/reservation-store.ts';
import { reaskCall } from '../domain/tools/asked-call-store.ts';
import { beginCall, finishCall, type ToolCall } from '../domain/tools/call-store.ts';
import type { Tool } from '../domain/tools/tool.ts';
import type { Deps } from './deps.ts';
import type { Run } from './run-state.ts';
import { showApprovalById } from './show.ts';

export type Executed =
  | { kind: 'ended' }
  /** The facts behind the request have changed: it must be asked anew. */
  | { kind: 'changed' }
  | { kind: 'later'; why: string; delayMs: number }
  | { kind: 'lost' };

type Begun = 'begun' | Executed;

const RATE_DELAY_MS = 15_000;

export async function begin(deps: Deps, run: Run, call: ToolCall, tool: Tool, retake: boolean): Promise<Begun> {
  const claim = { id: call.id, taskId: call.task_id, fence: run.lease.fence, tool: tool.name, rate: tool.rate, retake };
  if (tool.touches === 'nothing' || retake) return readBegin(await beginCall(deps.db, claim));
  const settings =
    tool.touches === 'money'
      ? new Map((await readCapSettings(deps.db, call.mode)).map((row) => [row.period as string, row.limit_micros]))
      : new Map();
  const refusal = await inTransaction(deps.db, async (trx): Promise<Begun> => {
    const begun = readBegin(await beginCall(trx, claim));
    if (begun !== 'begun') return begun;
    if (call.grant_id !== null && !(await consumeGrant(trx, call.grant_id, call.amount_micros))) throw new GrantGone();
    if (call.amount_micros > 0n) {
      const answer = await reserve(trx, {
        mode: call.mode,
        kind: 'act',
        goalId: call.goal_id,
        taskId: call.task_id,
        toolCallId: call.id,
        amountMicros: call.amount_micros,
        status: 'sent',
        caps: {
          ...periodCaps(call.mode, deps.config.limits, settings),
          goalMicros: run.goal.budget_micros,
          taskMicros: run.task.expected_cost_micros,
        },
      });
      if (answer.kind === 'refused') throw new CapReached(answer);
    }
    await recordAudit(trx, [
      auditOf(call, tool, 'call.begun', {
        approval: call.approval_id,
        grant: call.grant_id,
        amountMicros: call.amount_micros,
        payee: call.payee,
      }),
    ]);
    return 'begun';
  }).catch((error: unknown) => {
    if (error instanceof CapReached || error instanceof GrantGone) return error;
    throw error;
  });
  if (refusal instanceof GrantGone) {
    await reaskCall(deps.db, {
      id: call.id,
      requestHash: call.request_hash ?? '',
      amountMicros: call.amount_micros,
      payee: call.payee,
      effect: call.effect,
    });
    return { kind: 'changed' };
  }
  if (refusal instanceof CapReached) return refuseForCap(deps, run, call, tool, refusal.answer);
  return refusal;
}

class CapReached extends Error {
  readonly answer: Extract<ReservationAnswer, { kind: 'refused' }>;
  constructor(answer: Extract<ReservationAnswer, { kind: 'refused' }>) {
    super('cap reached');
    this.answer = answer;
  }
}
class GrantGone extends Error {}

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
  const why = `the ${cap.cap.replace('_', ' ')} cap: ${formatUsd(cap.usedMicros)} of ${formatUsd(cap.limitMicros)} used or reserved, this needs ${formatUsd(call.amount_micros)}`;
  const raise =
    cap.cap === 'goal' || cap.cap === 'task'
      ? 'Only a new goal or plan with a larger budget would raise it.'
      : 'An owner can restore it with /budget up to its ceiling; the ceiling is set in the environment.';
  const kept = await inTransaction(deps.db, async (trx) => {
    const done = await finishCall(trx, { ...unfinished(run, call), status: 'refused', error: why });
    if (!done) return false;
    await recordAudit(trx, [auditOf(call, tool, 'call.refused', { why })]);
    await postMessage(trx, {
      channel: 'approvals',
      goalId: call.goal_id,
      key: `cap:${call.id}`,
      card: {
        title: `Stopped by a cap: call ${call.id}`,
        tone: 'bad',
        text: `${why}. ${raise}`,
        buttons: [{ label: 'Budgets', command: 'budget', args: {}, style: 'plain' }],
        ref: { kind: 'task', id: call.task_id },
      },
    });
    if (call.approval_id !== null) await showApprovalById(trx, call.approval_id);
    return true;
  });
  return kept ? { kind: 'ended' } : { kind: 'lost' };
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
