// What time alone decides: waits that ran out, reminders, silence, expiry, money held for calls that never left. Driven by one timer for the next due row.

import { plainLine } from '../chat/escape.ts';
import { postMessage } from '../chat/outbox-store.ts';
import { inTransaction } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import {
  type Approval,
  clearSilence,
  type Due as DueNow,
  decide,
  listDue,
  noteReminder,
  SILENCE,
} from '../domain/approvals/approval-store.ts';
import { maySilenceApprove } from '../domain/approvals/silence.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { listForgottenAnswers } from '../domain/conversations/answer-store.ts';
import { findGoal, listOverdue, listStuckPlanning, moveGoal } from '../domain/goals/goal-store.ts';
import { setPlanStatus } from '../domain/goals/plan-store.ts';
import { listUnbooked } from '../domain/money/payment-store.ts';
import { releaseExpired } from '../domain/money/reservation-store.ts';
import { listForgottenScans } from '../domain/opportunities/scan-store.ts';
import { releaseTasksOf, resumeFromApproval, wakeWaiting } from '../domain/tasks/wake-store.ts';
import { decideCalls } from '../domain/tools/asked-call-store.ts';
import { applyApproved } from './apply-approved.ts';
import { tellInterrupted } from './ask/interrupted-answers.ts';
import { bookAbandoned } from './book-unanswered.ts';
import { endGoal } from './cancel-work.ts';
import type { Deps } from './deps.ts';
import { reviewPages } from './experiments/review-pages.ts';
import { tellLate } from './experiments/tell-late.ts';
import { holdRunaways } from './hold-goal.ts';
import { type Due, readDue } from './read-due.ts';
import { reconcileUnknown } from './reconcile-unknown.ts';
import { ESCALATION } from './route-messages.ts';
import { showApproval, showGoal } from './show.ts';
import { tellNearCaps } from './tell-caps.ts';

/**
 * Harmless at any time and from several processes at once: every change is conditional on the row.
 * @returns when time alone makes something due next, as it was before anything was settled; null when nothing waits for time
 */
export async function settleDue(deps: Deps): Promise<Date | null> {
  const due = await readDue(deps.db, deps.mode);
  await settleTasks(deps, due);
  await wakeForgotten(deps, due);
  if (due.deadlines)
    for (const goal of await listOverdue(deps.db, deps.mode))
      await endGoal(deps, goal.id, { to: 'failed', reason: 'its deadline has passed', by: 'clock' });
  if (due.answers) await tellInterrupted(deps);
  if (due.held) await releaseExpired(deps.db);
  if (due.unanswered) await bookAbandoned(deps);
  if (due.caps) await tellNearCaps(deps);
  if (due.late) await tellLate(deps);
  await reviewPages(deps);
  if (due.newestReservation !== null) await holdRunaways(deps, due.newestReservation);
  if (due.unknown) await reconcileUnknown(deps);
  if (due.approvals) for (const approval of await listDue(deps.db, deps.mode)) await settleApproval(deps, approval);
  return due.next;
}

async function settleTasks(deps: Deps, due: Due): Promise<void> {
  if (due.waits) await wakeWaiting(deps.db, {});
  // A lease that ran out although its process lives: it hangs. Its fence makes whatever it still writes void.
  if (due.leases) await releaseTasksOf(deps.db, []);
  if (due.waits || due.leases || due.ready) await wake(deps.db, { job: 'work' });
}

/** Work whose job got lost. */
async function wakeForgotten(deps: Deps, due: Due): Promise<void> {
  if (due.events) for (const eventId of await listUnbooked(deps.db, 100)) await wake(deps.db, { job: 'book_payment', eventId });
  if (due.plans) for (const goalId of await listStuckPlanning(deps.db, deps.mode)) await wake(deps.db, { job: 'plan_goal', goalId });
  if (due.questions) for (const answerId of await listForgottenAnswers(deps.db)) await wake(deps.db, { job: 'answer', answerId });
  if (due.scans) for (const scanId of await listForgottenScans(deps.db, deps.mode)) await wake(deps.db, { job: 'scan', scanId });
}

function settleApproval(deps: Deps, approval: Approval & { due: DueNow }): Promise<void> {
  switch (approval.due) {
    case 'expiry':
      return expire(deps, approval);
    case 'silence':
      return approveBySilence(deps, approval);
    case 'reminder':
      return remind(deps, approval);
  }
}

/** Expiry is no decision: not done, and no other way to the same effect. */
async function expire(deps: Deps, approval: Approval): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const expired = await decide(trx, {
      id: approval.id,
      status: 'expired',
      decidedBy: 'the clock',
      reason: 'nobody decided in time',
      approvedMicros: null,
    });
    if (expired === undefined) return;
    await recordAudit(trx, [
      { mode: approval.mode, actor: 'clock', action: 'approval.expired', subjectKind: 'approval', subjectId: approval.id, detail: {} },
    ]);
    deps.metrics.approval('expired');
    if (approval.kind === 'plan' && approval.goal_id !== null) {
      if (approval.plan_id !== null) await setPlanStatus(trx, approval.plan_id, 'proposed', 'rejected');
      await moveGoal(trx, approval.goal_id, ['plan_review'], 'cancelled', { stop_reason: 'Nobody decided on the plan in time.' });
      await showGoal(trx, approval.goal_id);
    } else if (approval.kind === 'act') {
      await decideCalls(trx, approval.id, { status: 'expired', error: 'nobody decided in time' });
      if (approval.task_id !== null) await resumeFromApproval(trx, approval.task_id);
      await wake(trx, { job: 'work' });
    }
    await showApproval(trx, expired);
  });
}

/** Only for what was stored as low, reversible, without money, reaching nobody; the stored facts are judged again here. */
async function approveBySilence(deps: Deps, approval: Approval): Promise<void> {
  const { kind, goal_id: goalId } = approval;
  if (goalId === null || (kind !== 'plan' && kind !== 'act')) return clearSilence(deps.db, approval.id);
  const allowed = maySilenceApprove({
    level: approval.risk_level,
    reversible: approval.reversible,
    amountMicros: approval.amount_micros,
    reach: approval.outward ? 'public' : 'nobody',
    kind,
  });
  if (!allowed) return clearSilence(deps.db, approval.id);
  await inTransaction(deps.db, async (trx) => {
    const decided = await decide(trx, {
      id: approval.id,
      status: 'approved',
      decidedBy: SILENCE,
      reason: 'low risk, reversible, no money, nobody objected',
      approvedMicros: null,
    });
    if (decided === undefined) return;
    await recordAudit(trx, [
      {
        mode: approval.mode,
        actor: 'silence',
        action: 'approval.approved',
        subjectKind: 'approval',
        subjectId: approval.id,
        detail: { riskLevel: approval.risk_level, requestHash: approval.request_hash },
      },
    ]);
    const goal = await findGoal(trx, goalId);
    if (goal !== undefined) await applyApproved(trx, decided, goal, { only: null, by: 'silence' });
    deps.metrics.approval('approved by silence');
    await showApproval(trx, decided);
  });
}

async function remind(deps: Deps, approval: Approval): Promise<void> {
  const hours = (approval.expires_at.getTime() - deps.clock.now().getTime()) / 3_600_000;
  const last = approval.reminders > 0 || hours <= 1.1;
  const people = last ? [...deps.config.people.approvers, ...deps.config.people.owners] : deps.config.people.approvers;
  await inTransaction(deps.db, async (trx) => {
    await noteReminder(trx, approval.id);
    await postMessage(trx, {
      channel: 'approvals',
      goalId: approval.goal_id,
      key: `${last ? ESCALATION : 'reminder:'}${approval.id}:${approval.reminders}`,
      card: {
        title: `Still waiting: request ${approval.id}`,
        tone: 'ask',
        text: `${plainLine(approval.title)} expires in ${hours < 1.5 ? `${Math.max(1, Math.round(hours * 60))} minutes` : `${Math.round(hours)} hours`}. Expiry means that it is not done. For: ${[...new Set(people)].join(', ') || 'nobody (no approvers are set)'}.`,
        buttons: [{ label: 'Show', command: 'approvals', args: { id: approval.id }, style: 'primary' }],
        ref: { kind: 'approval', id: approval.id },
      },
    });
  });
}
