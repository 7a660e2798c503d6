// Sums by day, kept with every posting (table ledger_day): any slice of the books without a walk through the ledger.
import { type RawBuilder, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';
import type { Account } from './ledger-store.ts';

/** The mode is required: practice and live money are never in one sum. Days are the books' own, `2026-11-22`, both included. */
export interface Slice {
  mode: Mode;
  goalId?: number | undefined;
  /** What was sold and spent on the launches of an experiment. */
  experiment?: number | undefined;
  offer?: string | undefined;
  agent?: string | undefined;
  tool?: string | undefined;
  model?: string | undefined;
  customer?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** Parts of the books a sum can be broken down by. */
/** `customer` is read by itself: customers are many, and their sums are kept apart. */
export const DIMENSIONS = ['day', 'goal', 'experiment', 'offer', 'agent', 'tool', 'model'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** What ledger_day is summed by first; experiments and offers are those of its launches. */
const COLUMNS = {
  day: 'day',
  goal: 'goal_id',
  experiment: 'launch_id',
  offer: 'launch_id',
  agent: 'agent',
  tool: 'tool',
  model: 'model',
} as const;

/** The ledger counts in micro-dollars; a foreign currency is never added to them. */
const CURRENCY = 'USD';

/** Where a slice is cut from: the sums by day, or for one customer the same made of that customer's own entries. */
export function booksOf(slice: Slice): RawBuilder<unknown> {
  if (slice.customer === undefined) return sql`ledger_day`;
  return sql`(select j.mode, (j.occurred_at at time zone z.zone)::date as day, coalesce(j.goal_id, 0) as goal_id, coalesce(j.launch_id, 0) as launch_id, coalesce(j.agent, '') as agent,
      coalesce(j.tool, '') as tool, coalesce(j.model, '') as model, p.currency, p.account, p.amount_micros, 1 as postings, line.first as journals, case when j.assumed then line.first else 0 end as assumed
    from journal j join posting p on p.journal_id = j.id cross join book_zone z
    cross join lateral (select case when exists (select 1 from posting earlier where earlier.journal_id = j.id and earlier.id < p.id) then 0 else 1 end as first) line
    where j.customer = ${slice.customer}) ledger_day`;
}

/** The condition that cuts a slice out of ledger_day. */
export function inSlice(slice: Slice, currency = sql`ledger_day.currency = ${CURRENCY}`): RawBuilder<boolean> {
  const parts = [sql`ledger_day.mode = ${slice.mode}`, currency];
  if (slice.goalId !== undefined) parts.push(sql`ledger_day.goal_id = ${slice.goalId}`);
  if (slice.experiment !== undefined)
    parts.push(
      sql`ledger_day.launch_id <> 0 and ledger_day.launch_id in (select id from launch where experiment_id = ${slice.experiment} and launch.mode = ${slice.mode})`,
    );
  if (slice.offer !== undefined)
    parts.push(
      sql`ledger_day.launch_id <> 0 and ledger_day.launch_id in (select id from launch where offer_id = ${slice.offer} and launch.mode = ${slice.mode})`,
    );
  if (slice.agent !== undefined) parts.push(sql`ledger_day.agent = ${slice.agent}`);
  if (slice.tool !== undefined) parts.push(sql`ledger_day.tool = ${slice.tool}`);
  if (slice.model !== undefined) parts.push(sql`ledger_day.model = ${slice.model}`);
  if (slice.from !== undefined) parts.push(sql`ledger_day.day >= ${slice.from}::date`);
  if (slice.to !== undefined) parts.push(sql`ledger_day.day <= ${slice.to}::date`);
  return sql<boolean>`${sql.join(parts, sql` and `)}`;
}

export interface AccountSum {
  account: Account;
  amountMicros: Micros;
  journals: number;
  assumed: number;
}

/** Sums of a slice by one part of it, each with its accounts; `key` is empty where an entry belongs to none. */
export async function readSums(db: DatabaseOrTrx, slice: Slice, by: Dimension): Promise<(AccountSum & { key: string })[]> {
  const key = {
    day: sql`ledger_day.day::text`,
    goal: sql`case goal_id when 0 then '' else goal_id::text end`,
    experiment: sql`coalesce((select experiment_id from launch where launch.id = launch_id)::text, '')`,
    offer: sql`coalesce((select offer_id from launch where launch.id = launch_id), '')`,
    agent: sql`agent`,
    tool: sql`tool`,
    model: sql`model`,
  }[by];
  const { rows } = await sql<AccountSum & { key: string; amount_micros: bigint }>`
    select ${key} as key, account, sum(amount_micros) as amount_micros, sum(journals)::int as journals, sum(assumed)::int as assumed
    from (select ${sql.ref(COLUMNS[by])}, account,
        sum(amount_micros) as amount_micros, sum(journals) as journals, sum(assumed) as assumed
      from ${booksOf(slice)} where ${inSlice(slice)} group by 1, 2) ledger_day
    group by 1, 2 order by 1, 2`.execute(db);
  return rows.map((row) => ({ ...row, amountMicros: row.amount_micros }));
}

/** Any number, the same in every process. */
const REPORT_LOCK = 7_246_541;

/** Until this transaction ends no other draws the market day's report. */
export async function lockReport(trx: DatabaseOrTrx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${REPORT_LOCK}::bigint)`.execute(trx);
}

/** Sums of practice money by market day, as the far side dates its orders. */
export async function readMarketDays(db: DatabaseOrTrx, from: number, to: number): Promise<(AccountSum & { key: string })[]> {
  const { rows } = await sql<AccountSum & { key: string; amount_micros: bigint }>`
    select j.market_day::text as key, p.account, sum(p.amount_micros) as amount_micros, count(*)::int as journals, 0 as assumed
    from journal j join posting p on p.journal_id = j.id
    where j.mode = 'practice' and j.market_day between ${from} and ${to} and p.currency = ${CURRENCY} group by 1, 2 order by 1, 2`.execute(
    db,
  );
  return rows.map((row) => ({ ...row, amountMicros: row.amount_micros }));
}

/** What a slice took in, in currencies that are in no sum: net of refunds, disputes and fees, in micro units. */
export async function readForeign(db: DatabaseOrTrx, slice: Slice): Promise<{ currency: string; netMicros: Micros }[]> {
  const { rows } = await sql<{ currency: string; net_micros: bigint }>`
    select currency, -sum(amount_micros) as net_micros from ledger_day
    where ${inSlice(slice, sql`ledger_day.currency <> ${CURRENCY}`)} and account in ('revenue', 'refunds', 'disputes', 'fees') group by 1 order by 1`.execute(
    db,
  );
  return rows.map((row) => ({ currency: row.currency, netMicros: row.net_micros }));
}

/** Every posting ever made, by currency. A sum other than 0 is a broken ledger. */
export async function readBalance(db: DatabaseOrTrx): Promise<{ currency: string; sumMicros: Micros; postings: number }[]> {
  const { rows } = await sql<{ currency: string; sum_micros: bigint; postings: number }>`
    select currency, sum(amount_micros) as sum_micros, sum(postings)::float8 as postings from ledger_day group by 1 order by 1`.execute(db);
  return rows.map((row) => ({ currency: row.currency, sumMicros: row.sum_micros, postings: row.postings }));
}

/** From now on a day of the books ends at this zone's midnight. Worked out anew only when it was another. */
export async function setBookZone(db: DatabaseOrTrx, zone: string): Promise<void> {
  const { rows } = await sql<{ zone: string }>`select zone from book_zone`.execute(db);
  if (rows[0]?.zone !== zone) await sql`select rebuild_ledger_days(${zone})`.execute(db);
}

/** Sums by mode, currency and account, and by customer, that the postings do not come to; more than 0 means tampering. */
export async function countWrongSums(db: DatabaseOrTrx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from
      (select j.mode, p.currency, p.account, sum(p.amount_micros) as sum, count(*) as lines from posting p join journal j on j.id = p.journal_id group by 1, 2, 3) a
      full join (select mode, currency, account, sum(amount_micros) as sum, sum(postings) as lines from ledger_day group by 1, 2, 3) b using (mode, currency, account)
    where a.sum is distinct from b.sum or a.lines is distinct from b.lines
    union all select count(*)::int from
      (select j.mode, j.customer, -sum(p.amount_micros) filter (where p.account = 'revenue') as revenue, sum(p.amount_micros) filter (where p.account = 'refunds') as refunds
        from journal j join posting p on p.journal_id = j.id where j.customer is not null and p.currency = ${CURRENCY} group by 1, 2) a
      full join (select mode, customer, -sum(revenue_micros) as revenue, sum(refunds_micros) as refunds from ledger_customer group by 1, 2) b using (mode, customer)
    where coalesce(a.revenue, 0) <> coalesce(b.revenue, 0) or coalesce(a.refunds, 0) <> coalesce(b.refunds, 0)`.execute(db);
  return rows.reduce((total, row) => total + row.count, 0);
}

/** What each account of a slice comes to, debits positive, and from how many postings. */
export async function readAccounts(db: DatabaseOrTrx, slice: Slice): Promise<{ account: Account; sumMicros: Micros; postings: number }[]> {
  const { rows } = await sql<{ account: Account; sum_micros: bigint; postings: number }>`
    select account, sum(amount_micros) as sum_micros, sum(postings)::float8 as postings from ${booksOf(slice)} where ${inSlice(slice)} group by 1 order by 1`.execute(
    db,
  );
  return rows.map((row) => ({ account: row.account, sumMicros: row.sum_micros, postings: row.postings }));
}
