// What every decision of a person shares: the verdict, the amount that was typed, its audit row, and who was faster.
import type { Caller } from '../chat/command.ts';
import { Conflict, InvalidInput } from '../core/errors.ts';
import { formatUsd, type Micros } from '../core/money.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import { type Approval, findApproval } from '../domain/approvals/approval-store.ts';

export type Verdict =
  | { kind: 'approve'; amountMicros: Micros | null; only: readonly number[] | null }
  | { kind: 'deny'; reason: string }
  | { kind: 'change'; note: string };

export function decidedBefore(approval: Approval): Conflict {
  const when = approval.decided_at?.toISOString() ?? 'before';
  const what = approval.status === 'changes' ? 'sent back for changes' : approval.status;
  return new Conflict(`Request ${approval.id} was ${what} by ${approval.decided_by ?? 'nobody'} at ${when}. Nothing changed.`);
}

export function readAmount(approval: Approval, typed: Micros | null, asked: Micros): Micros {
  if (typed === null) {
    if (approval.type_amount) throw new InvalidInput(`Type the amount to approve it: approve ${approval.id} amount:${Number(asked) / 1e6}`);
    return asked;
  }
  if (typed > asked) throw new InvalidInput(`The request is for ${formatUsd(asked)}. More than that needs a new request.`);
  if (typed === 0n && asked > 0n) throw new InvalidInput('To approve nothing, deny the request.');
  return typed;
}

export async function lostRace(db: DatabaseOrTrx, id: number): Promise<Conflict> {
  const now = await findApproval(db, id);
  if (now !== undefined && now.status !== 'pending') return decidedBefore(now);
  return new Conflict(`Request ${id} has expired. Nothing was done.`);
}

export const decisionOf = (approval: Approval, caller: Caller, action: string, detail: Record<string, unknown>) => ({
  mode: approval.mode,
  actor: caller.platformId,
  action,
  subjectKind: 'approval',
  subjectId: approval.id,
  detail: { surface: caller.surface, requestHash: approval.request_hash, ...detail },
});
