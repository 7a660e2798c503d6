// A person decides a request: one path for button, typed command, text and terminal; one update in the database decides.

import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { postMessage } from '../chat/outbox-store.ts';
import { approvalCard } from '../chat/views/approval-card.ts';
import { InvalidInput, NotAllowed, NotFound } from '../core/errors.ts';
import type { Micros } from '../core/money.ts';
import { inTransaction, type Trx } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { type Approval, addVote, decide, listVotes } from '../domain/approvals/approval-store.ts';
import { mayVote } from '../domain/approvals/approver-rule.ts';
import { type Case, lockCase, readCase } from '../domain/approvals/case-store.ts';
import { auditAlong, recordAudit } from '../domain/audit/audit-store.ts';
import { addNote, moveGoal } from '../domain/goals/goal-store.ts';
import { setPlanStatus } from '../domain/goals/plan-store.ts';
import { findPersonsOf } from '../domain/people/people-store.ts';
import { resumeAlong, resumeFromApproval } from '../domain/tasks/wake-store.ts';
import { approveAlong, approveInMemory, decideCalls } from '../domain/tools/asked-call-store.ts';
import { applyApproved } from './apply-approved.ts';
import { approveWhole, isPlainYes, isWhole } from './approve-whole.ts';
import { decideSecond } from './decide-second.ts';
import { decidedBefore, decisionOf, lostRace, readAmount, type Verdict } from './decision.ts';
import type { Deps } from './deps.ts';
import { lowerCalls } from './lower-amount.ts';
import { approvalPost, showApproval, showGoal } from './show.ts';

/**
 * @returns the request's card as it is now.
 * @throws NotAllowed (private to the caller; the request stays open), Conflict when somebody decided before, saying who.
 */
export async function decideApproval(deps: Deps, id: number, verdict: Verdict, caller: Caller): Promise<Card> {
  const read = isPlainYes(verdict) ? await readCase(deps.db, id) : null;
  if (read !== null && isWhole(read)) return approveWhole(deps, read, caller);
  return inTransaction(deps.db, async (trx) => {
    const found = await lockCase(trx, id);
    if (found === null) return decideSecond(deps, trx, { id, verdict, caller });
    if (found.approval.mode !== deps.mode) throw new NotFound(`There is no request ${id}.`);
    const { approval, goal, calls } = found;
    if (approval.status !== 'pending') throw decidedBefore(approval);
    await checkVoter(trx, found, verdict, caller);
    switch (verdict.kind) {
      case 'approve':
        return approve(deps, trx, { approval, goal, calls, caller }, verdict);
      case 'deny':
        return refuse(deps, trx, { approval, goal, calls, caller }, 'denied', verdict.reason);
      case 'change':
        return refuse(deps, trx, { approval, goal, calls, caller }, 'changes', verdict.note);
    }
  });
}

/** @throws NotAllowed. A no needs no second person, and may follow one's own yes. */
async function checkVoter(trx: Trx, { approval, goal }: Case, verdict: Verdict, caller: Caller): Promise<void> {
  const needsTwo = approval.needed > 1 && verdict.kind === 'approve';
  // Two accounts that were linked since the goal was given, or since the first yes, are one person now.
  const voted = needsTwo ? (await listVotes(trx, approval.id)).map((vote) => vote.platform_id) : [];
  const votes = await findPersonsOf(trx, voted);
  const givers = await findPersonsOf(trx, needsTwo ? [goal.given_by] : []);
  const standing = mayVote({
    voter: caller,
    votes: [...votes],
    rule: { needed: approval.needed as 1 | 2, typeAmount: approval.type_amount },
    givenByPerson: givers.has(caller.person) ? caller.person : goal.given_by_person,
  });
  if (standing.kind === 'refused') throw new NotAllowed(standing.why);
}

interface Hearing extends Case {
  caller: Caller;
}

async function approve(
  deps: Deps,
  trx: Trx,
  { approval, goal, calls, caller }: Hearing,
  verdict: Extract<Verdict, { kind: 'approve' }>,
): Promise<Card> {
  const chosen = verdict.only === null ? calls : calls.filter((call) => verdict.only?.includes(call.id));
  if (verdict.only !== null && chosen.length !== verdict.only.length)
    throw new InvalidInput(`Name calls of this request: ${calls.map((call) => call.id).join(', ')}.`);
  const asked = chosen.reduce((sum, call) => sum + call.amount_micros, 0n);
  const wanted = readAmount(approval, verdict.amountMicros, asked);
  if (approval.needed > 1 && !(await isLastVote(trx, approval, caller, wanted))) return showApproval(trx, approval);
  // Execution holds the calls against this hash in the audit trail too.
  const requestHash = wanted < asked ? await lowerCalls(deps, trx, approval.id, chosen, wanted, asked) : approval.request_hash;
  const detail = { requestHash, amountMicros: wanted.toString(), calls: chosen.map((call) => call.id) };
  const isAct = approval.kind === 'act';
  const decided = await decide(
    trx,
    { id: approval.id, status: 'approved', decidedBy: caller.platformId, reason: null, approvedMicros: isAct ? wanted : null },
    [
      auditAlong([decisionOf(approval, caller, 'approval.approved', detail)]),
      ...(isAct ? [approveAlong(verdict.only)] : []),
      ...(isAct && approval.task_id !== null ? [resumeAlong(approval.task_id)] : []),
    ],
  );
  if (decided === undefined) throw await lostRace(trx, approval.id);
  deps.metrics.approval('approved');
  if (!isAct) await applyApproved(trx, decided, goal, { only: null, by: caller.platformId });
  if (!isAct || wanted < asked || approval.needed > 1) return showApproval(trx, decided);
  const post = approvalPost(
    decided,
    approvalCard(
      decided,
      calls.map((call) => approveInMemory(call, verdict.only)),
      [],
    ),
  );
  await postMessage(trx, post);
  return post.card;
}

/** Counts the vote; false while another person must say yes too. */
async function isLastVote(trx: Trx, approval: Approval, caller: Caller, wanted: Micros): Promise<boolean> {
  if (wanted !== approval.amount_micros) throw new InvalidInput('A request that needs two people is approved as it stands, or denied.');
  const votes = await addVote(trx, {
    approvalId: approval.id,
    person: caller.person,
    platformId: caller.platformId,
    surface: caller.surface,
  });
  if (new Set(votes.map((vote) => vote.person)).size >= approval.needed) return true;
  await auditDecision(trx, approval, caller, 'approval.voted', {});
  return false;
}

async function refuse(
  deps: Deps,
  trx: Trx,
  { approval, goal, caller }: Hearing,
  status: 'denied' | 'changes',
  words: string,
): Promise<Card> {
  if (words.trim() === '')
    throw new InvalidInput(
      status === 'denied' ? 'Say why, so that the agent can learn: deny ID reason:…' : 'Say what to change: change ID note:…',
    );
  const decided = await decide(trx, {
    id: approval.id,
    status,
    decidedBy: caller.platformId,
    reason: words.slice(0, 2000),
    approvedMicros: null,
  });
  if (decided === undefined) throw await lostRace(trx, approval.id);
  await auditDecision(trx, approval, caller, `approval.${status}`, { words: words.slice(0, 2000) });
  deps.metrics.approval(status);
  if (approval.kind === 'plan') {
    if (approval.plan_id !== null) await setPlanStatus(trx, approval.plan_id, 'proposed', 'rejected');
    if (status === 'changes') {
      await addNote(trx, goal.id, { by: caller.platformId, text: words, at: deps.clock.now().toISOString() });
      await moveGoal(trx, goal.id, ['plan_review'], 'planning', { may_start_alone: false });
      await wake(trx, { job: 'plan_goal', goalId: goal.id });
    } else
      await moveGoal(trx, goal.id, ['plan_review'], 'cancelled', {
        stop_reason: `Plan denied by ${caller.platformId}: ${words}`.slice(0, 500),
      });
    await showGoal(trx, goal.id);
  } else {
    await decideCalls(trx, approval.id, {
      status: 'denied',
      error: status === 'changes' ? JSON.stringify({ changesRequested: words }) : `denied: ${words}`,
    });
    if (approval.task_id !== null) await resumeFromApproval(trx, approval.task_id);
    await wake(trx, { job: 'work' });
  }
  return showApproval(trx, decided);
}

async function auditDecision(trx: Trx, approval: Approval, caller: Caller, action: string, detail: Record<string, unknown>): Promise<void> {
  await recordAudit(trx, [decisionOf(approval, caller, action, detail)]);
}
