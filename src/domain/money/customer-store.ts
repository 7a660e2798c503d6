// Profit and loss by customer: the largest of them, from the sums kept for each customer and day.
import { type RawBuilder, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Account } from './ledger-store.ts';
import type { AccountSum, Slice } from './slice-store.ts';

const MOST = 50;

export interface CustomerSums {
  /** The largest by what they brought or cost, largest first. */
  rows: (AccountSum & { key: string })[];
  /** How many customers the slice has. */
  total: number;
}

interface Row {
  key: string;
  revenue_micros: Micros;
  refunds_micros: Micros;
  fees_micros: Micros;
  journals: number;
  total: number;
}

function conditionsOf(slice: Slice): RawBuilder<unknown> {
  const parts = [sql`c.mode = ${slice.mode}`];
  if (slice.goalId !== undefined) parts.push(sql`c.goal_id = ${slice.goalId}`);
  if (slice.customer !== undefined) parts.push(sql`c.customer = ${slice.customer}`);
  if (slice.experiment !== undefined)
    parts.push(sql`c.launch_id in (select id from launch where experiment_id = ${slice.experiment} and launch.mode = ${slice.mode})`);
  if (slice.offer !== undefined)
    parts.push(sql`c.launch_id in (select id from launch where offer_id = ${slice.offer} and launch.mode = ${slice.mode})`);
  if (slice.from !== undefined) parts.push(sql`c.day >= ${slice.from}::date`);
  if (slice.to !== undefined) parts.push(sql`c.day <= ${slice.to}::date`);
  // The sums of customers know no agent, tool or model; their entries do.
  for (const name of ['agent', 'tool', 'model'] as const)
    if (slice[name] !== undefined)
      parts.push(
        sql`exists (select 1 from journal j where j.customer = c.customer and j.mode = c.mode and ${sql.ref(`j.${name}`)} = ${slice[name]})`,
      );
  return sql.join(parts, sql` and `);
}

/** In dollars only, like every slice. With an agent, tool or model: all of the customers who have an entry of it. */
export async function readCustomers(db: DatabaseOrTrx, slice: Slice): Promise<CustomerSums> {
  const { rows } = await sql<Row>`
    select c.customer as key, sum(c.revenue_micros)::bigint as revenue_micros, sum(c.refunds_micros)::bigint as refunds_micros, sum(c.fees_micros)::bigint as fees_micros,
      sum(c.journals)::int as journals, count(*) over ()::int as total
    from ledger_customer c where ${conditionsOf(slice)} group by c.customer
    order by abs(sum(c.revenue_micros + c.refunds_micros + c.fees_micros + c.disputes_micros)) desc, c.customer limit ${MOST}`.execute(db);
  const accounts = ['revenue', 'refunds', 'fees'] as const satisfies readonly Account[];
  return {
    total: rows[0]?.total ?? 0,
    rows: rows.flatMap((row) =>
      accounts.map((account, index) => ({
        key: row.key,
        account,
        amountMicros: row[`${account}_micros`],
        journals: index === 0 ? row.journals : 0,
        assumed: 0,
      })),
    ),
  };
}
