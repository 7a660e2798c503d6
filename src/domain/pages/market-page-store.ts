// Pages that stand for launches on the practice market: never served, they only carry the counters that every visit is counted in.
import { sql } from 'kysely';
import type { Trx } from '../../db/database.ts';

/** @param told each launch with all its visitors so far @returns its page, made where there is none yet, and how many of them are not counted there */
export async function findMarketPages(
  trx: Trx,
  told: readonly { launch_id: string; visitors: number }[],
): Promise<{ pageId: number; fresh: number }[]> {
  const found = await sql<{ pageId: number; fresh: number }>`
    with told as (select * from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as t(launch_id text, visitors int)),
    ours as (select l.id, l.goal_id, l.external_id, told.visitors from told join launch l on l.mode = 'practice' and l.external_id = told.launch_id),
    made as (insert into offer_page (mode, slug, goal_id, market_launch_id, status)
      select 'practice', 'market-' || replace(lower(external_id), '_', '-'), goal_id, id, 'draft' from ours on conflict do nothing returning id, market_launch_id),
    variants as (insert into page_variant (page_id, variant, status) select id, 'a', 'draft' from made),
    pages as (select id, market_launch_id from made union select id, market_launch_id from offer_page where market_launch_id in (select id from ours))
    select pages.id as "pageId", (ours.visitors - coalesce((select sum(visits) from page_visit v where v.page_id = pages.id and v.channel = 'market'), 0))::int as fresh
    from pages join ours on ours.id = pages.market_launch_id order by 1`.execute(trx);
  return found.rows;
}
