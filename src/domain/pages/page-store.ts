// Pages, their variants and versions as rows. A version is never changed: what was approved stays as it was.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { PageStatus } from '../../db/tables/page-tables.ts';
import type { Mode } from '../tools/tool.ts';
import type { PageBlock } from './page.ts';

/** One variant as it stands now. */
export interface ShownVariant {
  variant: string;
  weight: number;
  status: PageStatus;
  version: number;
  name: string;
  description: string | null;
  blocks: PageBlock[];
  currency: string;
  priceMicros: Micros;
  listMicros: Micros;
  unitCostMicros: Micros;
  floorMicros: Micros;
  launchId: number;
  sha256: string;
  /** Where it is paid; null when its link is stopped. */
  url: string | null;
  linkId: string;
}

export interface ShownPage {
  id: number;
  mode: Mode;
  slug: string;
  goalId: number;
  experimentId: number | null;
  status: PageStatus;
  channels: string[];
  /** Ever published, whatever became of them, by letter. */
  variants: ShownVariant[];
}

/** Amounts travel as text: JSON numbers would round them. */
const MONEY_FIELDS = ['priceMicros', 'listMicros', 'unitCostMicros', 'floorMicros'] as const;
type Row = Omit<ShownPage, 'variants'> & { variants: Record<string, unknown>[] | null };

/** A page with all its variants, in one statement; undefined when nobody ever published or planned it. */
export async function findPage(db: DatabaseOrTrx, mode: Mode, slug: string): Promise<ShownPage | undefined> {
  const found = await sql<Row>`
    select p.id, p.mode, p.slug, p.goal_id as "goalId", p.experiment_id as "experimentId", p.status,
      coalesce((select json_agg(channel) from page_channel c where c.page_id = p.id), '[]') as channels,
      (select json_agg(json_build_object('variant', v.variant, 'weight', v.weight, 'status', v.status, 'version', n.version, 'name', n.name, 'description', n.description, 'blocks', n.blocks,
          'currency', n.currency, 'priceMicros', n.price_micros::text, 'listMicros', n.list_micros::text, 'unitCostMicros', n.unit_cost_micros::text, 'floorMicros', n.floor_micros::text,
          'launchId', n.launch_id, 'sha256', n.sha256, 'url', case when l.wanted_active then l.url end, 'linkId', l.external_id) order by v.variant)
        from page_variant v join page_version n on n.page_id = v.page_id and n.variant = v.variant and n.version = v.version join payment_link l on l.launch_id = n.launch_id
        where v.page_id = p.id) as variants
    from offer_page p where p.slug = ${slug} and p.mode = ${mode}`.execute(db);
  const row = found.rows[0];
  if (row === undefined) return undefined;
  return { ...row, variants: (row.variants ?? []).map(toVariant) };
}

function toVariant(row: Record<string, unknown>): ShownVariant {
  const money = Object.fromEntries(MONEY_FIELDS.map((name) => [name, BigInt(String(row[name]))]));
  return { ...row, ...money } as unknown as ShownVariant;
}

/** Whether a slug belongs to a page of the other mode: addresses are shared. */
export async function isSlugTaken(db: DatabaseOrTrx, mode: Mode, slug: string): Promise<boolean> {
  const row = await db.selectFrom('offer_page').select('mode').where('slug', '=', slug).executeTakeFirst();
  return row !== undefined && row.mode !== mode;
}

export interface NewVersion {
  mode: Mode;
  slug: string;
  goalId: number;
  variant: string;
  name: string;
  description: string | null;
  blocks: readonly PageBlock[];
  currency: string;
  priceMicros: Micros;
  listMicros: Micros;
  unitCostMicros: Micros;
  floorMicros: Micros;
  launchId: number;
  sha256: string;
  toolCallId: number;
}

/** Page, variant and its next version; whatever was retired is published again. The page's row is held until the transaction ends. */
export async function addVersion(trx: Trx, next: NewVersion): Promise<void> {
  const page = await trx
    .insertInto('offer_page')
    .values({ mode: next.mode, slug: next.slug, goal_id: next.goalId, status: 'published' })
    .onConflict((conflict) => conflict.column('slug').doUpdateSet({ status: 'published', retired_at: null, retired_why: null }))
    .returning('id')
    .executeTakeFirstOrThrow();
  const key = { page_id: page.id, variant: next.variant };
  await trx
    .insertInto('page_variant')
    .values({ ...key, status: 'draft' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { version } = await trx
    .insertInto('page_version')
    .values({
      ...key,
      version: sql<number>`(select coalesce(max(version), 0) + 1 from page_version where page_id = ${page.id} and variant = ${next.variant})`,
      name: next.name,
      description: next.description,
      blocks: JSON.stringify(next.blocks),
      currency: next.currency,
      price_micros: next.priceMicros,
      list_micros: next.listMicros,
      unit_cost_micros: next.unitCostMicros,
      floor_micros: next.floorMicros,
      launch_id: next.launchId,
      sha256: next.sha256,
      tool_call_id: next.toolCallId,
    })
    .returning('version')
    .executeTakeFirstOrThrow();
  await trx
    .updateTable('page_variant')
    .set({ version, status: 'published' })
    .where('page_id', '=', page.id)
    .where('variant', '=', next.variant)
    .execute();
}

/** Takes down one variant, or all. The page ends with its last variant. @returns whether any of it is still up; undefined when nothing changed */
export async function retireVariants(
  trx: Trx,
  page: { id: number; variant: string | null; why: string },
): Promise<{ left: number } | undefined> {
  const retired = await trx
    .updateTable('page_variant')
    .set({ status: 'retired' })
    .where('page_id', '=', page.id)
    .where('status', '=', 'published')
    .$if(page.variant !== null, (query) => query.where('variant', '=', page.variant ?? ''))
    .returning('variant')
    .execute();
  if (retired.length === 0) return undefined;
  const open = await trx
    .selectFrom('page_variant')
    .select('variant')
    .where('page_id', '=', page.id)
    .where('status', '=', 'published')
    .execute();
  if (open.length === 0)
    await trx
      .updateTable('offer_page')
      .set({ status: 'retired', retired_at: sql<Date>`clock_timestamp()`, retired_why: page.why })
      .where('id', '=', page.id)
      .execute();
  return { left: open.length };
}

export async function addChannel(trx: Trx, channel: { pageId: number; channel: string; name: string; toolCallId: number }): Promise<void> {
  await trx
    .insertInto('page_channel')
    .values({ page_id: channel.pageId, channel: channel.channel, name: channel.name, tool_call_id: channel.toolCallId })
    .onConflict((conflict) => conflict.columns(['page_id', 'channel']).doNothing())
    .execute();
}

/** What price cuts have given away in this calendar month of the books, in micro units of the currency: for each order, how far below its list price it was sold. */
export async function readDiscountGiven(
  db: DatabaseOrTrx,
  mode: Mode,
  currency: string,
  at: { now: Date; timezone: string },
): Promise<Micros> {
  const found = await sql<{ given: string }>`
    select coalesce(sum((n.list_micros - n.price_micros) * (select count(*) from customer_order o where o.launch_id = n.launch_id and o.paid_at >= date_trunc('month', ${at.now}::timestamptz at time zone ${at.timezone}) at time zone ${at.timezone})), 0)::text as given
    from (select distinct on (launch_id) launch_id, list_micros, price_micros from page_version where currency = ${currency} and price_micros < list_micros order by launch_id, id) n
      join launch l on l.id = n.launch_id where l.mode = ${mode}`.execute(db);
  return BigInt(found.rows[0]?.given ?? '0');
}

/** The variants that sell below their list price now: the launch they sell through and what a sale gives away. */
export async function listDiscounted(
  db: DatabaseOrTrx,
  mode: Mode,
  currency: string,
): Promise<{ launchId: number; slug: string; offMicros: Micros }[]> {
  const found = await sql<{ launchId: number; slug: string; off: string }>`
    select n.launch_id as "launchId", p.slug, (n.list_micros - n.price_micros)::text as off
    from page_variant v join offer_page p on p.id = v.page_id join page_version n on n.page_id = v.page_id and n.variant = v.variant and n.version = v.version
    where p.mode = ${mode} and v.status = 'published' and n.currency = ${currency} and n.price_micros < n.list_micros order by 1`.execute(
    db,
  );
  return found.rows.map(({ off, ...row }) => ({ ...row, offMicros: BigInt(off) }));
}

/** The price cut behind a launch; undefined when it sells at its list price or through no page. */
export function findCut(db: DatabaseOrTrx, launchId: number): Promise<{ currency: string } | undefined> {
  return db
    .selectFrom('page_version')
    .select('currency')
    .where('launch_id', '=', launchId)
    .whereRef('price_micros', '<', 'list_micros')
    .limit(1)
    .executeTakeFirst();
}
