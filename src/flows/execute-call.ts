// Makes one call happen: claimed once, under its caps, with an idempotency key; after a crash it is looked up, never repeated blindly.
import { AppError, InvalidInput } from '../core/errors.ts';
import { inTransaction } from '../db/database.ts';
import type { Asked } from '../domain/tools/asked-call-store.ts';
import { finishCall, type ToolCall } from '../domain/tools/call-store.ts';
import type { Reconciliation, Tool, ToolContext, ToolOutcome } from '../domain/tools/tool.ts';
import { begin, type Executed, unfinished } from './begin-call.ts';
import type { Deps } from './deps.ts';
import { type Ended, finishAct } from './finish-act.ts';
import { recheckCall } from './recheck-call.ts';
import type { Run } from './run-state.ts';
import { showApprovalById } from './show.ts';
import { findRest, throughBreaker } from './use-service.ts';

/** Reconciling goes on when the run itself was aborted: what happened must be known. */
const RECONCILE_TIMEOUT_MS = 15_000;
/** A lease is renewed long before it ends, so for this time after a write under its fence it is surely ours. */
const SURELY_HELD_MS = 30_000;
/** Between telling a tool to stop and going on without it. */
const DEAF_MS = 2_000;

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
  let approved: Asked | null = null;
  if (!retake) {
    const recheck = await recheckCall(deps, run, call, tool, context);
    if (recheck.kind === 'changed') return { kind: 'changed' };
    if (recheck.kind === 'unusable') return endUnusable(deps, run, call, recheck.why);
    approved = recheck.approved;
    const rest = findRest(deps, tool, call.arguments);
    if (rest !== null) return leaveAlone(deps, run, call, rest);
  }
  const asked = performance.now();
  const begun = await begin(deps, run, call, tool, retake);
  if (begun !== 'begun') return begun;
  // Held up so long that the lease may be another's by now: the call stays `executing`, and whoever holds the task looks it up.
  if (performance.now() - asked > SURELY_HELD_MS) return { kind: 'lost' };
  const outcome =
    retake && !tool.repeatable ? await lookUp(deps, call, tool, context, 'after a crash') : await runOnce(deps, call, tool, context);
  return (await finishAct(deps, run, { call, tool, context, outcome, approved, retake })) ? { kind: 'ended' } : { kind: 'lost' };
}

/** What may be had elsewhere fails at once, so that the model looks elsewhere; the rest waits as a row, which costs no attempt. */
async function leaveAlone(deps: Deps, run: Run, call: ToolCall, rest: { name: string; others: boolean; ms: number }): Promise<Executed> {
  const why = `${rest.name} is down; it is tried again in ${Math.ceil(rest.ms / 1000)} s`;
  if (!rest.others) return { kind: 'later', why, delayMs: rest.ms, failureKind: 'tool_error' };
  const ended = await finishCall(deps.db, { ...unfinished(run, call), status: 'failed', error: `${why}. Use another source, or wait.` });
  return ended === null ? { kind: 'lost' } : { kind: 'refused' };
}

async function endUnusable(deps: Deps, run: Run, call: ToolCall, why: string): Promise<Executed> {
  const ended = await inTransaction(deps.db, async (trx) => {
    if (!(await finishCall(trx, { ...unfinished(run, call), status: 'refused', error: why }))) return false;
    if (call.approval_id !== null) await showApprovalById(trx, call.approval_id);
    return true;
  });
  return ended ? { kind: 'refused' } : { kind: 'lost' };
}

async function runOnce(deps: Deps, call: ToolCall, tool: Tool, context: ToolContext): Promise<Ended> {
  try {
    return await throughBreaker(deps, tool, call.arguments, () => runWithin(tool, call, context));
  } catch (error) {
    const why = error instanceof AppError ? error.reply : String(error);
    if (error instanceof InvalidInput) return { ok: false, error: why, retryable: true };
    if (tool.repeatable) {
      if (goesOnLater(context.signal)) throw error;
      return { ok: false, error: why, retryable: true };
    }
    const found = await lookUp(deps, call, tool, context, why);
    // It may still act on its own, so "nothing there yet" proves nothing.
    return error instanceof DeafTool && !('unknown' in found) && !found.ok ? { unknown: why } : found;
  }
}

/** A pause or our own stop ends nothing: the call stays `executing` and is looked up when the task is claimed again. */
const goesOnLater = (signal: AbortSignal): boolean => signal.aborted && ['paused', 'stopping'].includes(String(signal.reason));

class DeafTool extends Error {}

/** A tool that is deaf to its abort signal is left alone after a moment, so that it cannot hold its slot for ever. */
async function runWithin(tool: Tool, call: ToolCall, context: ToolContext): Promise<ToolOutcome> {
  const { promise: deaf, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => reject(new DeafTool(`${String(context.signal.reason)}, and the tool did not stop`)), DEAF_MS);
  };
  context.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([tool.run(call.arguments, context), deaf]);
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', onAbort);
  }
}

/** Asks the far side what became of the key. Never happened → sent once more under the same key; still in doubt → unknown, and a person is told. */
async function lookUp(deps: Deps, call: ToolCall, tool: Tool, context: ToolContext, why: string): Promise<Ended> {
  const later = { ...context, signal: AbortSignal.timeout(RECONCILE_TIMEOUT_MS) };
  const found: Reconciliation = await tool.reconcile(call.arguments, later);
  deps.log.warn({ toolCallId: call.id, found: found.kind, why }, 'looked up an interrupted call');
  if (found.kind === 'happened') return found.outcome;
  if (goesOnLater(context.signal)) throw new Error(`stopped before its end was known: ${why}`);
  if (found.kind === 'unknown') return { unknown: found.why };
  if (context.signal.aborted) return { ok: false, error: `stopped before it happened: ${why}`, retryable: true };
  try {
    return await runWithin(tool, call, context);
  } catch (error) {
    const again = await tool.reconcile(call.arguments, later);
    if (again.kind === 'happened') return again.outcome;
    return again.kind === 'unknown'
      ? { unknown: again.why }
      : { ok: false, error: error instanceof AppError ? error.reply : String(error), retryable: true };
  }
}
