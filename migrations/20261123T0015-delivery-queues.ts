// A backlog costs no more to send from than an empty outbox: the next post of a channel, and the next edit, are each found by an index.
import { type Kysely, sql } from 'kysely';

const WAITING = `status = 'open' and sent_version < wanted_version`;

const STATEMENTS = [
  // Every channel that something is to go to has its row, so that channels whose turn it is can be listed.
  `insert into chat_place (platform, place) select distinct platform, place from delivery on conflict do nothing`,
  `create index delivery_post on delivery (platform, place, id) where remote_id is null and ${WAITING}`,
  `create index delivery_post_time on delivery (platform, place, next_at) where remote_id is null and ${WAITING}`,
  `create index delivery_edit on delivery (platform, next_at) where remote_id is not null and ${WAITING}`,
  `drop index delivery_due`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
