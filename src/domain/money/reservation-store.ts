// Reserve before, settle after. The law is the database function `reserve`: one row lock, every cap, one answer.
import { type RawBuilder, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { Along } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';
import type { CapLimits } from './caps.ts';

export interface ReservationRequest {
  mode: Mode;
  kind: 'model' | 'act';
  goalId: number;
  taskId: number | null;
  toolCallId: number | null;
  amountMicros: Micros;
  /** `held`: the call has not left and time may return it; `sent`: counts until usage or reconciliation corrects it. */
  status: 'held' | 'sent';
  caps: CapLimits;
}

export type ReservationAnswer =
  | { kind: 'reserved'; id: number }
  | { kind: 'refused'; cap: 'hour' | 'day' | 'month' | 'market_day' | 'goal' | 'task'; usedMicros: Micros; limitMicros: Micros };

export async function reserve(db: DatabaseOrTrx, request: ReservationRequest): Promise<ReservationAnswer> {
  const { caps } = request;
  const result = await sql<{
    reservation_id: number | null;
    refused_by: 'hour' | null;
    used_micros: bigint | null;
    limit_micros: bigint | null;
  }>`
    select * from reserve(${request.mode}, ${request.kind}, ${request.goalId}, ${request.taskId}, ${request.toolCallId}, ${request.amountMicros}::bigint, ${request.status},
      ${caps.hourMicros}::bigint, ${caps.dayMicros}::bigint, ${caps.monthMicros}::bigint, ${caps.marketDayMicros}::bigint, ${caps.goalMicros}::bigint, ${caps.taskMicros}::bigint)`.execute(
    db,
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error('reserve() returned nothing');
  if (row.reservation_id !== null) return { kind: 'reserved', id: row.reservation_id };
  return { kind: 'refused', cap: row.refused_by ?? 'hour', usedMicros: row.used_micros ?? 0n, limitMicros: row.limit_micros ?? 0n };
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
    ${caps.goalMicros}::bigint, ${caps.taskMicros}::bigint)`;
}

/** What refused a statement that reserved along; null for any other error. */
export function readRefusal(error: unknown): Extract<ReservationAnswer, { kind: 'refused' }> | null {
  const { code, detail } = (error ?? {}) as { code?: unknown; detail?: unknown };
  if (code !== 'JG001' || typeof detail !== 'string') return null;
  const said = JSON.parse(detail) as { cap: Extract<ReservationAnswer, { kind: 'refused' }>['cap']; used: string; limit: string };
  return { kind: 'refused', cap: said.cap, usedMicros: BigInt(said.used), limitMicros: BigInt(said.limit) };
}

/** The call leaves now: from here on time alone never returns the money. */
export async function markSent(db: DatabaseOrTrx, id: number): Promise<void> {
  await db
    .updateTable('reservation')
    .set({ status: 'sent', sent_at: sql`clock_timestamp()` })
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

/** Returns reservations whose call never left within five minutes. */
export async function releaseExpired(db: DatabaseOrTrx): Promise<number> {
  const result = await db
    .updateTable('reservation')
    .set({ status: 'released', counted_micros: 0n, settled_at: sql`clock_timestamp()` })
    .where('status', '=', 'held')
    .where('expires_at', '<', sql<Date>`clock_timestamp()`)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export interface CapUse {
  hourMicros: Micros;
  dayMicros: Micros;
  monthMicros: Micros;
  marketDayMicros: Micros;
  openMicros: Micros;
}

/** What counts against each cap now: reserved plus spent. `openMicros` is the part still reserved. */
export async function readCapUse(db: DatabaseOrTrx, mode: Mode): Promise<CapUse> {
  const row = await db
    .selectFrom('reservation')
    .where('mode', '=', mode)
    // An index cannot be entered at clock_timestamp(), which is another time for every row.
    .where('created_at', '>', sql<Date>`statement_timestamp() - interval '30 days'`)
    .select(
      sql<bigint>`coalesce(sum(counted_micros) filter (where created_at > clock_timestamp() - interval '1 hour'), 0)`.as('hour_micros'),
    )
    .select(
      sql<bigint>`coalesce(sum(counted_micros) filter (where created_at > clock_timestamp() - interval '24 hours'), 0)`.as('day_micros'),
    )
    .select(sql<bigint>`coalesce(sum(counted_micros), 0)`.as('month_micros'))
    .select(
      sql<bigint>`coalesce(sum(counted_micros) filter (where market_day = (select market_day from spend_gate where mode = ${mode})), 0)`.as(
        'market_micros',
      ),
    )
    .select(sql<bigint>`coalesce(sum(counted_micros) filter (where status in ('held', 'sent')), 0)`.as('open_micros'))
    .executeTakeFirstOrThrow();
  return {
    hourMicros: row.hour_micros,
    dayMicros: row.day_micros,
    monthMicros: row.month_micros,
    marketDayMicros: row.market_micros,
    openMicros: row.open_micros,
  };
}

export interface Committed {
  /** Reserved for calls that may still leave, or whose outcome is open. */
  reservedMicros: Micros;
  /** Budgets of launches that still run, prepaid: what they do not use comes back. */
  launchedMicros: Micros;
  launches: number;
}

/** Cash that is not free: what is still open, however old. */
export async function readCommitted(db: DatabaseOrTrx, mode: Mode): Promise<Committed> {
  const { rows } = await sql<{ reserved_micros: bigint; launched_micros: bigint; launches: number }>`
    select (select coalesce(sum(amount_micros), 0) from reservation where mode = ${mode} and status in ('held', 'sent')) as reserved_micros,
      coalesce(sum(budget_micros), 0) as launched_micros, count(*)::int as launches from launch where mode = ${mode} and status = 'running'`.execute(
    db,
  );
  const row = rows[0] ?? { reserved_micros: 0n, launched_micros: 0n, launches: 0 };
  return { reservedMicros: row.reserved_micros, launchedMicros: row.launched_micros, launches: row.launches };
}

/** What a goal's acts have committed, returned money taken off. Model cost is bounded by the period caps instead. */
export async function readGoalUse(db: DatabaseOrTrx, goalId: number, mode: Mode): Promise<Micros> {
  const row = await db
    .selectFrom('reservation')
    .where('goal_id', '=', goalId)
    .where('mode', '=', mode)
    .where('kind', '=', 'act')
    .select(sql<bigint>`coalesce(sum(counted_micros), 0)`.as('used_micros'))
    .executeTakeFirstOrThrow();
  return row.used_micros;
}

export function readCapSettings(db: DatabaseOrTrx, mode: Mode) {
  return db.selectFrom('cap_setting').select(['period', 'limit_micros', 'set_by']).where('mode', '=', mode).execute();
}

export async function setCap(
  db: DatabaseOrTrx,
  cap: { mode: Mode; period: 'hour' | 'day' | 'month' | 'market_day'; limitMicros: Micros; setBy: string },
): Promise<void> {
  await db
    .insertInto('cap_setting')
    .values({ mode: cap.mode, period: cap.period, limit_micros: cap.limitMicros, set_by: cap.setBy })
    .onConflict((conflict) => conflict.columns(['mode', 'period']).doUpdateSet({ limit_micros: cap.limitMicros, set_by: cap.setBy }))
    .execute();
}
