// Journals of a slice with their postings, newest first; and the same as lines for a spreadsheet, oldest first.
import { type RawBuilder, sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { LedgerFilter } from './ledger-filter.ts';

/** Midnight that begins a day of the books. */
const midnight = (day: string, add = 0): RawBuilder<Date> =>
  sql<Date>`((${day}::date + ${add}::int)::timestamp at time zone (select zone from book_zone))`;

/** The conditions on `journal` that pick what a filter asks for. */
function conditionsOf(filter: LedgerFilter): RawBuilder<unknown> {
  const parts = [sql`true`];
  if (filter.mode !== null) parts.push(sql`journal.mode = ${filter.mode}`);
  if (filter.goalId !== null) parts.push(sql`journal.goal_id = ${filter.goalId}`);
  if (filter.experiment !== null) parts.push(sql`journal.launch_id in (select id from launch where experiment_id = ${filter.experiment})`);
  if (filter.offer !== null) parts.push(sql`journal.launch_id in (select id from launch where offer_id = ${filter.offer})`);
  for (const name of ['agent', 'tool', 'model', 'customer'] as const)
    if (filter[name] !== null) parts.push(sql`${sql.ref(`journal.${name}`)} = ${filter[name]}`);
  if (filter.from !== null) parts.push(sql`journal.occurred_at >= ${midnight(filter.from)}`);
  if (filter.to !== null) parts.push(sql`journal.occurred_at < ${midnight(filter.to, 1)}`);
  if (filter.account !== null)
    parts.push(sql`exists (select 1 from posting where posting.journal_id = journal.id and posting.account = ${filter.account})`);
  return sql.join(parts, sql` and `);
}

export function listJournals(db: DatabaseOrTrx, filter: LedgerFilter, page: { before: number | null; limit: number }) {
  let select = db
    .selectFrom('journal')
    .select(['id', 'mode', 'source', 'kind', 'occurred_at', 'goal_id', 'task_id', 'tool_call_id', 'launch_id', 'tool', 'model', 'assumed'])
    .select([sql<string>`left(memo, 300)`.as('memo'), sql<string>`left(external_id, 120)`.as('external_id')])
    .where(sql<boolean>`${conditionsOf(filter)}`)
    .orderBy('id', 'desc')
    .limit(page.limit);
  if (page.before !== null) select = select.where('id', '<', page.before);
  return select.execute();
}

export async function listPostings(db: DatabaseOrTrx, journalIds: readonly number[]) {
  if (journalIds.length === 0) return [];
  return await db
    .selectFrom('posting')
    .select(['id', 'journal_id', 'account', 'amount_micros', 'currency'])
    .where('journal_id', 'in', journalIds)
    .orderBy('id')
    .execute();
}

export interface LedgerLine {
  posting: number;
  journal: number;
  at: Date;
  mode: string;
  kind: string;
  account: string;
  amount_micros: bigint;
  currency: string;
  goal: number | null;
  task: number | null;
  experiment: number | null;
  offer: string | null;
  agent: string | null;
  tool: string | null;
  model: string | null;
  customer: string | null;
  marketDay: number | null;
  assumed: boolean;
  source: string;
  externalId: string;
  memo: string;
}

/** The next postings of the filter behind the journal `after`: whole journals, at most `limit` of them. */
export async function listLines(db: DatabaseOrTrx, filter: LedgerFilter, after: number, limit: number): Promise<LedgerLine[]> {
  const { rows } = await sql<LedgerLine>`
    select p.id as posting, j.id as journal, j.occurred_at as at, j.mode, j.kind, p.account, p.amount_micros, p.currency, j.goal_id as goal, j.task_id as task,
      (select experiment_id from launch where launch.id = j.launch_id) as experiment, (select offer_id from launch where launch.id = j.launch_id) as offer, j.agent, j.tool, j.model, j.customer, j.market_day as "marketDay", j.assumed,
      j.source, j.external_id as "externalId", j.memo
    from (select * from journal where ${conditionsOf(filter)} and journal.id > ${after} order by journal.id limit ${limit}) j
    join posting p on p.journal_id = j.id and (${filter.account}::text is null or p.account = ${filter.account}) order by j.id, p.id`.execute(
    db,
  );
  return rows;
}
