// What one person may not settle alone: kept as a request that already holds that person's yes and waits for another's.
import type { Card } from '../chat/card.ts';
import type { Caller } from '../chat/command.ts';
import { Conflict } from '../core/errors.ts';
import type { Trx } from '../db/database.ts';
import { addVote } from '../domain/approvals/approval-store.ts';
import { approverRule } from '../domain/approvals/approver-rule.ts';
import { addSecondRequest, type SecondRequest } from '../domain/approvals/second-store.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { findPersonsOf } from '../domain/people/people-store.ts';
import type { Deps } from './deps.ts';
import { showApproval } from './show.ts';

export type Wish = Omit<SecondRequest, 'mode' | 'askedBy' | 'typeAmount' | 'expiryMs'>;

/** Whether an amount takes two people here. */
export const takesTwo = (deps: Deps, amountMicros: bigint): boolean =>
  approverRule({ mode: deps.mode, amountMicros, ...deps.config.approvals }).needed > 1;

/** @throws Conflict when there is no other approver who could ever say yes. */
export async function askSecond(deps: Deps, trx: Trx, wish: Wish, caller: Caller): Promise<Card> {
  const others = await findPersonsOf(trx, deps.config.people.approvers);
  others.delete(caller.person);
  if (others.size === 0)
    throw new Conflict('This takes two people, and there is no second approver. Set JUG_APPROVERS to at least one other person.');
  const { typeAmount } = approverRule({ mode: deps.mode, amountMicros: wish.amountMicros, ...deps.config.approvals });
  const { platformId, person, surface } = caller;
  const approval = await addSecondRequest(trx, {
    ...wish,
    mode: deps.mode,
    askedBy: platformId,
    typeAmount,
    expiryMs: deps.config.approvals.expiryMs,
  });
  await addVote(trx, { approvalId: approval.id, person, platformId, surface });
  const detail = { kind: wish.kind, subject: wish.subjectId, requestHash: wish.requestHash, amountMicros: wish.amountMicros.toString() };
  await recordAudit(trx, [
    { mode: deps.mode, actor: platformId, action: 'approval.requested', subjectKind: 'approval', subjectId: approval.id, detail },
  ]);
  return showApproval(trx, approval);
}
