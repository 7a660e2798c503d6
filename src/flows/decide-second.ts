// The second person's yes or no to what one person wants booked or set; the same buttons, the same rules as for any request.
import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { Conflict, InvalidInput, NotAllowed, NotFound } from '../core/errors.ts';
import type { Trx } from '../db/database.ts';
import { type Approval, addVote, decide, listVotes, lockApproval } from '../domain/approvals/approval-store.ts';
import { mayVote } from '../domain/approvals/approver-rule.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { findPersonsOf } from '../domain/people/people-store.ts';
import { applyBudgetChange } from './change-budget.ts';
import { decidedBefore, decisionOf, lostRace, readAmount, type Verdict } from './decision.ts';
import type { Deps } from './deps.ts';
import { bookApproved } from './record-expense.ts';
import { showApproval } from './show.ts';

export async function decideSecond(deps: Deps, trx: Trx, on: { id: number; verdict: Verdict; caller: Caller }): Promise<Card> {
  const approval = await lockApproval(trx, on.id);
  if (approval === undefined || approval.mode !== deps.mode || approval.goal_id !== null)
    throw new NotFound(`There is no request ${on.id}.`);
  if (approval.status !== 'pending') throw decidedBefore(approval);
  const { verdict, caller } = on;
  await checkVoter(trx, approval, verdict, caller);
  if (verdict.kind !== 'approve') return refuse(deps, trx, approval, verdict, caller);
  if (readAmount(approval, verdict.amountMicros, approval.amount_micros) !== approval.amount_micros)
    throw new InvalidInput('This is approved as it stands, or denied.');
  await addVote(trx, { approvalId: approval.id, person: caller.person, platformId: caller.platformId, surface: caller.surface });
  const decided = await decide(trx, {
    id: approval.id,
    status: 'approved',
    decidedBy: caller.platformId,
    reason: null,
    approvedMicros: approval.amount_micros,
  });
  if (decided === undefined) throw await lostRace(trx, approval.id);
  await recordAudit(trx, [decisionOf(approval, caller, 'approval.approved', { amountMicros: approval.amount_micros.toString() })]);
  await apply(deps, trx, decided);
  deps.metrics.approval('approved');
  return showApproval(trx, decided);
}

async function checkVoter(trx: Trx, approval: Approval, verdict: Verdict, caller: Caller): Promise<void> {
  // Two accounts that were linked since are one person now. Whoever asked may take it back alone.
  const asker = await findPersonsOf(trx, [approval.asked_by]);
  const votes =
    verdict.kind === 'approve'
      ? await findPersonsOf(
          trx,
          (await listVotes(trx, approval.id)).map((vote) => vote.platform_id),
        )
      : [];
  const rule = { needed: approval.needed as 1 | 2, typeAmount: approval.type_amount };
  const standing = mayVote({ voter: caller, votes: [...votes], rule, givenByPerson: [...asker][0] ?? approval.asked_by });
  if (standing.kind === 'refused') throw new NotAllowed(standing.why);
}

function apply(deps: Deps, trx: Trx, approval: Approval): Promise<void> {
  switch (approval.kind) {
    case 'expense':
      return bookApproved(deps, trx, approval);
    case 'budget':
      return applyBudgetChange(trx, approval);
    case 'plan':
    case 'act':
      throw new Conflict(`Request ${approval.id} belongs to a goal.`);
  }
}

async function refuse(
  deps: Deps,
  trx: Trx,
  approval: Approval,
  verdict: Exclude<Verdict, { kind: 'approve' }>,
  caller: Caller,
): Promise<Card> {
  const words = verdict.kind === 'deny' ? verdict.reason : verdict.note;
  const status = verdict.kind === 'deny' ? ('denied' as const) : ('changes' as const);
  const decided = await decide(trx, {
    id: approval.id,
    status,
    decidedBy: caller.platformId,
    reason: words.slice(0, 2000),
    approvedMicros: null,
  });
  if (decided === undefined) throw await lostRace(trx, approval.id);
  await recordAudit(trx, [decisionOf(approval, caller, `approval.${status}`, { words: words.slice(0, 2000) })]);
  deps.metrics.approval(status);
  return showApproval(trx, decided);
}
