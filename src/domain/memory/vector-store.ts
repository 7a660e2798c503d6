// Remembered facts by meaning: vectors beside the facts they stand for, read under the same rules of mode, person and forgetting.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { type Fact, queryOf, type Reader, visibleTo } from './memory-store.ts';

export interface Wanted {
  about: string;
  model: string;
  measuredOnly?: boolean;
}

/** Facts that could be meant: those that share a word first, then the newest, `limit` of each. The vector is null where there is none of these words yet. */
export async function listCandidates(
  db: DatabaseOrTrx,
  reader: Reader,
  { about, model, measuredOnly = false }: Wanted,
  limit: number,
): Promise<(Fact & { vector: Buffer | null })[]> {
  const seen = sql`forgotten_at is null and ${visibleTo(reader)} and (${!measuredOnly} or kind = 'measured')`;
  const { rows } = await sql<Fact & { vector: Buffer | null }>`
    with near as (
      (select id from memory_fact where ${seen} and search @@ ${queryOf(about, 'any')} order by id desc limit ${limit})
      union (select id from memory_fact where ${seen} order by id desc limit ${limit}))
    select f.id, f.mode, f.kind, f.scope, f.goal_id, f.person, f.text, f.source_kind, f.source_id, f.told_by, f.tainted, f.created_at, f.forgotten_at, f.forgotten_by, v.vector
    from near join memory_fact f using (id) left join memory_vector v on v.fact_id = f.id and v.model = ${model} and v.text_md5 = md5(f.text)
    order by f.id desc`.execute(db);
  return rows;
}

export async function keepVectors(
  db: DatabaseOrTrx,
  model: string,
  vectors: readonly { fact: Pick<Fact, 'id' | 'text'>; vector: Buffer }[],
): Promise<void> {
  if (vectors.length === 0) return;
  const rows = vectors.map(({ fact, vector }) => sql`(${fact.id}::bigint, ${model}, md5(${fact.text}), ${vector}::bytea)`);
  await sql`insert into memory_vector (fact_id, model, text_md5, vector) values ${sql.join(rows)}
    on conflict (fact_id, model) do update set text_md5 = excluded.text_md5, vector = excluded.vector, created_at = clock_timestamp()`.execute(
    db,
  );
}
