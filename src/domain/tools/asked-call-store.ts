// Calls that a person decides about: which of them may run, for how much, and what exactly the yes covered.
import { sql } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { Along } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { readJsonRow, readJsonRows } from '../../db/json-rows.ts';
import type { CallStatus, FactorRow, RiskLevel } from '../../db/tables/states.ts';
import type { Approval } from '../approvals/approval-store.ts';
import type { ToolCall } from './call-store.ts';

export const NOT_CHOSEN = 'not among the approved items';

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

/** A yes to the calls of the request that is decided, or to some of them: along with the decision. */
export function approveAlong(only: readonly number[] | null): Along {
  const chosen = only === null ? sql`true` : sql`tool_call.id = any(${[...only]}::bigint[])`;
  return sql`update tool_call set status = case when ${chosen} then 'approved' else 'denied' end,
      error = case when not ${chosen} then ${NOT_CHOSEN} end, ended_at = case when not ${chosen} then clock_timestamp() end
    from fact where tool_call.approval_id = fact.id and tool_call.status = 'waiting_approval'`;
}

/** The same in memory. */
export function approveInMemory(call: ToolCall, only: readonly number[] | null): ToolCall {
  if (call.status !== 'waiting_approval') return call;
  return only === null || only.includes(call.id)
    ? { ...call, status: 'approved', error: null }
    : { ...call, status: 'denied', error: NOT_CHOSEN };
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

/** What a call is now: the facts a person is asked about. */
export interface CallFacts {
  toolVersion: string;
  requestHash: string;
  amountMicros: Micros;
  payee: string | null;
  effect: string;
  riskScore: number;
  riskLevel: RiskLevel;
  factors: FactorRow[];
}

/** The facts behind a request have changed, or its grant is gone: a person is asked anew. @param facts only where they changed. */
export async function reaskCall(db: DatabaseOrTrx, id: number, facts?: CallFacts): Promise<void> {
  await db
    .updateTable('tool_call')
    .set({
      status: 'waiting_approval',
      approval_id: null,
      grant_id: null,
      ...(facts === undefined
        ? {}
        : {
            tool_version: facts.toolVersion,
            request_hash: facts.requestHash,
            amount_micros: facts.amountMicros,
            payee: facts.payee,
            effect: facts.effect,
            risk_score: facts.riskScore,
            risk_level: facts.riskLevel,
            factors: JSON.stringify(facts.factors),
          }),
    })
    .where('id', '=', id)
    .where('status', 'in', ['proposed', 'approved'])
    .execute();
}

/** A request with its calls and votes as they are now. */
export interface Asked {
  approval: Approval;
  calls: ToolCall[];
  votes: { person: string; platform_id: string }[];
  /** The hash of what was approved, as the audit trail of the decision has it; null before. */
  decidedHash: string | null;
}

export async function readAsked(db: DatabaseOrTrx, approvalId: number): Promise<Asked | null> {
  const result = await sql<{ approval: unknown; calls: unknown; votes: Asked['votes'] | null; decided: string | null }>`
    select to_json(approval) as approval,
      (select json_agg(c order by c.id) from tool_call c where c.approval_id = approval.id) as calls,
      (select json_agg(json_build_object('person', person, 'platform_id', platform_id) order by created_at) from approval_vote where approval_id = approval.id) as votes,
      (select detail ->> 'requestHash' from audit where subject_kind = 'approval' and subject_id = approval.id and action = 'approval.approved' order by id limit 1) as decided
    from approval where id = ${approvalId}`.execute(db);
  const row = result.rows[0];
  const approval = readJsonRow('approval', row?.approval);
  if (row === undefined || approval === null) return null;
  return { approval, calls: readJsonRows('tool_call', row.calls), votes: row.votes ?? [], decidedHash: row.decided };
}
