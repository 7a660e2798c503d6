// Calls that a person decides about: which of them may run, for how much, and what exactly the yes covered.
import { sql } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { CallStatus } from '../../db/tables.ts';
import type { ToolCall } from './call-store.ts';

/** Decides the calls of an approval: the chosen ones may run, the rest never. */
export async function decideCalls(
  db: DatabaseOrTrx,
  approvalId: number,
  decision: { status: 'approved' | 'denied' | 'expired' | 'cancelled'; error: string | null; only?: readonly number[] },
): Promise<void> {
  let query = db
    .updateTable('tool_call')
    .set({
      status: decision.status,
      error: decision.error,
      ...(decision.status === 'approved' ? {} : { ended_at: sql<Date>`clock_timestamp()` }),
    })
    .where('approval_id', '=', approvalId)
    .where('status', '=', 'waiting_approval');
  if (decision.only !== undefined) query = query.where('id', 'in', [...decision.only, -1]);
  await query.execute();
}

/** What will be sent, when a person lowered the amount or the facts behind a quote have changed. */
export async function requoteCall(
  db: DatabaseOrTrx,
  call: {
    id: number;
    arguments: Json;
    requestHash: string;
    amountMicros: Micros;
    payee: string | null;
    effect: string | null;
    status: CallStatus;
  },
): Promise<void> {
  await db
    .updateTable('tool_call')
    .set({
      arguments: JSON.stringify(call.arguments),
      request_hash: call.requestHash,
      amount_micros: call.amountMicros,
      payee: call.payee,
      effect: call.effect,
      status: call.status,
    })
    .where('id', '=', call.id)
    .execute();
}

export function listCallsOfApproval(db: DatabaseOrTrx, approvalId: number): Promise<ToolCall[]> {
  return db.selectFrom('tool_call').selectAll().where('approval_id', '=', approvalId).orderBy('id').execute();
}

/** The facts behind a request have changed, or its grant is gone: a person is asked anew, about what is true now. */
export async function reaskCall(
  db: DatabaseOrTrx,
  call: { id: number; requestHash: string; amountMicros: Micros; payee: string | null; effect: string | null },
): Promise<void> {
  await db
    .updateTable('tool_call')
    .set({
      request_hash: call.requestHash,
      amount_micros: call.amountMicros,
      payee: call.payee,
      effect: call.effect,
      status: 'waiting_approval',
      approval_id: null,
      grant_id: null,
    })
    .where('id', '=', call.id)
    .where('status', 'in', ['proposed', 'approved'])
    .execute();
}

/** The hash an approval was given for, and the hashes of its calls as they are now. */
export async function readApprovedHashes(db: DatabaseOrTrx, approvalId: number): Promise<{ approved: string | null; calls: string[] }> {
  const rows = await db
    .selectFrom('tool_call')
    .innerJoin('approval', 'approval.id', 'tool_call.approval_id')
    .select(['approval.request_hash as approved', 'tool_call.request_hash as hash'])
    .where('tool_call.approval_id', '=', approvalId)
    .where('approval.status', '=', 'approved')
    .orderBy('tool_call.id')
    .execute();
  return { approved: rows[0]?.approved ?? null, calls: rows.map((row) => row.hash ?? '') };
}
