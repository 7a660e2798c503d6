// The decision of a day and the readings it was made from. One a mode and day, over all processes.
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type Reading = Selectable<Tables['experiment_reading']>;

/** A call that the day's decision makes, and why. */
export interface DecidedCall {
  tool: string;
  arguments: { [key: string]: Json };
  experimentId: number;
  reason: string;
}

export interface Decision {
  day: number;
  calls: DecidedCall[];
  /** What was decided, in sentences for the task's page and its request. */
  lines: string[];
  budgetMicros: string;
  cashMicros: string;
  /** What the goal may cost in all from then on. */
  goalBudgetMicros: string;
}

export async function findReview(db: DatabaseOrTrx, taskId: number): Promise<Decision | null> {
  const row = await db.selectFrom('experiment_review').select('decision').where('task_id', '=', taskId).executeTakeFirst();
  return row === undefined ? null : (row.decision as unknown as Decision);
}

/** False when the day has its decision already. */
export async function addReview(trx: Trx, review: { mode: Mode; day: number; taskId: number; decision: Decision }): Promise<boolean> {
  const row = await trx
    .insertInto('experiment_review')
    .values({ mode: review.mode, day: review.day, task_id: review.taskId, decision: JSON.stringify(review.decision) })
    .onConflict((conflict) => conflict.columns(['mode', 'day']).doNothing())
    .returning('day')
    .executeTakeFirst();
  return row !== undefined;
}

export interface NewReading {
  variantId: number;
  experimentId: number;
  day: number;
  visitors: number;
  orders: number;
  refunds: number;
  revenueMicros: Micros;
  refundedMicros: Micros;
  feesMicros: Micros;
  spendMicros: Micros;
  posterior: Json;
  evidence: Json;
  allocatedMicros: Micros;
}

export async function addReadings(trx: Trx, readings: readonly NewReading[]): Promise<void> {
  if (readings.length === 0) return;
  await trx
    .insertInto('experiment_reading')
    .values(
      readings.map((reading) => ({
        variant_id: reading.variantId,
        experiment_id: reading.experimentId,
        day: reading.day,
        visitors: reading.visitors,
        orders: reading.orders,
        refunds: reading.refunds,
        revenue_micros: reading.revenueMicros,
        refunded_micros: reading.refundedMicros,
        fees_micros: reading.feesMicros,
        spend_micros: reading.spendMicros,
        posterior: JSON.stringify(reading.posterior),
        evidence: JSON.stringify(reading.evidence),
        allocated_micros: reading.allocatedMicros,
      })),
    )
    .execute();
}

/** The newest reading of each variant. */
export async function listLatestReadings(db: DatabaseOrTrx, experimentIds: readonly number[]): Promise<Reading[]> {
  return db
    .selectFrom('experiment_reading')
    .selectAll()
    .distinctOn('variant_id')
    .where('experiment_id', 'in', [...experimentIds, -1])
    .orderBy('variant_id')
    .orderBy('day', 'desc')
    .execute();
}

export function listReadings(db: DatabaseOrTrx, experimentId: number, limit: number): Promise<Reading[]> {
  return db
    .selectFrom('experiment_reading')
    .selectAll()
    .where('experiment_id', '=', experimentId)
    .orderBy('day', 'desc')
    .orderBy('variant_id')
    .limit(limit)
    .execute();
}

export interface Spent {
  /** Everything the goal has committed. */
  allMicros: Micros;
  /** Between the two days, both included. */
  periodMicros: Micros;
  todayMicros: Micros;
  /** By anybody, today: what the cap of the day counts. */
  everybodyTodayMicros: Micros;
}

/** Reservations carry the last day that had ended: those of day 5 were made while day 5 - 1 was the last one. */
export async function readSpent(db: DatabaseOrTrx, on: { mode: Mode; goalId: number; first: number; today: number }): Promise<Spent> {
  const { rows } = await sql<{ all_micros: bigint; period_micros: bigint; today_micros: bigint; everybody_micros: bigint }>`
    select coalesce(sum(counted_micros), 0)::bigint as all_micros,
      coalesce(sum(counted_micros) filter (where market_day + 1 >= ${on.first}), 0)::bigint as period_micros,
      coalesce(sum(counted_micros) filter (where market_day + 1 >= ${on.today}), 0)::bigint as today_micros,
      (select coalesce(sum(counted_micros), 0)::bigint from reservation where mode = ${on.mode} and market_day = ${on.today - 1}) as everybody_micros
    from reservation where goal_id = ${on.goalId} and mode = ${on.mode} and kind = 'act'`.execute(db);
  const row = rows[0];
  return {
    allMicros: row?.all_micros ?? 0n,
    periodMicros: row?.period_micros ?? 0n,
    todayMicros: row?.today_micros ?? 0n,
    everybodyTodayMicros: row?.everybody_micros ?? 0n,
  };
}

export interface Due {
  /** Experiments that may spend or are measured. */
  active: number;
  /** Those that wait for people. */
  waiting: number;
  /** Opportunities that a market sells and nobody has tried. */
  open: boolean;
}

const dueOf = (mode: Mode) => sql<Due>`
    select count(*) filter (where state in ('approved', 'running', 'measuring') and contract #>> '{variants,0,pageSlug}' is null)::int as active, count(*) filter (where state in ('draft', 'proposed'))::int as waiting,
      exists (select 1 from opportunity where mode = ${mode} and status = 'open' and source = 'practice_market' and score is not null) as open
    from experiment where mode = ${mode} and state not in ('concluded', 'cancelled')`;

/** Whether a day has anything to review: something runs, or there is room for another proposal and something to propose. */
export const isReviewDue = (mode: Mode, mostWaiting: number): RawBuilder<boolean> =>
  sql<boolean>`(select active > 0 or (waiting < ${mostWaiting} and open) from (${dueOf(mode)}) due)`;

export async function readDue(db: DatabaseOrTrx, mode: Mode): Promise<Due> {
  const { rows } = await dueOf(mode).execute(db);
  return rows[0] ?? { active: 0, waiting: 0, open: false };
}
