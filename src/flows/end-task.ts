// How a task ends: with evidence, or with a reason; what it held up goes on, and the goal with it.
import type { Trx } from '../db/database.ts';
import { inTransaction } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { cancelPending } from '../domain/approvals/approval-store.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import type { TaskKind } from '../domain/brain/plan.ts';
import { type Goal, lockGoal, moveGoal } from '../domain/goals/goal-store.ts';
import { checkClaims, citedReceipts } from '../domain/promises/claims.ts';
import { readReceipts } from '../domain/promises/promise-store.ts';
import { judgeEvidence, type WorkKind } from '../domain/tasks/evidence.ts';
import { endTask, endTaskAlong, type TaskEnd } from '../domain/tasks/run-store.ts';
import { listTasksOfGoal } from '../domain/tasks/task-store.ts';
import { unblockDependents } from '../domain/tasks/wake-store.ts';
import { decideCalls } from '../domain/tools/asked-call-store.ts';
import { finishCall, listEvidence, type ToolCall } from '../domain/tools/call-store.ts';
import type { FinishInput } from './control-tools.ts';
import type { Deps } from './deps.ts';
import { followPolicyTask } from './experiments/follow-policy-task.ts';
import { findFollowable, skipForLater } from './follow-up.ts';
import { groundSummary } from './ground-summary.ts';
import type { Run } from './run-state.ts';
import { showApproval, showGoal, showResult } from './show.ts';

/** `finish` said done: the evidence decides; what it says is shown as far as it is borne out. @returns true when the run goes on because proof is missing. */
export async function tryFinish(deps: Deps, run: Run, call: ToolCall, input: FinishInput): Promise<boolean> {
  const evidence = await listEvidence(deps.db, run.task.id);
  const proof = judgeEvidence(run.task.kind as WorkKind, evidence);
  if (input.outcome === 'done' && !proof.proven) return sendBack(deps, run, call, `not done: the evidence is missing: ${proof.missing}`);
  const receipts = await readReceipts(deps.db, run.task.mode, citedReceipts(input.summary));
  const unreceipted = checkClaims(input.summary, receipts);
  if (unreceipted.length > 0)
    return sendBack(deps, run, call, `the summary cannot be told like this: ${unreceipted.slice(0, 5).join('; ')}`);
  const gated = groundSummary(run, input, [...receipts.values()]);
  deps.metrics.claimsChecked(gated);
  const summary = gated.text;
  await closeTask(
    deps,
    run,
    input.outcome === 'done'
      ? { status: 'done', summary, error: null, stopReason: null }
      : { status: 'failed', summary, error: `nothing was done: ${summary}`, stopReason: `nothing was done: ${summary}` },
    call,
  );
  return false;
}

/** The run goes on, told why it is not over. */
async function sendBack(deps: Deps, run: Run, call: ToolCall, error: string): Promise<true> {
  await finishCall(deps.db, { ...callEnd(run, call), status: 'refused', error });
  Object.assign(call, { status: 'refused', error });
  const open = run.calls.find((candidate) => candidate.id === call.id);
  if (open !== undefined) Object.assign(open, { status: 'refused', error });
  return true;
}

/** Ends the task in one transaction with everything that follows from it. A lost lease changes nothing. */
export async function closeTask(deps: Deps, run: Run, wanted: TaskEnd, finishing?: ToolCall): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    // Two tasks that end at the same moment end one after the other: else each would find the other running, and nobody settled the goal.
    const goal = await lockGoal(trx, run.goal.id);
    const end = goal === undefined ? wanted : await endOf(deps, trx, run, wanted);
    if (goal === undefined) return;
    if (!(await writeEnd(trx, run, end, finishing))) throw new LostLease();
    deps.metrics.taskEnded(
      run.task.kind,
      end.status,
      run.task.started_at === null ? 0 : (deps.clock.now().getTime() - run.task.started_at.getTime()) / 1000,
      Number(run.calls.reduce((sum, call) => sum + (call.spent_micros ?? 0n), 0n)) / 1e6,
    );
    for (const approval of await cancelPending(trx, { taskId: run.task.id }, `task ${run.task.id} ended`)) {
      await decideCalls(trx, approval.id, { status: 'cancelled', error: 'the task ended' });
      await showApproval(trx, approval);
    }
    const audit = {
      mode: run.task.mode,
      actor: `agent ${run.task.agent}`,
      action: `task.${end.status}`,
      subjectKind: 'task',
      subjectId: run.task.id,
      detail: { summary: end.summary, reason: end.stopReason },
    };
    await recordAudit(trx, [audit]);
    if (end.status === 'done' && (await unblockDependents(trx, run.task.id)).length > 0) await wake(trx, { job: 'work' });
    if (run.task.policy !== null) await followPolicyTask(deps, trx, run.task);
    await settleGoal(trx, goal);
  }).catch((error: unknown) => {
    if (!(error instanceof LostLease)) throw error;
  });
}

/** Undoes what was begun in the transaction. */
class LostLease extends Error {}

async function endOf(deps: Deps, trx: Trx, run: Run, wanted: TaskEnd): Promise<TaskEnd> {
  const service = findFollowable(deps, run, wanted);
  return (service === null ? null : await skipForLater(deps, trx, run, wanted, service)) ?? wanted;
}

/** @returns false when the lease was lost: then nothing changed. */
async function writeEnd(trx: Trx, run: Run, end: TaskEnd, finishing: ToolCall | undefined): Promise<boolean> {
  if (finishing === undefined) return endTask(trx, run.lease, end);
  const finish = { ...callEnd(run, finishing), status: 'done' as const, output: { outcome: end.status } };
  return (await finishCall(trx, finish, [endTaskAlong(run.lease, end)])) !== null;
}

const callEnd = (run: Run, call: ToolCall) => ({
  id: call.id,
  taskId: call.task_id,
  fence: run.lease.fence,
  output: null,
  error: null,
  receipt: null,
  spentMicros: null,
  evidence: [],
});

/** Tasks that cost nothing and earn nothing by themselves. */
const FREE_KINDS: ReadonlySet<string> = new Set<TaskKind>(['research', 'write', 'code']);

/**
 * A goal ends when all its tasks did, fails when one of them did and nothing else of it is under way. Its live card shows either.
 * @param goal locked before its task ended.
 */
export async function settleGoal(trx: Trx, goal: Goal): Promise<void> {
  if (goal.standing) return;
  const tasks = await listTasksOfGoal(trx, goal.id);
  const latest = Math.max(...tasks.map((task) => task.plan_id));
  const current = tasks.filter((task) => task.plan_id === latest);
  // What another task does later is neither done nor broken.
  const counted = current.filter((task) => task.followed_by === null);
  const broken = counted.find((task) => ['failed', 'dead', 'cancelled'].includes(task.status));
  const allDone = counted.every((task) => task.status === 'done');
  // So no request and no run outlives its goal.
  const isUnderWay = current.some((task) => ['pending', 'running', 'waiting', 'waiting_approval'].includes(task.status));
  if (allDone && goal.metric !== 'document' && goal.budget_micros === 0n && current.every((task) => FREE_KINDS.has(task.kind))) {
    await moveGoal(trx, goal.id, ['running'], 'question', {
      question: `The reading and writing is done. To go on I need a budget: give one with "goal budget:60" in this thread, or cancel the goal.`,
    });
  } else if (allDone) {
    const ended = await moveGoal(trx, goal.id, ['running'], 'done');
    if (ended !== undefined) await showResult(trx, ended);
  } else if (broken !== undefined && !isUnderWay) {
    const ended = await moveGoal(trx, goal.id, ['running'], 'failed', {
      stop_reason: `Task ${broken.id} ${broken.status}: ${broken.stop_reason ?? broken.error ?? ''}`.slice(0, 500),
    });
    if (ended !== undefined) await showResult(trx, ended);
  }
  await showGoal(trx, goal.id);
}
