// What pages brought, by variant: visits from the counters, orders and money from the books of the launches they sold through.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';

export interface VisitSum {
  variant: string;
  channel: string;
  visits: number;
  /** Of each day: someone who comes on two days is two. */
  visitors: number;
}

export async function readVisits(db: DatabaseOrTrx, pageId: number): Promise<VisitSum[]> {
  const found = await sql<VisitSum>`select variant, channel, sum(visits)::int as visits, sum(visitors)::int as visitors
    from page_visit where page_id = ${pageId} group by 1, 2 order by 1, 2`.execute(db);
  return found.rows;
}

export interface Taking {
  variant: string;
  currency: string;
  orders: number;
  /** Before refunds and fees. */
  revenueMicros: Micros;
  refundedMicros: Micros;
  feeMicros: Micros;
}

/** Every launch that a variant ever sold through; a page of the practice market has the one that it stands for. */
const LAUNCHES = (pageId: number) => sql`select distinct variant, launch_id from page_version where page_id = ${pageId}
  union select 'a', market_launch_id from offer_page where id = ${pageId} and market_launch_id is not null`;

/** By variant and currency of the books; none where nothing was sold. */
export async function readTakings(db: DatabaseOrTrx, pageId: number): Promise<Taking[]> {
  const found = await sql<{ variant: string; currency: string; orders: number; revenue: string; refunded: string; fees: string }>`
    with own as (${LAUNCHES(pageId)}),
    sold as (select own.variant, count(*)::int as orders from own join customer_order o on o.launch_id = own.launch_id group by 1),
    money as (select own.variant, d.currency, -coalesce(sum(d.amount_micros) filter (where d.account = 'revenue'), 0) as revenue,
        coalesce(sum(d.amount_micros) filter (where d.account in ('refunds', 'disputes')), 0) as refunded, coalesce(sum(d.amount_micros) filter (where d.account = 'fees'), 0) as fees
      from own join ledger_day d on d.launch_id = own.launch_id and d.launch_id <> 0 where d.account in ('revenue', 'refunds', 'disputes', 'fees') group by 1, 2)
    select money.variant, money.currency, coalesce(sold.orders, 0) as orders, revenue::text, refunded::text, fees::text from money left join sold using (variant) order by 1, 2`.execute(
    db,
  );
  return found.rows.map(({ revenue, refunded, fees, ...row }) => ({
    ...row,
    revenueMicros: BigInt(revenue),
    refundedMicros: BigInt(refunded),
    feeMicros: BigInt(fees),
  }));
}
