// Reserve before, settle after. The law is the database function `reserve`: one row lock, every cap, one answer.
import { type RawBuilder, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { Along } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { BudgetScope, CapPeriod } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';
import type { CapLimits } from './caps.ts';

export interface ReservationRequest {
  mode: Mode;
  kind: 'model' | 'act';
  goalId: number | null;
  taskId: number | null;
  toolCallId: number | null;
  amountMicros: Micros;
  /** `held`: the call has not left and time may return it; `sent`: counts until usage or reconciliation corrects it. */
  status: 'held' | 'sent';
  caps: CapLimits;
  /** Whose budgets it counts against, beside its goal's and the month's. */
  spender: { agent: string | null; tool: string | null; model: string | null };
}

export type ReservationAnswer =
  | { kind: 'reserved'; id: number }
  | {
      kind: 'refused';
      cap: CapPeriod | 'goal' | 'task' | BudgetScope /** Of the agent, tool, model, goal or experiment. */;
      name?: string;
      usedMicros: Micros;
      limitMicros: Micros;
    };

type Refusal = Extract<ReservationAnswer, { kind: 'refused' }>;

/** `hour`, or `agent:generalist`. */
function refusal(by: string, usedMicros: Micros, limitMicros: Micros): Refusal {
  const [cap = '', ...name] = by.split(':');
  return { kind: 'refused', cap: cap as Refusal['cap'], name: name.join(':'), usedMicros, limitMicros };
}

const spenderOf = ({ spender }: ReservationRequest) => sql`${spender.agent}::text, ${spender.tool}::text, ${spender.model}::text`;

export async function reserve(db: DatabaseOrTrx, request: ReservationRequest): Promise<ReservationAnswer> {
  const { caps } = request;
  const result = await sql<{
    reservation_id: number | null;
    refused_by: string | null;
    used_micros: bigint | null;
    limit_micros: bigint | null;
  }>`
    select * from reserve(${request.mode}, ${request.kind}, ${request.goalId}, ${request.taskId}, ${request.toolCallId}, ${request.amountMicros}::bigint, ${request.status},
      ${caps.hourMicros}::bigint, ${caps.dayMicros}::bigint, ${caps.monthMicros}::bigint, ${caps.marketDayMicros}::bigint, ${caps.goalMicros}::bigint, ${caps.taskMicros}::bigint, ${spenderOf(request)})`.execute(
    db,
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error('reserve() returned nothing');
  if (row.reservation_id !== null) return { kind: 'reserved', id: row.reservation_id };
  return refusal(row.refused_by ?? 'hour', row.used_micros ?? 0n, row.limit_micros ?? 0n);
}

/**
 * The same as an expression in the statement that begins the call: a refusal ends that statement, see `readRefusal`.
 * The period caps given are the ceilings; settings made in chat may lie below them and are read in the same moment.
 */
export function reservationOf(request: ReservationRequest): RawBuilder<number> {
  const { caps } = request;
  const lowered = (ceiling: Micros | null, period: string) =>
    ceiling === null
      ? sql`null::bigint`
      : sql`least(${ceiling}::bigint, (select limit_micros from cap_setting where mode = ${request.mode} and period = ${period}))`;
  return sql`reserve_or_refuse(${request.mode}, ${request.kind}, ${request.goalId}, ${request.taskId}, ${request.toolCallId}, ${request.amountMicros}::bigint, ${request.status},
    ${lowered(caps.hourMicros, 'hour')}, ${lowered(caps.dayMicros, 'day')}, ${lowered(caps.monthMicros, 'month')}, ${lowered(caps.marketDayMicros, 'market_day')},
    ${caps.goalMicros}::bigint, ${caps.taskMicros}::bigint, ${spenderOf(request)})`;
}

/** What refused a statement that reserved along; null for any other error. */
export function readRefusal(error: unknown): Refusal | null {
  const { code, detail } = (error ?? {}) as { code?: unknown; detail?: unknown };
  if (code !== 'JG001' || typeof detail !== 'string') return null;
  const said = JSON.parse(detail) as { cap: string; used: string; limit: string };
  return refusal(said.cap, BigInt(said.used), BigInt(said.limit));
}

/** The call leaves now: from here on time alone never returns the money. */
export async function markSent(db: DatabaseOrTrx, id: number, conversationId: number | null = null): Promise<void> {
  await db
    .updateTable('reservation')
    .set({ status: 'sent', sent_at: sql`clock_timestamp()`, conversation_id: conversationId })
    .where('id', '=', id)
    .where('status', '=', 'held')
    .execute();
}

/** What it really cost. Counting moves from the reserved to the settled amount in the windows it was reserved in. */
export async function settle(db: DatabaseOrTrx, id: number, spentMicros: Micros): Promise<void> {
  await db
    .updateTable('reservation')
    .set({ status: 'settled', counted_micros: spentMicros, settled_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .where('status', 'in', ['held', 'sent'])
    .execute();
}

/** What a call has really spent, along with the statement that ends it. */
export function settleAlong(toolCallId: number, spentMicros: Micros): Along {
  return sql`update reservation set status = 'settled', counted_micros = ${spentMicros}::bigint, settled_at = clock_timestamp()
    from fact where tool_call_id = ${toolCallId} and status in ('held', 'sent')`;
}

/** What a call has really spent. */
export async function settleCall(db: DatabaseOrTrx, toolCallId: number, spentMicros: Micros): Promise<void> {
  await db
    .updateTable('reservation')
    .set({ status: 'settled', counted_micros: spentMicros, settled_at: sql`clock_timestamp()` })
    .where('tool_call_id', '=', toolCallId)
    .where('status', 'in', ['held', 'sent'])
    .execute();
}

/** Calls to a model that left so long ago that no answer can come any more. */
export const unansweredCalls = (db: DatabaseOrTrx, olderThanMs: number) =>
  db
    .selectFrom('reservation')
    .select('id')
    .where('status', '=', 'sent')
    .where('kind', '=', 'model')
    .where('sent_at', '<', sql<Date>`statement_timestamp() - make_interval(secs => ${olderThanMs / 1000})`);

export const listUnanswered = async (db: DatabaseOrTrx, olderThanMs: number): Promise<number[]> =>
  (await unansweredCalls(db, olderThanMs).limit(100).execute()).map(({ id }) => id);

/** What it reserved is what it cost, as far as anybody knows. Undefined when it was settled before. */
export function settleUnanswered(db: DatabaseOrTrx, id: number) {
  return db
    .updateTable('reservation')
    .set({ status: 'settled', settled_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .where('status', '=', 'sent')
    .returning(['mode', 'goal_id', 'task_id', 'conversation_id', 'counted_micros'])
    .executeTakeFirst();
}

/** Only for calls that provably never left. */
export async function release(db: DatabaseOrTrx, id: number): Promise<void> {
  await db
    .updateTable('reservation')
    .set({ status: 'released', counted_micros: 0n, settled_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .where('status', 'in', ['held', 'sent'])
    .execute();
}

/** Money that came back from a settled act (an unspent budget) counts no longer. */
export async function returnFromCall(db: DatabaseOrTrx, toolCallId: number, returnedMicros: Micros): Promise<void> {
  await db
    .updateTable('reservation')
    .set({ counted_micros: sql`greatest(0, counted_micros - ${returnedMicros}::bigint)` })
    .where('tool_call_id', '=', toolCallId)
    .where('status', '=', 'settled')
    .execute();
}

/** Null before the first. */
export const newestReservation = (): RawBuilder<number | null> => sql<number | null>`(select max(id) from reservation)`;

/** Held for calls that never left within five minutes. */
export const heldTooLong = (db: DatabaseOrTrx) =>
  db.selectFrom('reservation').select('id').where('status', '=', 'held').where('expires_at', '<', sql<Date>`statement_timestamp()`);

/** Returns them. */
export async function releaseExpired(db: DatabaseOrTrx): Promise<number> {
  const result = await db
    .updateTable('reservation')
    .set({ status: 'released', counted_micros: 0n, settled_at: sql`clock_timestamp()` })
    .where('status', '=', 'held')
    .where('expires_at', '<', sql<Date>`clock_timestamp()`)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
