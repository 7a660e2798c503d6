// `wait`: the task sleeps as a row until a market day, an order, a reply or a time, and never beyond its deadline.
import { inTransaction } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { readMarketDay } from '../domain/offers/launch-store.ts';
import { startWaiting, type Wait } from '../domain/tasks/run-store.ts';
import { wakeIfDayPassed } from '../domain/tasks/wake-store.ts';
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
    if (!(await startWaiting(trx, run.lease, wait))) return;
    if (wait.marketDay !== null && (await wakeIfDayPassed(trx, run.task.id))) await wake(trx, { job: 'work' });
    await showGoal(trx, run.goal.id);
  });
  return false;
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
