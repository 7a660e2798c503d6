// Pages of offers for the console, newest first; and what one was visited by day.
import { sql } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { PageStatus } from '../../db/tables/page-tables.ts';
import type { Mode } from '../../domain/tools/tool.ts';

export interface OfferRow {
  id: number;
  slug: string;
  status: PageStatus;
  goal_id: number;
  /** Stands for a launch on the practice market. */
  is_market: boolean;
  variants: string;
  visits: number;
  visitors: number;
  orders: number;
  retired_why: string | null;
}

const COLUMNS = sql`p.id, p.slug, p.status, p.goal_id, p.retired_why, p.market_launch_id is not null as is_market,
  coalesce((select string_agg(variant, ', ' order by variant) from page_variant where page_id = p.id and status <> 'retired'), 'none') as variants,
  coalesce((select sum(visits) from page_visit where page_id = p.id), 0)::int as visits, coalesce((select sum(visitors) from page_visit where page_id = p.id), 0)::int as visitors,
  (select count(*) from customer_order o where o.launch_id in (select launch_id from page_version where page_id = p.id union select p.market_launch_id))::int as orders`;

export async function listOfferRows(
  db: DatabaseOrTrx,
  query: { mode: Mode; market: boolean; before: number | null; limit: number },
): Promise<OfferRow[]> {
  const before = query.before === null ? sql`` : sql`and p.id < ${query.before}`;
  const found = await sql<OfferRow>`select ${COLUMNS} from offer_page p
    where p.mode = ${query.mode} and (p.market_launch_id is not null) = ${query.market} ${before} order by p.id desc limit ${query.limit}`.execute(
    db,
  );
  return found.rows;
}

export async function findOfferRow(db: DatabaseOrTrx, mode: Mode, id: number): Promise<OfferRow | undefined> {
  const found = await sql<OfferRow>`select ${COLUMNS} from offer_page p where p.mode = ${mode} and p.id = ${id}`.execute(db);
  return found.rows[0];
}

export async function listVisitDays(
  db: DatabaseOrTrx,
  pageId: number,
  from: string,
): Promise<{ day: string; variant: string; visitors: number }[]> {
  const found = await sql<{ day: string; variant: string; visitors: number }>`
    select to_char(day, 'YYYY-MM-DD') as day, variant, sum(visitors)::int as visitors from page_visit where page_id = ${pageId} and day >= ${from} group by 1, 2 order by 1, 2`.execute(
    db,
  );
  return found.rows;
}

/** The arguments of a call that would publish a page. */
export function findPublishCall(db: DatabaseOrTrx, id: number): Promise<{ arguments: Json; mode: Mode } | undefined> {
  return db
    .selectFrom('tool_call')
    .select(['arguments', 'mode'])
    .where('id', '=', id)
    .where('tool', '=', 'publish_page')
    .executeTakeFirst();
}
