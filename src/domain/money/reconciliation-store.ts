// How our books compare with the provider's: since when it is connected, what stands where, and the last comparison.
import { type Selectable, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { ReconciledSum } from '../../db/tables/payment-tables.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type Reconciliation = Selectable<Tables['payment_reconciliation']>;

/** The first connection is remembered: what the provider booked before it is not ours to book. */
export async function connectSource(db: DatabaseOrTrx, source: string, mode: Mode): Promise<Date> {
  const { rows } = await sql<{ connected_at: Date }>`
    with made as (insert into payment_source (source, mode) values (${source}, ${mode}) on conflict do nothing returning connected_at)
    select connected_at from made union all select connected_at from payment_source where source = ${source} and mode = ${mode} limit 1`.execute(
    db,
  );
  if (rows[0] === undefined) throw new Error(`source ${source} could not be connected`);
  return rows[0].connected_at;
}

/** Net by currency that journals of a source have put into the provider's balance, by when it happened. @param to exclusive */
export async function sumProcessor(db: DatabaseOrTrx, source: string, mode: Mode, from: Date, to: Date): Promise<Map<string, Micros>> {
  const { rows } = await sql<{ currency: string; net_micros: bigint }>`
    select p.currency, sum(p.amount_micros) as net_micros from journal j join posting p on p.journal_id = j.id and p.account = 'processor'
    where j.mode = ${mode} and j.source = ${source} and j.occurred_at >= ${from} and j.occurred_at < ${to} group by 1`.execute(db);
  return new Map(rows.map((row) => [row.currency, row.net_micros]));
}

export async function addReconciliation(
  db: DatabaseOrTrx,
  done: {
    mode: Mode;
    source: string;
    from: Date;
    to: Date;
    transactions: number;
    fetched: number;
    sums: ReconciledSum[];
    unbooked: string[];
  },
): Promise<void> {
  await db
    .insertInto('payment_reconciliation')
    .values({
      mode: done.mode,
      source: done.source,
      from_at: done.from,
      to_at: done.to,
      transactions: done.transactions,
      fetched: done.fetched,
      sums: JSON.stringify(done.sums),
      unbooked: JSON.stringify(done.unbooked),
    })
    .execute();
}

export async function readLastReconciliation(db: DatabaseOrTrx, source: string, mode: Mode): Promise<Reconciliation | null> {
  const row = await db
    .selectFrom('payment_reconciliation')
    .selectAll()
    .where('source', '=', source)
    .where('mode', '=', mode)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Shares of the last 30 days' payments of a source that were disputed and refunded; null without payments. */
export async function readShares(db: DatabaseOrTrx, source: string, mode: Mode): Promise<{ disputes: number; refunds: number } | null> {
  const { rows } = await sql<{ sales: number; refunds: number; disputes: number }>`
    select count(*) filter (where kind = 'sale')::int as sales, count(*) filter (where kind = 'refund')::int as refunds, count(*) filter (where kind = 'dispute')::int as disputes
    from journal where mode = ${mode} and source = ${source} and occurred_at > statement_timestamp() - interval '30 days'`.execute(db);
  const { sales = 0, refunds = 0, disputes = 0 } = rows[0] ?? {};
  return sales === 0 ? null : { disputes: disputes / sales, refunds: refunds / sales };
}
