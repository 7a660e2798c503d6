// `wait`: the task sleeps as a row until a market day, an order, a reply or a time, and never beyond its deadline.
import { inTransaction, type Trx } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { type Goal, lockGoal } from '../domain/goals/goal-store.ts';
import { hasSaleSince } from '../domain/money/ledger-store.ts';
import { holdMarketDay, readMarketDay } from '../domain/offers/launch-store.ts';
import { startWaiting, type Wait } from '../domain/tasks/run-store.ts';
import { endWait } from '../domain/tasks/wake-store.ts';
import { finishWait, type ToolCall } from '../domain/tools/call-store.ts';
import type { WaitInput } from './control-tools.ts';
import type { Deps } from './deps.ts';
import type { Run } from './run-state.ts';
import { showGoal } from './show.ts';

const LONGEST_WAIT_MS = 14 * 24 * 3_600_000;
const DEFAULT_WAIT_MS = 3_600_000;

/** @returns true when the wait is already over and the run goes on. */
export async function sleepTask(deps: Deps, run: Run, call: ToolCall, input: WaitInput): Promise<boolean> {
  const today = await readMarketDay(deps.db, run.task.mode);
  // A wait that was begun before is in the task's row; being claimed again means that it is over.
  if (run.task.wait_call_id === call.id) {
    const output = { waitedDays: waitedDays(run, input, today), day: today };
    await finishWait(deps.db, { id: call.id, output });
    Object.assign(call, { status: 'done', output });
    return true;
  }
  const wait = planWait(input, call.id, today, deps.clock.now().getTime());
  await inTransaction(deps.db, async (trx) => {
    // Whoever brings a reply or an order locks the goal too: it is here before this look, or finds the task asleep.
    const goal = await lockGoal(trx, run.goal.id);
    if (!(await startWaiting(trx, run.lease, wait))) return;
    if (goal !== undefined && (await hasCome(trx, run, goal, call, wait))) {
      await endWait(trx, run.task.id);
      await wake(trx, { job: 'work' });
    }
    await showGoal(trx, run.goal.id);
  });
  return false;
}

/** Whether what it is to wait for came while the model was still thinking about it, unseen. */
async function hasCome(trx: Trx, run: Run, goal: Goal, call: ToolCall, wait: Wait): Promise<boolean> {
  switch (wait.waitFor) {
    case 'market_day':
      return (await holdMarketDay(trx, run.task.mode)) >= (wait.marketDay ?? 0);
    case 'order':
      return hasSaleSince(trx, goal, lastLook(run, call));
    case 'reply':
      return goal.notes.length > run.goal.notes.length || goal.notes.some((note) => new Date(note.at) > call.created_at);
    case 'time':
      return false;
  }
}

/** The newest the model can have known: when its last call before this one ended, or else when it began. */
function lastLook(run: Run, call: ToolCall): Date {
  const ends = run.calls.filter((other) => other.id < call.id).flatMap((other) => other.ended_at ?? []);
  return ends.at(-1) ?? run.task.started_at ?? call.created_at;
}

function waitedDays(run: Run, input: WaitInput, today: number): number {
  if (input.days === undefined || run.task.wait_market_day === null) return 0;
  return Math.max(0, today - (run.task.wait_market_day - input.days));
}

function planWait(input: WaitInput, callId: number, today: number, now: number): Wait {
  const deadline = new Date(now + LONGEST_WAIT_MS);
  const base = { callId, deadline, readyAt: null, marketDay: null };
  if (input.days !== undefined) return { ...base, waitFor: 'market_day', marketDay: today + input.days };
  if (input.forOrder === true) return { ...base, waitFor: 'order' };
  if (input.forReply === true) return { ...base, waitFor: 'reply' };
  return { ...base, waitFor: 'time', readyAt: new Date(now + (input.minutes === undefined ? DEFAULT_WAIT_MS : input.minutes * 60_000)) };
}
