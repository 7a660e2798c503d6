// Customers as the journal knows them: when they first paid, on which days again, and what they brought net of refunds and fees.
import { type RawBuilder, sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Slice } from '../money/slice-store.ts';
import { type Buyer, VALUE_DAYS } from './lifetime-value.ts';

export interface Buyers {
  /** Everybody whose first payment lies in the slice. */
  customers: number;
  /** A fair sample of them, the same each time: at most the limit. */
  sample: Buyer[];
}

/** The condition that a first payment belongs to the slice. Days are the books' own. */
function firstIn(slice: Slice): RawBuilder<unknown> {
  const midnight = (day: string, add: number): RawBuilder<Date> =>
    sql<Date>`((${day}::date + ${add}::int)::timestamp at time zone (select zone from book_zone))`;
  const parts = [sql`true`];
  if (slice.goalId !== undefined) parts.push(sql`journal.goal_id = ${slice.goalId}`);
  if (slice.experiment !== undefined)
    parts.push(sql`journal.launch_id in (select id from launch where experiment_id = ${slice.experiment} and launch.mode = ${slice.mode})`);
  if (slice.offer !== undefined)
    parts.push(sql`journal.launch_id in (select id from launch where offer_id = ${slice.offer} and launch.mode = ${slice.mode})`);
  if (slice.from !== undefined) parts.push(sql`journal.occurred_at >= ${midnight(slice.from, 0)}`);
  if (slice.to !== undefined) parts.push(sql`journal.occurred_at < ${midnight(slice.to, 1)}`);
  return sql.join(parts, sql` and `);
}

/**
 * One statement. A customer belongs where they first paid, and whatever they bought later is theirs. Purchases of a day are one; money in
 * other currencies than the ledger's is left out. Practice days are market days, so a test payment outside the market is in no day.
 * @param at.today the last day of the books, as a market day or as days since 1970
 */
export async function readBuyers(db: DatabaseOrTrx, slice: Slice, at: { today: number; limit: number }): Promise<Buyers> {
  const day =
    slice.mode === 'practice'
      ? sql`j.market_day`
      : sql`(j.occurred_at at time zone (select zone from book_zone))::date - date '1970-01-01'`;
  const isPart = [slice.goalId, slice.experiment, slice.offer, slice.from].some((part) => part !== undefined);
  const { rows } = await sql<{ customers: number; first_day: number; days: number[]; net: number; net_early: number }>`
    with bought as (
      select journal.customer, min(journal.id) as first_id from journal
      where journal.mode = ${slice.mode} and journal.customer is not null and journal.kind = 'sale' and ${firstIn(slice)} group by 1),
    buyer as materialized (
      select customer, count(*) over ()::int as customers from bought
      where ${isPart ? sql`not exists (select 1 from journal earlier where earlier.mode = ${slice.mode} and earlier.customer = bought.customer and earlier.kind = 'sale' and earlier.id < first_id)` : sql`true`}
      order by hashtextextended(customer, 0), customer limit ${at.limit}),
    entry as (
      select buyer.customer, buyer.customers, ${day} as day, bool_or(j.kind = 'sale') as bought, -sum(p.amount_micros) as net
      from buyer join journal j on j.mode = ${slice.mode} and j.customer = buyer.customer and j.kind in ('sale', 'refund')
      join posting p on p.journal_id = j.id and p.currency = 'USD' and p.account in ('revenue', 'refunds', 'fees')
      group by 1, 2, 3),
    dated as (
      select *, min(day) filter (where bought) over (partition by customer) as first_day from entry where day is not null)
    select customers, first_day, array_agg(day - first_day order by day) filter (where bought and day <= ${at.today}) as days,
      sum(net)::float8 / 1e6 as net, coalesce(sum(net) filter (where day - first_day <= ${VALUE_DAYS}), 0)::float8 / 1e6 as net_early
    from dated where first_day <= ${at.today} group by customer, customers, first_day order by first_day, customer`.execute(db);
  return {
    customers: rows[0]?.customers ?? 0,
    sample: rows.map((row) => ({
      firstDay: row.first_day,
      days: row.days,
      age: at.today - row.first_day,
      net: row.net,
      netEarly: row.net_early,
    })),
  };
}
