// One run of one task: claim it, let the model call tools under the rules, and end only with evidence.
import { inTransaction } from '../db/database.ts';
import { modeOfKind } from '../domain/brain/modes.ts';
import { holdTasks } from '../domain/tasks/hold-store.ts';
import { handBack } from '../domain/tasks/run-store.ts';
import { type Claimed, claimTask } from '../domain/tasks/run-view-store.ts';
import { findStopReason } from '../domain/tasks/stop-rule.ts';
import type { ToolCall } from '../domain/tools/call-store.ts';
import { fingerprint } from '../domain/tools/policy.ts';
import { breakOff } from './break-off.ts';
import type { FinishInput, WaitInput } from './control-tools.ts';
import type { Deps } from './deps.ts';
import { closeTask, tryFinish } from './end-task.ts';
import { executeCall } from './execute-call.ts';
import { isOpen, loadRun, openRun, type Run } from './run-state.ts';
import { sleepTask } from './sleep-task.ts';
import { suspend, think } from './think.ts';

export const LEASE_SECONDS = 60;

/** Claims the next ready task for this process, null when none may run now; `more` says that another is ready. */
export function claimNext(deps: Deps): Promise<{ claimed: Claimed | null; more: boolean }> {
  const { concurrentTasks, tasksPerHour } = deps.config.limits;
  return claimTask(deps.db, {
    mode: deps.mode,
    processId: deps.processId,
    leaseSeconds: LEASE_SECONDS,
    maxRunning: concurrentTasks,
    maxPerHour: tasksPerHour,
  });
}

/** Runs a claimed task until it ends, waits or is handed back. Outside failures become retries with back-off, then a dead task. */
export async function runTask(deps: Deps, claimed: Claimed, signal: AbortSignal): Promise<void> {
  const run = openRun(claimed, signal);
  try {
    // Woken by its wait, an order or a decision while its goal is held.
    if (run.goal.held_at !== null && (await holdTasks(deps.db, { lease: run.lease })).length > 0) return;
    do signal.throwIfAborted();
    while (await takeStep(deps, run));
  } catch (error) {
    await breakOff(deps, run, error);
  }
}

/** One step: settle open calls, or else ask the model what to do. False when the run is over or suspended. */
async function takeStep(deps: Deps, run: Run): Promise<boolean> {
  const open = run.calls.filter(isOpen);
  if (open.length > 0) return settleCalls(deps, run, open);
  const past = run.calls.map((call) => ({ ...call, fingerprint: fingerprint(call.tool, call.arguments), turnId: call.turn_id }));
  const limits = deps.config.modes[modeOfKind(run.task.kind)];
  const stop = findStopReason({ count: run.turns.length, wordsOnly: countWordsOnly(run) }, past, limits);
  if (stop === null) return think(deps, run);
  await closeTask(deps, run, { status: 'failed', summary: null, error: stop, stopReason: stop });
  return false;
}

/** Brings open calls to an end: run what may run, ask what must be asked, then the steering calls. */
async function settleCalls(deps: Deps, run: Run, open: readonly ToolCall[]): Promise<boolean> {
  let changed = false;
  for (const call of open.filter((candidate) => candidate.status !== 'waiting_approval' && !isControl(candidate))) {
    run.signal.throwIfAborted();
    const tool = deps.tools.get(call.tool);
    if (tool === undefined) throw new Error(`tool ${call.tool} is gone`);
    const executed = await executeCall(deps, run, call, tool);
    if (executed.kind === 'lost') return false;
    if (executed.kind !== 'ended') changed = true;
    if (executed.kind === 'later') {
      await handBack(deps.db, run.lease, { delayMs: executed.delayMs, newAttempt: false, error: executed.why });
      return false;
    }
  }
  if (changed) await reload(deps, run);
  if (run.calls.some((call) => call.status === 'waiting_approval')) return inTransaction(deps.db, (trx) => suspend(deps, trx, run));
  const control = run.calls.find((call) => isOpen(call) && isControl(call));
  if (control === undefined) return true;
  if (control.tool === 'wait') return sleepTask(deps, run, control, control.arguments as unknown as WaitInput);
  return tryFinish(deps, run, control, control.arguments as unknown as FinishInput);
}

/** Answers at the end of the conversation that called nothing. */
function countWordsOnly(run: Run): number {
  const calling = new Set(run.calls.map((call) => call.turn_id));
  return run.turns.length - 1 - run.turns.findLastIndex((turn) => calling.has(turn.id));
}

async function reload(deps: Deps, run: Run): Promise<void> {
  const fresh = await loadRun(deps, run.task, run.signal);
  run.calls = fresh.calls;
  run.turns = fresh.turns;
  run.leftMicros = fresh.leftMicros;
  run.asked = fresh.asked;
  run.granted = fresh.granted;
}

const isControl = (call: ToolCall): boolean => call.tool === 'wait' || call.tool === 'finish';
