// Several variants of one page under an experiment: each variant of the experiment is one letter of the page.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `alter table experiment_variant add column page_variant text check (page_variant ~ '^[a-z]$')`,
  `update experiment_variant set page_variant = 'a' where page_slug is not null`,
  `alter table experiment_variant add constraint experiment_variant_page check ((page_slug is null) = (page_variant is null))`,
  `alter table experiment_variant drop constraint experiment_variant_page_slug_key`,
  `create unique index experiment_variant_of_page on experiment_variant (page_slug, page_variant) where page_slug is not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
