// Tools of other people's servers, as an owner has accepted them; and what such a server offers instead.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // One row is one tool of one server. `accepted` is what the agent is shown; `offered` differs from it until an owner accepts it.
  `create table mcp_tool (id bigint generated always as identity primary key, server text not null, name text not null,
    accepted jsonb, accepted_hash text, accepted_by text, accepted_at timestamptz,
    offered jsonb, offered_hash text, changed_at timestamptz, missing_since timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    unique (server, name),
    check ((accepted is null) = (accepted_hash is null)), check ((accepted is null) = (accepted_by is null)),
    check ((offered is null) = (offered_hash is null)), check ((offered is null) = (changed_at is null)),
    check (accepted is not null or offered is not null))`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
