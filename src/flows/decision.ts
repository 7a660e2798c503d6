// What every decision about a request has in common: the verdict, its words in the audit trail, and what somebody hears who came too late.
import type { Caller } from '../chat/command.ts';
import { Conflict } from '../core/errors.ts';
import type { Micros } from '../core/money.ts';
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
