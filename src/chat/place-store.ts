// Channels that cannot be written to: noticed, said, and gone around until they can be again.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../db/database.ts';
import type { Platform } from '../db/tables/states.ts';

/** How both adapters word a 429: its wait is the platform's, not ours to shorten. */
const ASKED_TO_WAIT = 'ask(s|ed) to wait';
/** The delivery flow waits longer than this only for what a person has to mend. */
const LONGEST_BACK_OFF = sql`interval '31 seconds'`;

export interface Unreachable {
  platform: Platform;
  place: string;
  unreachable_since: Date;
  why: string;
}

/** What lies or is to lie there waits for as long before it is tried again. */
const TRIED_SELDOM = sql`interval '5 minutes'`;

/** @returns whether it could be reached until now. */
export async function markUnreachable(db: DatabaseOrTrx, platform: Platform, place: string, why: string): Promise<boolean> {
  const { rows } = await sql<{ fresh: boolean }>`
    with before as (select unreachable_since from chat_place where platform = ${platform} and place = ${place}),
    held as (
      update delivery set next_at = clock_timestamp() + ${TRIED_SELDOM} where platform = ${platform} and ${place} in (place, remote_place) and status = 'open'
        and sent_version < wanted_version and not exists (select 1 from before where unreachable_since is not null))
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

/** Every process's post room looks again: it would else sleep until the time it last read. */
const TELL = sql`select pg_notify('jug_message', '')`;

/** What is due to lie in these places comes at once; a pause between two posts that is under way is kept. */
const COME_NOW = sql`next_post_at = case when next_post_at > clock_timestamp() + interval '1 second' then clock_timestamp() else next_post_at end`;

/**
 * Ends the detour around a place, or around all of a platform, and makes due what waited for it.
 * @returns the places that could not be reached until now.
 */
export async function markReachable(db: DatabaseOrTrx, platform: Platform, place: string | null): Promise<string[]> {
  const { rows } = await sql<{ place: string }>`
    with cleared as (
      update chat_place set unreachable_since = null, why = null, ${COME_NOW}
      where platform = ${platform} and unreachable_since is not null and (${place}::text is null or place = ${place}) returning place),
    due as (
      update delivery d set next_at = clock_timestamp() from message m left join goal_thread t on t.goal_id = m.goal_id and t.platform = ${platform}
      where m.id = d.message_id and d.platform = ${platform} and d.status = 'open' and d.sent_version < d.wanted_version and d.next_at > clock_timestamp()
        and case when d.threaded then coalesce(t.place, d.place) else d.place end in (select place from cleared))
    select place from cleared`.execute(db);
  if (rows.length > 0) await TELL.execute(db);
  return rows.map((row) => row.place);
}

/**
 * The platform answers again: what waits because it could not be reached is due now. Whatever waits for another reason goes on waiting:
 * the platform asked to (429), the channel is closed to us, the card was refused.
 */
export async function hurryDeliveries(db: DatabaseOrTrx, platform: Platform): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    with due as (
      update delivery d set next_at = clock_timestamp()
      where d.platform = ${platform} and d.status = 'open' and d.sent_version < d.wanted_version and d.trouble is not null and d.trouble !~ ${ASKED_TO_WAIT}
        and d.next_at > clock_timestamp() and d.next_at < clock_timestamp() + ${LONGEST_BACK_OFF}
        and not exists (select 1 from chat_place p where p.platform = d.platform and p.place = d.place and p.unreachable_since is not null)
      returning d.id, d.place),
    opened as (
      update chat_place set ${COME_NOW} where platform = ${platform} and place in (select place from due)
        and not exists (select 1 from delivery w where w.platform = ${platform} and w.place = chat_place.place and w.status = 'open' and w.trouble ~ ${ASKED_TO_WAIT}))
    select id from due`.execute(db);
  if (rows.length > 0) await TELL.execute(db);
}

/**
 * What must be seen although its place cannot be reached goes to another one: open requests and the cards of goals under way.
 * Goals' threads there move as well: the next card of each opens a new one.
 */
export async function moveDeliveries(db: DatabaseOrTrx, platform: Platform, from: string, to: string): Promise<void> {
  await sql`with there as (insert into chat_place (platform, place) values (${platform}, ${to}) on conflict do nothing),
    moved as (
      update goal_thread t set place = ${to}, thread = null from goal g
      where g.id = t.goal_id and g.status not in ('done', 'failed', 'cancelled') and t.platform = ${platform} and t.place = ${from} returning t.goal_id)
    insert into delivery (message_id, platform, place, threaded, wanted_version)
      select m.id, d.platform, ${to}, d.threaded, m.version from delivery d join message m on m.id = d.message_id
      where d.platform = ${platform} and d.place = ${from} and d.status = 'open' and m.conversation_id is null
        and (d.remote_id is null or (not d.threaded and jsonb_array_length(coalesce(m.card->'buttons', '[]')) > 0) or (d.threaded and m.goal_id in (select goal_id from moved) and m.key = 'goal:' || m.goal_id))
    on conflict (message_id, platform, place) do nothing`.execute(db);
  await TELL.execute(db);
}
