// Whom tools of others were asked to write to, by keyed hash: the same caps and pauses hold for them as for people of ours who write.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `create table outreach_contact (tool_call_id bigint not null references tool_call, contact text not null, mode text not null check (mode in ('practice', 'live')),
    created_at timestamptz not null default clock_timestamp(), primary key (tool_call_id, contact))`,
  `create index outreach_contact_of on outreach_contact (mode, contact, created_at)`,
  `create index outreach_contact_of_day on outreach_contact (mode, created_at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
