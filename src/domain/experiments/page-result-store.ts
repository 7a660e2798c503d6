// What pages of experiments have brought, from the visit counters, orders and the books of the launches they sold through; and which of them
// want to be looked at. Days are calendar days, counted from 1970.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';
import { type ResultRow, resultOf, type VariantResult } from './result-store.ts';

/** Every variant of these experiments that a page sells, by its number. One statement. */
export async function readPageResults(
  db: DatabaseOrTrx,
  mode: Mode,
  experimentIds: readonly number[],
  timezone: string,
): Promise<Map<number, VariantResult>> {
  if (experimentIds.length === 0) return new Map();
  const day = (moment: string) => sql`((${sql.ref(moment)} at time zone ${timezone})::date - date '1970-01-01')`;
  const { rows } = await sql<ResultRow>`
    with own as (select v.id as variant_id, v.experiment_id, p.id as page_id, v.page_variant from experiment_variant v join experiment e on e.id = v.experiment_id
      join offer_page p on p.slug = v.page_slug and p.mode = e.mode where e.mode = ${mode} and e.id in (${sql.join([...experimentIds])})),
    sold as (select distinct own.variant_id, l.id, l.external_id, l.status, l.budget_micros, ${day('l.created_at')} as day
      from own join page_version n on n.page_id = own.page_id and n.variant = own.page_variant join launch l on l.id = n.launch_id),
    visit as (select own.variant_id, v.day - date '1970-01-01' as day, sum(v.visitors)::int as visitors from own join page_visit v on v.page_id = own.page_id and v.variant = own.page_variant group by 1, 2),
    bought as (select distinct on (sold.variant_id, o.customer_id) sold.variant_id, ${day('o.paid_at')} as day, o.amount_micros, o.refunded_micros > 0 as refunded
      from sold join customer_order o on o.launch_id = sold.id order by sold.variant_id, o.customer_id, o.id),
    sums as (
      select sold.variant_id, coalesce(-sum(d.amount_micros) filter (where d.account = 'revenue'), 0)::bigint as revenue, coalesce(sum(d.amount_micros) filter (where d.account in ('refunds', 'disputes')), 0)::bigint as refunded,
        coalesce(sum(d.amount_micros) filter (where d.account = 'fees'), 0)::bigint as fees, coalesce(sum(d.amount_micros) filter (where d.account = 'offer_spend'), 0)::bigint as spend
      from sold join ledger_day d on d.launch_id = sold.id and d.launch_id <> 0 and d.mode = ${mode} and d.currency = 'USD' group by 1)
    select own.variant_id, own.experiment_id,
      (select json_agg(json_build_object('id', l.id, 'externalId', l.external_id, 'day', l.day, 'status', l.status, 'budget', l.budget_micros::text) order by l.id) from sold l where l.variant_id = own.variant_id) as launches,
      (select json_agg(json_build_object('day', v.day, 'visitors', v.visitors) order by v.day) from visit v where v.variant_id = own.variant_id) as visits,
      (select json_agg(json_build_object('visitDay', b.day, 'payDay', b.day, 'value', b.amount_micros::text, 'refunded', b.refunded) order by b.day, b.amount_micros) from bought b where b.variant_id = own.variant_id) as orders,
      coalesce(sums.revenue, 0)::bigint as revenue_micros, coalesce(sums.refunded, 0)::bigint as refunded_micros, coalesce(sums.fees, 0)::bigint as fees_micros, coalesce(sums.spend, 0)::bigint as spend_micros
    from own left join sums on sums.variant_id = own.variant_id order by own.variant_id`.execute(db);
  return new Map(rows.map((row) => [row.variant_id, resultOf(row)]));
}

export interface PagesDue {
  /** On sale or measured, and a variant not read on this day. */
  unread: number[];
  /** Pages and variants that are up although their experiment needs them no longer; variant null: the whole page. */
  left: { experimentId: number; slug: string; variant: string | null; launchId: number }[];
  /** Whether something is open that is no market's. */
  open: boolean;
}

/** What there is to do for experiments on pages: one look. */
export async function readPagesDue(db: DatabaseOrTrx, mode: Mode, day: number): Promise<PagesDue> {
  const { rows } = await sql<PagesDue>`
    with own as (select e.id, e.state, v.id as variant_id, v.page_slug, v.page_variant, v.status as variant_status from experiment e join experiment_variant v on v.experiment_id = e.id where e.mode = ${mode} and v.page_slug is not null)
    select coalesce((select json_agg(distinct id) from own where state in ('running', 'measuring') and not exists (select 1 from experiment_reading r where r.variant_id = own.variant_id and r.day = ${day})), '[]') as unread,
      coalesce((select json_agg(json_build_object('experimentId', up.id, 'slug', up.slug, 'variant', up.variant, 'launchId', up.launch_id) order by up.id) from (
        select own.id, p.slug, case when own.state in ('measuring', 'concluded', 'cancelled') then null else own.page_variant end as variant, min(n.launch_id) as launch_id
        from own join offer_page p on p.slug = own.page_slug and p.mode = ${mode} and p.status = 'published'
          join page_variant v on v.page_id = p.id and v.variant = own.page_variant and v.status = 'published' join page_version n on n.page_id = v.page_id and n.variant = v.variant and n.version = v.version
        where own.state in ('measuring', 'concluded', 'cancelled') or (own.state = 'running' and own.variant_status = 'stopped') group by 1, 2, 3) up), '[]') as left,
      exists (select 1 from opportunity where mode = ${mode} and status = 'open' and source <> 'practice_market' and score is not null) as open`.execute(
    db,
  );
  return rows[0] ?? { unread: [], left: [], open: false };
}
