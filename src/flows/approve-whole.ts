// The usual yes: one person, the whole request, as it stands. Read once, then decided by one statement that brings along what follows from it.
import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { postAlong } from '../chat/outbox-store.ts';
import { approvalCard } from '../chat/views/approval-card.ts';
import { NotAllowed, NotFound } from '../core/errors.ts';
import { decide } from '../domain/approvals/approval-store.ts';
import { mayVote } from '../domain/approvals/approver-rule.ts';
import type { Case } from '../domain/approvals/case-store.ts';
import { auditAlong } from '../domain/audit/audit-store.ts';
import { resumeAlong } from '../domain/tasks/wake-store.ts';
import { approveAlong, approveInMemory } from '../domain/tools/asked-call-store.ts';
import { decidedBefore, decisionOf, lostRace, type Verdict } from './decision.ts';
import type { Deps } from './deps.ts';
import { approvalPost } from './show.ts';

/** Nothing to choose or to lower. */
export const isPlainYes = (verdict: Verdict): boolean =>
  verdict.kind === 'approve' && verdict.amountMicros === null && verdict.only === null;

/** One yes decides it as it stands. A plan is more than its yes. */
export const isWhole = ({ approval }: Case): boolean => approval.kind === 'act' && approval.needed === 1 && !approval.type_amount;

/**
 * The statement decides if the request is still pending and the same as was read; nobody has to be locked out for that.
 * @throws NotFound, NotAllowed, Conflict as `decideApproval`.
 */
export async function approveWhole(deps: Deps, read: Case & { readAt: string }, caller: Caller): Promise<Card> {
  const { approval, goal, calls } = read;
  if (approval.mode !== deps.mode) throw new NotFound(`There is no request ${approval.id}.`);
  if (approval.status !== 'pending') throw decidedBefore(approval);
  const rule = { needed: 1, typeAmount: false } as const;
  const standing = mayVote({ voter: caller, votes: [], rule, givenByPerson: goal.given_by_person });
  if (standing.kind === 'refused') throw new NotAllowed(standing.why);
  const wanted = calls.reduce((sum, call) => sum + call.amount_micros, 0n);
  const detail = { amountMicros: wanted.toString(), calls: calls.map((call) => call.id) };
  const decision = { status: 'approved', decidedBy: caller.platformId, reason: null, approvedMicros: wanted } as const;
  const after = {
    ...approval,
    status: decision.status,
    decided_by: decision.decidedBy,
    decided_at: new Date(read.readAt),
    approved_micros: wanted,
  };
  const done = calls.map((call) => approveInMemory(call, null));
  const post = approvalPost(after, approvalCard(after, done, []));
  const asRead = { at: read.readAt, requestHash: approval.request_hash };
  const decided = await decide(deps.db, { id: approval.id, ...decision, asRead }, [
    auditAlong([decisionOf(approval, caller, 'approval.approved', detail)]),
    approveAlong(null),
    ...(approval.task_id === null ? [] : [resumeAlong(approval.task_id)]),
    postAlong([post]),
  ]);
  if (decided === undefined) throw await lostRace(deps.db, approval.id);
  deps.metrics.approval('approved');
  return post.card;
}
