// What is used of the caps, and the caps that were lowered in chat.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';

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

/** What running goals may still spend of the budgets they were given. */
export async function readGoalsLeft(db: DatabaseOrTrx, mode: Mode): Promise<Micros> {
  const { rows } = await sql<{ left_micros: bigint }>`
    select coalesce(sum(greatest(0, g.budget_micros - coalesce(used.micros, 0))), 0)::bigint as left_micros from goal g
    cross join lateral (select sum(counted_micros) as micros from reservation r where r.goal_id = g.id and r.mode = g.mode and r.kind = 'act') used
    where g.mode = ${mode} and g.status = 'running'`.execute(db);
  return rows[0]?.left_micros ?? 0n;
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
