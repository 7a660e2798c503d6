// The meaning of remembered facts as vectors, where an embeddings endpoint is configured; without one nothing is ever written here.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // Of the text as it was then: a fact with new words is embedded anew. Little-endian 32-bit floats of length one.
  `create table memory_vector (fact_id bigint not null references memory_fact, model text not null, text_md5 text not null, vector bytea not null check (octet_length(vector) between 4 and 32768 and octet_length(vector) % 4 = 0),
    created_at timestamptz not null default clock_timestamp(), primary key (fact_id, model))`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
