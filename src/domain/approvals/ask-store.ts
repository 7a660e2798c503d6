// A request that puts its task to sleep, in one statement; its ids are drawn before, so that the card written with it can name them.
import { type RawBuilder, sql } from 'kysely';
import { type Along, takeAlong } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { NewApproval } from './approval-store.ts';

export interface Draw {
  approvalId: number;
  callIds: number[];
  /** When it was drawn, by the database's clock. */
  at: Date;
}

/** Ids for a request and its calls, as an expression in another statement; `readDraw` reads it. What is not used leaves a gap. */
export const drawIds = (calls: number): RawBuilder<unknown> =>
  sql`json_build_object('approvalId', nextval('approval_id_seq'), 'callIds', array(select nextval('tool_call_id_seq') from generate_series(1, ${calls}::int)), 'at', clock_timestamp())`;

export function readDraw(drawn: unknown): Draw {
  const { approvalId, callIds, at } = drawn as { approvalId: number; callIds: number[]; at: string };
  return { approvalId, callIds, at: new Date(at) };
}

export interface Asking extends NewApproval {
  taskId: number;
  id: number;
  expiresAt: Date;
}

/**
 * The task sleeps, and the request is kept with what goes along: the turn and its calls, the audit row, the cards.
 * @returns false when the lease was lost: then nothing was written.
 */
export async function askAsleep(db: DatabaseOrTrx, fence: number, asking: Asking, along: readonly Along[]): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    with held as (update task set status = 'waiting_approval', lease_owner = null, lease_until = null, steps = steps + 1, patient_since = null, updated_at = clock_timestamp()
      where id = ${asking.taskId} and fence = ${fence} and status = 'running' returning id),
    fact as (
      insert into approval (id, mode, kind, goal_id, task_id, title, status, asked_by, amount_micros, payee, risk_score, risk_level, factors, reversible, outward, story,
        request_hash, needed, type_amount, expires_at, remind_at, silence_approves_at) overriding system value
      select ${asking.id}::bigint, ${asking.mode}, ${asking.kind}, ${asking.goalId}::bigint, held.id, ${asking.title}, 'pending', ${asking.askedBy}, ${asking.amountMicros}::bigint,
        ${asking.payee}, ${asking.riskScore}::real, ${asking.riskLevel}, ${JSON.stringify(asking.factors)}::jsonb, ${asking.reversible}::boolean, ${asking.outward}::boolean,
        ${JSON.stringify(asking.story)}::jsonb, ${asking.requestHash}, ${asking.needed}::int, ${asking.typeAmount}::boolean, ${asking.expiresAt}::timestamptz,
        clock_timestamp() + make_interval(secs => ${asking.expiryMs / 2000}::float8),
        clock_timestamp() + make_interval(secs => ${asking.silenceMs === null ? null : asking.silenceMs / 1000}::float8)
      from held returning id)${takeAlong(along)}
    select exists (select 1 from held) as held`.execute(db);
  return rows[0]?.held === true;
}
