// What one offer took in on one day of the books, and how much of what it sold came back.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';
import type { Account } from './ledger-store.ts';
import { PROVIDER } from './payment-store.ts';

export interface Takings {
  sums: { account: Account; currency: string; amountMicros: Micros; postings: number }[];
  /** The newest movements, newest first. */
  newest: { kind: string; memo: string; at: Date; currency: string; amountMicros: Micros }[];
}

const MOST_SHOWN = 8;
/** Any number, the same in every process: the first half of the lock's key. */
const TAKINGS_LOCK = 72_466;

/** Until this transaction ends no other books or tells of the same offer; 0 stands for payments of no offer of ours. */
export async function lockTakings(trx: DatabaseOrTrx, launchId: number | null): Promise<void> {
  await sql`select pg_advisory_xact_lock(${TAKINGS_LOCK}::int, ${launchId ?? 0}::int)`.execute(trx);
}

/** @param day of the books, like 2026-11-22 */
export async function readTakings(db: DatabaseOrTrx, mode: Mode, launchId: number | null, day: string): Promise<Takings> {
  const sums = await sql<{ account: Account; currency: string; amount_micros: bigint; postings: number }>`
    select account, currency, sum(amount_micros) as amount_micros, sum(postings)::int as postings from ledger_day
    where mode = ${mode} and day = ${day}::date and launch_id = ${launchId ?? 0} and account in ('revenue', 'refunds', 'disputes', 'fees')
    group by 1, 2 order by 2, 1`.execute(db);
  const newest = await sql<{ kind: string; memo: string; at: Date; currency: string; amount_micros: bigint }>`
    select j.kind, j.memo, j.occurred_at as at, p.currency, -p.amount_micros as amount_micros
    from (select * from journal where ${launchId === null ? sql`launch_id is null` : sql`launch_id = ${launchId}`} and source = ${PROVIDER} and mode = ${mode}
      order by id desc limit ${MOST_SHOWN}) j
    join posting p on p.journal_id = j.id and p.account in ('revenue', 'refunds', 'disputes')
    where (j.occurred_at at time zone (select zone from book_zone))::date = ${day}::date order by j.id desc`.execute(db);
  return {
    sums: sums.rows.map((row) => ({
      account: row.account,
      currency: row.currency,
      amountMicros: row.amount_micros,
      postings: row.postings,
    })),
    newest: newest.rows.map(({ amount_micros: amountMicros, ...row }) => ({ ...row, amountMicros })),
  };
}

export interface Trouble {
  sales: number;
  refunds: number;
  disputes: number;
}

/** Sales, refunds and disputes of an offer in the last 30 days; won disputes count, as they do with card networks. */
export async function readTrouble(db: DatabaseOrTrx, mode: Mode, launchId: number): Promise<Trouble> {
  const { rows } = await sql<Trouble>`
    select (select coalesce(sum(postings), 0)::int from ledger_day where mode = ${mode} and launch_id = ${launchId} and account = 'revenue' and day > (statement_timestamp() - interval '30 days')::date) as sales,
      count(*) filter (where kind = 'refund')::int as refunds, count(*) filter (where kind = 'dispute')::int as disputes
    from journal where launch_id = ${launchId} and kind in ('refund', 'dispute') and occurred_at > statement_timestamp() - interval '30 days'`.execute(
    db,
  );
  return rows[0] ?? { sales: 0, refunds: 0, disputes: 0 };
}
