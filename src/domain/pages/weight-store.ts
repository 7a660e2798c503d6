// Which share of a page's visitors each of its variants gets.
import { sql } from 'kysely';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';

export interface VariantWeight {
  variant: string;
  /** Against the other variants' weights; 0 to 1000. */
  weight: number;
}

/** Who has seen a variant keeps it unless its share falls: weighted rendezvous hashing moves as few as it can. */
export async function setWeights(trx: Trx, mode: Mode, slug: string, weights: readonly VariantWeight[]): Promise<void> {
  if (weights.length === 0) return;
  const rows = sql.join(weights.map(({ variant, weight }) => sql`(${variant}, ${weight}::int)`));
  await sql`update page_variant v set weight = w.weight from offer_page p, (values ${rows}) as w (variant, weight)
    where p.slug = ${slug} and p.mode = ${mode} and v.page_id = p.id and v.variant = w.variant`.execute(trx);
}

/** Of those that are up, by letter. */
export async function readWeights(db: DatabaseOrTrx, mode: Mode, slug: string): Promise<VariantWeight[]> {
  return db
    .selectFrom('page_variant')
    .innerJoin('offer_page', 'offer_page.id', 'page_variant.page_id')
    .select(['page_variant.variant', 'page_variant.weight'])
    .where('offer_page.slug', '=', slug)
    .where('offer_page.mode', '=', mode)
    .where('page_variant.status', '=', 'published')
    .orderBy('page_variant.variant')
    .execute();
}
