// Visits as sums by page, variant, day and channel. One statement counts a whole batch: all of it or none, and each visitor of a day once.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';

export interface Visit {
  pageId: number;
  variant: string;
  /** `direct` without a tracked link. */
  channel: string;
  /** Calendar day of the books, like 2026-11-23. */
  day: string;
  /** Tells a second visit of the day from a first; null when `visits` were counted by whoever reports them, each another visitor. */
  hash: string | null;
  visits: number;
}

/**
 * Adds a batch. Rows are taken in the same order by every process, so that two batches never wait for each other in a circle.
 * A visitor who appears twice in the batch, or was here before today, is one visitor and as many visits.
 */
export async function countVisits(db: DatabaseOrTrx, visits: readonly Visit[]): Promise<void> {
  if (visits.length === 0) return;
  await sql`
    with given as (select row_number() over () as n, * from jsonb_to_recordset(${JSON.stringify(visits)}::jsonb)
        as t("pageId" bigint, variant text, channel text, day date, hash text, visits int)),
    new as (insert into visit_seen (day, hash) select distinct day, hash from given where hash is not null order by 1, 2 on conflict do nothing returning day, hash),
    firsts as (select min(given.n) as n from given join new using (day, hash) group by given.day, given.hash),
    sums as (select "pageId", variant, day, channel, sum(visits)::int as visits,
        sum(case when hash is null then visits when exists (select from firsts where firsts.n = given.n) then 1 else 0 end)::int as visitors
      from given group by 1, 2, 3, 4)
    insert into page_visit as had (page_id, variant, day, channel, visits, visitors) select * from sums order by 1, 2, 3, 4
    on conflict (page_id, variant, day, channel) do update set visits = had.visits + excluded.visits, visitors = had.visitors + excluded.visitors`.execute(
    db,
  );
}

/** The day's salt, the same for every process; the first one to ask makes it. */
export async function readSalt(db: DatabaseOrTrx, day: string, make: () => string): Promise<string> {
  const made = await sql<{ salt: string }>`
    with mine as (insert into visit_salt (day, salt) values (${day}, ${make()}) on conflict (day) do nothing returning salt)
    select salt from mine union all select salt from visit_salt where day = ${day} limit 1`.execute(db);
  const salt = made.rows[0]?.salt;
  // Another process made it while this statement ran, unseen by its snapshot.
  return salt ?? (await db.selectFrom('visit_salt').select('salt').where('day', '=', day).executeTakeFirstOrThrow()).salt;
}

/** Throws away what tells visitors of earlier days apart. The sums stay. */
export async function forgetSeen(db: DatabaseOrTrx, before: string): Promise<void> {
  await sql`with salts as (delete from visit_salt where day < ${before}) delete from visit_seen where day < ${before}`.execute(db);
}

export async function listVisitTotals(
  db: DatabaseOrTrx,
  mode: Mode,
  limit: number,
): Promise<{ slug: string; variant: string; visits: number; visitors: number }[]> {
  const found = await sql<{ slug: string; variant: string; visits: number; visitors: number }>`
    select p.slug, v.variant, sum(v.visits)::int as visits, sum(v.visitors)::int as visitors
    from (select id, slug from offer_page where mode = ${mode} order by id desc limit ${limit}) p join page_visit v on v.page_id = p.id group by 1, 2 order by 1, 2`.execute(
    db,
  );
  return found.rows;
}
