// Channels that cannot be written to: noticed, said, and gone around until they can be again.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../db/database.ts';
import type { Platform } from '../db/tables.ts';

export interface Unreachable {
  platform: Platform;
  place: string;
  unreachable_since: Date;
  why: string;
}

/** @returns whether it could be reached until now. */
export async function markUnreachable(db: DatabaseOrTrx, platform: Platform, place: string, why: string): Promise<boolean> {
  const { rows } = await sql<{ fresh: boolean }>`
    with before as (select unreachable_since from chat_place where platform = ${platform} and place = ${place})
    insert into chat_place (platform, place, unreachable_since, why) values (${platform}, ${place}, clock_timestamp(), ${why.slice(0, 500)})
    on conflict (platform, place) do update set unreachable_since = coalesce(chat_place.unreachable_since, excluded.unreachable_since), why = excluded.why
    returning not exists (select 1 from before where unreachable_since is not null) as fresh`.execute(db);
  return rows[0]?.fresh ?? true;
}

export async function listUnreachable(db: DatabaseOrTrx): Promise<Unreachable[]> {
  const { rows } = await sql<Unreachable>`
    select platform, place, unreachable_since, why from chat_place where unreachable_since is not null order by platform, place`.execute(
    db,
  );
  return rows;
}

/**
 * What must be seen although its place cannot be reached goes to another one: open requests and the cards of goals under way.
 * Goals' threads there move as well: the next card of each opens a new one.
 */
export async function moveDeliveries(db: DatabaseOrTrx, platform: Platform, from: string, to: string): Promise<void> {
  await sql`with moved as (
      update goal_thread t set place = ${to}, thread = null from goal g
      where g.id = t.goal_id and g.status not in ('done', 'failed', 'cancelled') and t.platform = ${platform} and t.place = ${from} returning t.goal_id)
    insert into delivery (message_id, platform, place, threaded, wanted_version)
      select m.id, d.platform, ${to}, d.threaded, m.version from delivery d join message m on m.id = d.message_id
      where d.platform = ${platform} and d.place = ${from} and d.status = 'open'
        and (d.remote_id is null or (not d.threaded and jsonb_array_length(coalesce(m.card->'buttons', '[]')) > 0) or (d.threaded and m.goal_id in (select goal_id from moved) and m.key = 'goal:' || m.goal_id))
    on conflict (message_id, platform, place) do nothing`.execute(db);
}
