// What the variants of experiments have brought, from measured points, orders and the books; nothing of it was said by a model.
// A variant's launches are those of its experiment's goal for its offer, since the experiment began.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';

export interface VariantResult {
  variantId: number;
  experimentId: number;
  launches: { id: number; externalId: string; day: number; status: 'running' | 'ended' | 'stopped'; budgetMicros: Micros }[];
  visits: { day: number; visitors: number }[];
  /** First orders of each customer; what comes back buys again is in the sums only. */
  orders: { visitDay: number; payDay: number; valueMicros: Micros; refunded: boolean }[];
  revenueMicros: Micros;
  refundedMicros: Micros;
  feesMicros: Micros;
  /** Money committed, what came back taken off. */
  spendMicros: Micros;
}

export interface ResultRow {
  variant_id: number;
  experiment_id: number;
  launches: { id: number; externalId: string; day: number; status: VariantResult['launches'][number]['status']; budget: string }[] | null;
  visits: { day: number; visitors: number }[] | null;
  orders: { visitDay: number; payDay: number; value: string; refunded: boolean }[] | null;
  revenue_micros: bigint;
  refunded_micros: bigint;
  fees_micros: bigint;
  spend_micros: bigint;
}

/** Every variant of these experiments, by its number. One statement. */
export async function readResults(db: DatabaseOrTrx, mode: Mode, experimentIds: readonly number[]): Promise<Map<number, VariantResult>> {
  if (experimentIds.length === 0) return new Map();
  const { rows } = await sql<ResultRow>`
    with own as (
      select v.id as variant_id, v.experiment_id, l.id, l.external_id, l.started_day, l.status, l.budget_micros
      from experiment_variant v join experiment e on e.id = v.experiment_id
      left join launch l on l.goal_id = e.goal_id and l.offer_id = v.offer_id and l.mode = e.mode and l.created_at >= e.created_at
        and (e.ended_day is null or l.started_day <= e.ended_day)
      where e.mode = ${mode} and e.id in (${sql.join([...experimentIds])})),
    visit as (select own.variant_id, p.day, sum(p.value)::int as visitors from own join metric_point p on p.launch_id = own.id and p.name = 'visitors' group by 1, 2),
    bought as (
      select distinct on (own.variant_id, o.customer_id) own.variant_id, own.started_day, coalesce(j.market_day, own.started_day) as pay_day, o.amount_micros, o.refunded_micros > 0 as refunded
      from own join customer_order o on o.launch_id = own.id join journal j on j.source = o.source and j.external_id = o.charge_id
      order by own.variant_id, o.customer_id, o.id),
    sums as (
      select own.variant_id, coalesce(-sum(d.amount_micros) filter (where d.account = 'revenue'), 0)::bigint as revenue, coalesce(sum(d.amount_micros) filter (where d.account = 'refunds'), 0)::bigint as refunded,
        coalesce(sum(d.amount_micros) filter (where d.account = 'fees'), 0)::bigint as fees, coalesce(sum(d.amount_micros) filter (where d.account = 'offer_spend'), 0)::bigint as spend
      from own join ledger_day d on d.launch_id = own.id and d.launch_id <> 0 and d.mode = ${mode} and d.currency = 'USD' group by 1)
    select variant.variant_id, variant.experiment_id,
      (select json_agg(json_build_object('id', l.id, 'externalId', l.external_id, 'day', l.started_day, 'status', l.status, 'budget', l.budget_micros::text) order by l.id) from own l where l.variant_id = variant.variant_id and l.id is not null) as launches,
      (select json_agg(json_build_object('day', visit.day, 'visitors', visit.visitors) order by visit.day) from visit where visit.variant_id = variant.variant_id) as visits,
      (select json_agg(json_build_object('visitDay', b.started_day, 'payDay', greatest(b.pay_day, b.started_day), 'value', b.amount_micros::text, 'refunded', b.refunded) order by b.pay_day, b.started_day, b.amount_micros) from bought b where b.variant_id = variant.variant_id) as orders,
      coalesce(sums.revenue, 0)::bigint as revenue_micros, coalesce(sums.refunded, 0)::bigint as refunded_micros, coalesce(sums.fees, 0)::bigint as fees_micros, coalesce(sums.spend, 0)::bigint as spend_micros
    from (select distinct variant_id, experiment_id from own) variant left join sums on sums.variant_id = variant.variant_id order by variant.variant_id`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.variant_id, resultOf(row)]));
}

export function resultOf(row: ResultRow): VariantResult {
  return {
    variantId: row.variant_id,
    experimentId: row.experiment_id,
    launches: (row.launches ?? []).map(({ budget, ...launch }) => ({ ...launch, budgetMicros: BigInt(budget) })),
    visits: row.visits ?? [],
    orders: (row.orders ?? []).map(({ value, ...order }) => ({ ...order, valueMicros: BigInt(value) })),
    revenueMicros: row.revenue_micros,
    refundedMicros: row.refunded_micros,
    feesMicros: row.fees_micros,
    spendMicros: row.spend_micros,
  };
}

/** Launches of experiments whose day is over and whose visitors nobody has read yet, oldest first. */
export async function listUnread(db: DatabaseOrTrx, mode: Mode, today: number): Promise<string[]> {
  const { rows } = await sql<{ external_id: string }>`
    select l.external_id from experiment e join experiment_variant v on v.experiment_id = e.id
      join launch l on l.goal_id = e.goal_id and l.offer_id = v.offer_id and l.mode = e.mode and l.created_at >= e.created_at
    where e.mode = ${mode} and e.state not in ('concluded', 'cancelled') and l.started_day < ${today}
      and not exists (select 1 from metric_point p where p.launch_id = l.id and p.name = 'visitors' and p.day = least(${today - 1}, l.started_day + l.days - 1))
    order by l.id`.execute(db);
  return rows.map((row) => row.external_id);
}
