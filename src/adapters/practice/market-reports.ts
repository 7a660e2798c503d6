// What a launch has done so far, as the market tells whoever asks: by the day of the visit, and apart from it what came back later.
import { type Db, LAUNCH, type LaunchRow } from './market-store.ts';

interface CohortDay {
  day: number;
  visitors: number;
  spentMicros: number;
  orders: number;
  grossMicros: number;
  feeMicros: number;
  refundedMicros: number;
}

/** What buyers who came back have brought, which is no result of a day's visitors. */
interface Returned {
  repeatOrders: number;
  repeatGrossMicros: number;
  repeatFeeMicros: number;
  repeatRefundedMicros: number;
}

export type LaunchReport = LaunchRow & Returned & { day: number; byDay: CohortDay[] };

/** Launches with what may be known of them: orders and money count once their payment has come, under the day of the visit. Buyers who came back are counted apart. */
export async function reportLaunches(db: Db, by: { id: number } | { idempotencyKey: string }): Promise<LaunchReport[]> {
  const { rows } = await db.query<LaunchReport>(
    `select ${LAUNCH}, c.day, coalesce((
       select json_agg(json_build_object('day', d.day, 'visitors', d.visitors, 'spentMicros', d.spent_micros, 'orders', coalesce(o.orders, 0),
         'grossMicros', coalesce(o.gross, 0), 'feeMicros', coalesce(o.fee, 0), 'refundedMicros', coalesce(o.refunded, 0)) order by d.day)
       from market.launch_day d left join (
         select visit_day, count(*) as orders, sum(value_micros) as gross, sum(fee_micros) as fee,
           sum(value_micros) filter (where refunded_day is not null) as refunded
         from market.customer_order where launch_id = l.id and charged_day is not null and repeat = 0 group by visit_day) o on o.visit_day = d.day
       where d.launch_id = l.id), '[]') as "byDay",
       r."repeatOrders", r."repeatGrossMicros", r."repeatFeeMicros", r."repeatRefundedMicros"
     from market.launch l cross join market.clock c cross join lateral (
       select count(*) as "repeatOrders", coalesce(sum(value_micros), 0)::bigint as "repeatGrossMicros", coalesce(sum(fee_micros), 0)::bigint as "repeatFeeMicros",
         coalesce(sum(value_micros) filter (where refunded_day is not null), 0)::bigint as "repeatRefundedMicros"
       from market.customer_order where launch_id = l.id and charged_day is not null and repeat > 0) r
     where ${'id' in by ? 'l.id' : 'l.idempotency_key'} = $1 order by l.id`,
    ['id' in by ? by.id : by.idempotencyKey],
  );
  return rows;
}
