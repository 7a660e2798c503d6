// The turns of tasks that code writes in the place of a model. What they ask for goes the same way as any model's calls: judged, asked for,
// reserved, executed once, recorded.
import type { TaskPolicy } from '../db/tables/states.ts';
import type { ChatReply } from '../domain/brain/chat-model.ts';
import { listUnread } from '../domain/experiments/result-store.ts';
import { findReview } from '../domain/experiments/review-store.ts';
import { listRunningOf } from '../domain/offers/launch-store.ts';
import { MAX_CALLS_PER_TURN } from '../domain/tasks/stop-rule.ts';
import type { ToolCall } from '../domain/tools/call-store.ts';
import type { Deps } from './deps.ts';
import { decideDay } from './experiments/decide-day.ts';
import { readToday } from './experiments/read-portfolio.ts';
import { startTurn } from './experiments/start-turn.ts';
import { stopOnLoss } from './experiments/stop-on-loss.ts';
import { finish, type PolicyCall, say } from './policy-reply.ts';
import type { Run } from './run-state.ts';

/** What a refund's task was made with; `amount` null is all that is left. */
export interface RefundInput {
  orderId: number;
  chargeId: string;
  amount: string | null;
  reason: string;
}

export function writePolicyTurn(deps: Deps, run: Run, policy: TaskPolicy): Promise<ChatReply> {
  switch (policy) {
    case 'review':
      return reviewTurn(deps, run);
    case 'start':
      return startTurn(deps, run, pastCalls(run));
    case 'rollback':
      return rollbackTurn(deps, run);
    case 'weekly':
      return weeklyTurn(run);
    case 'refund':
      return refundTurn(run);
  }
}

/** Every attempt's: a new one must not do again what an earlier one did. */
const pastCalls = (run: Run): ToolCall[] => [...run.earlier, ...run.calls].filter(({ tool }) => tool !== 'finish');

/** Read what nobody has read, decide, act on the decision, end. */
async function reviewTurn(deps: Deps, run: Run): Promise<ChatReply> {
  const past = pastCalls(run);
  let decision = await findReview(deps.db, run.task.id);
  if (decision === null) {
    const tried = new Set(
      past.filter(({ tool }) => tool === 'market_results').map((call) => (call.arguments as { launchId?: string }).launchId),
    );
    const unread = (await listUnread(deps.db, run.task.mode, await readToday(deps, deps.db))).filter((id) => !tried.has(id));
    if (unread.length > 0)
      return say(
        'What the launches of the days before have brought.',
        unread.slice(0, MAX_CALLS_PER_TURN).map((launchId) => ({ tool: 'market_results', arguments: { launchId } })),
      );
    await stopOnLoss(deps, run.goal.id);
    decision = await decideDay(deps, run.task.id);
  }
  if (decision === null) return finish('done', 'The day was reviewed by another task.');
  setBudget(run, BigInt(decision.goalBudgetMicros));
  const made = past.filter(({ tool }) => tool !== 'market_results').length;
  const next = decision.calls.slice(made, made + MAX_CALLS_PER_TURN);
  return next.length > 0
    ? say(decision.lines.join('\n'), next)
    : finish('done', 'The day is reviewed, and what was decided is carried out.');
}

/** The decision moved it after this run had read its goal. */
function setBudget(run: Run, budgetMicros: bigint): void {
  run.leftMicros += budgetMicros - run.goal.budget_micros;
  run.goal.budget_micros = budgetMicros;
}

/** Stop what still runs of an experiment that is over, and see what came back. */
async function rollbackTurn(deps: Deps, run: Run): Promise<ChatReply> {
  const past = pastCalls(run);
  const { page } = (run.task.policy_input ?? {}) as { page?: PolicyCall['arguments'] };
  if (page !== undefined)
    return past.length === 0
      ? say('The experiment is over: its page is taken down, and its payment link ends.', [{ tool: 'retire_page', arguments: page }])
      : finish(past.at(-1)?.status === 'done' ? 'done' : 'nothing_done', `Taking the page down is ${past.at(-1)?.status}.`);
  const stopped = new Set(past.map((call) => (call.arguments as { launchId?: string }).launchId));
  const wanted = ((run.task.policy_input ?? {}) as { launchIds?: string[] }).launchIds ?? [];
  const running = await listRunningOf(deps.db, run.task.mode, wanted);
  const next = running.filter((id) => !stopped.has(id)).slice(0, MAX_CALLS_PER_TURN);
  if (next.length > 0)
    return say(
      'The experiment is over: what still runs is stopped, and the rest of its money comes back.',
      next.map((launchId) => ({ tool: 'market_stop', arguments: { launchId } })),
    );
  return finish('done', 'Nothing of the experiment runs any more.');
}

/** The moves of the week, as one request with a choice for each. */
async function weeklyTurn(run: Run): Promise<ChatReply> {
  const { calls, words } = run.task.policy_input as unknown as { calls: PolicyCall[]; words: string };
  return pastCalls(run).length === 0 ? say(words, calls.slice(0, MAX_CALLS_PER_TURN)) : finish('done', 'The week is reviewed.');
}

/** What a person asked for on an order: one refund, and a look at the provider's own record of it. */
async function refundTurn(run: Run): Promise<ChatReply> {
  const { chargeId, amount, reason } = run.task.policy_input as unknown as RefundInput;
  const past = pastCalls(run);
  const last = past.at(-1);
  if (last === undefined) return say(run.task.why, [{ tool: 'refund_payment', arguments: { chargeId, amount, reason } }]);
  if (last.status !== 'done') return finish('nothing_done', `The money was not given back: the call was ${last.status}.`);
  if (last.tool === 'refund_payment')
    return say('It is read back as the provider has it.', [{ tool: 'payment_status', arguments: { id: last.receipt ?? '' } }]);
  return finish('done', 'The money was given back; the receipt is at its call.');
}
