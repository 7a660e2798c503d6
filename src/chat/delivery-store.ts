// Each message's copies on chat platforms: which are due, who sends them now, what came of it. Time is the database's.
import { type Selectable, sql } from 'kysely';
import { type Database, type DatabaseOrTrx, inTransaction, type Trx } from '../db/database.ts';
import type { Platform } from '../db/tables/states.ts';
import type { Tables } from '../db/tables.ts';
import type { Card } from './card.ts';
import type { Route } from './routes.ts';

export type Delivery = Selectable<Tables['delivery']>;

/** A delivery this process may send now, with what to send and where its goal's thread is. */
export interface Claimed extends Delivery {
  card: Card;
  /** The message's version as `card` shows it. */
  version: number;
  goal_id: number | null;
  key: string | null;
  thread_place: string | null;
  thread: string | null;
}

const CLAIM_LOCK = 7705;

/** The goal's own card: what its thread hangs on. */
const IS_ROOT = sql`m.key is not distinct from 'goal:' || m.goal_id`;

/**
 * Takes the oldest delivery that may be sent: one new message a second and place, over all processes; a goal's thread begins with its own card.
 * @param by.leaseSeconds longer than any call of an adapter takes.
 */
export async function claimDelivery(
  db: Database,
  platform: Platform,
  by: { processId: number; leaseSeconds: number },
): Promise<Claimed | null> {
  return inTransaction(db, async (trx) => {
    // One claim at a time: two that do not see each other would send to one channel in the same moment.
    await sql`select pg_advisory_xact_lock(${CLAIM_LOCK}, ${platform === 'slack' ? 1 : 2})`.execute(trx);
    return claim(trx, platform, by);
  });
}

const IS_DUE = sql`d.status = 'open' and d.sent_version < d.wanted_version and d.next_at <= clock_timestamp() and (d.leased_until is null or d.leased_until < clock_timestamp())`;

/** Another living process streams it: until when nobody else changes it; null otherwise. */
const heldUntil = (processId: number) =>
  sql`case when d.held_by <> ${processId} and exists (select 1 from process p where p.id = d.held_by and p.stopped_at is null) then d.held_until end`;

/** However long the backlog, it looks at the first post of each channel whose turn it is, and at the edits that are due. */
async function claim(
  trx: Trx,
  platform: Platform,
  { processId, leaseSeconds }: { processId: number; leaseSeconds: number },
): Promise<Claimed | null> {
  const { rows } = await sql<Claimed>`
    with post as (
      select first.id from chat_place p cross join lateral (
        select d.id from delivery d
        where d.platform = p.platform and d.place = p.place and d.remote_id is null and ${IS_DUE}
          and (not d.threaded or exists (select 1 from message m join goal_thread t on t.goal_id = m.goal_id and t.platform = d.platform
            where m.id = d.message_id and (t.thread is not null or ${IS_ROOT})))
        order by d.id limit 1) first
      where p.platform = ${platform} and p.next_post_at <= clock_timestamp() order by first.id limit 1),
    edit as (
      select d.id from delivery d where d.platform = ${platform} and d.remote_id is not null and ${IS_DUE}
        and coalesce(${heldUntil(processId)} < clock_timestamp(), true) and (not d.threaded or exists (select 1 from message m join goal_thread t on t.goal_id = m.goal_id and t.platform = d.platform
          where m.id = d.message_id and (t.thread is not null or ${IS_ROOT})))
      order by d.next_at limit 1),
    due as (
      select d.id, d.platform, d.place, d.remote_id, m.card, m.version, m.goal_id, m.key, t.place as thread_place, t.thread
      from delivery d join message m on m.id = d.message_id
        left join goal_thread t on d.threaded and t.goal_id = m.goal_id and t.platform = d.platform
      where d.id = (select min(id) from (select id from post union all select id from edit) either) for update of d skip locked),
    paced as (
      update chat_place p set next_post_at = clock_timestamp() + interval '1 second' from due where due.remote_id is null and p.platform = due.platform and p.place = due.place)
    update delivery d set leased_until = clock_timestamp() + make_interval(secs => ${leaseSeconds}), first_tried_at = coalesce(d.first_tried_at, clock_timestamp()), attempt = d.attempt + 1
    from due where d.id = due.id
    returning d.*, due.card, due.version, due.goal_id, due.key, due.thread_place, due.thread`.execute(trx);
  return rows[0] ?? null;
}

/** Milliseconds until something may be due, with waiting for a place counted; null when nothing is. */
export async function findNextDelivery(db: DatabaseOrTrx, platform: Platform, processId: number): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(at) - clock_timestamp()) * 1000)::float as ms from (
      select min(greatest(d.next_at, coalesce(d.leased_until, d.next_at), ${heldUntil(processId)})) as at from delivery d
        where d.platform = ${platform} and d.remote_id is not null and d.status = 'open' and d.sent_version < d.wanted_version
      union all
      select greatest(first.at, p.next_post_at) from chat_place p cross join lateral (
        select greatest(d.next_at, coalesce(d.leased_until, d.next_at)) as at from delivery d
        where d.platform = p.platform and d.place = p.place and d.remote_id is null and d.status = 'open' and d.sent_version < d.wanted_version
        order by d.next_at limit 1) first
      where p.platform = ${platform}) next`.execute(db);
  return rows[0]?.ms ?? null;
}

/** Edits of one message come this far apart, so that a flood of changes is a few edits. */
const EDIT_PAUSE_MS = 3_000;
/** Whoever streams a message has it for so long after each change: longer than Slack lets a silent stream live. */
const HOLD = sql`interval '30 seconds'`;

export interface Lying {
  remoteId: string;
  place: string;
  thread: string | null;
  /** Given by who streams it; null: it lies there as a message. */
  streamPauseMs: number | null;
}

/** @returns what was thought closed until now and is not: the channel or conversation this was posted to, or edited in while nothing waits to be posted there. */
export async function noteSent(db: DatabaseOrTrx, delivery: Claimed, lying: Lying, processId: number): Promise<string[]> {
  const pause = sql`make_interval(secs => ${(lying.streamPauseMs ?? EDIT_PAUSE_MS) / 1000})`;
  const held = lying.streamPauseMs === null ? sql`null` : sql`clock_timestamp() + ${HOLD}`;
  const places = [...new Set([delivery.place, lying.place])];
  const { rows } = await sql<{ place: string }>`with sent as (
      update delivery set remote_id = ${lying.remoteId}, remote_place = ${lying.place}, remote_thread = ${lying.thread}, sent_version = ${delivery.version},
        attempt = 0, trouble = null, leased_until = null, next_at = clock_timestamp() + ${pause},
        held_by = ${lying.streamPauseMs === null ? null : processId}, held_until = ${held} where id = ${delivery.id})
    select p.place from chat_place p where p.platform = ${delivery.platform} and p.place = any(${places}) and p.unreachable_since is not null
      and (${delivery.remote_id === null} or not exists (select 1 from delivery w where w.platform = p.platform and w.place = p.place and w.status = 'open'
        and w.sent_version < w.wanted_version and w.remote_id is null))`.execute(db);
  return rows.map(({ place }) => place);
}

/** Waits, and with it everything new for the same place: what was said first comes first. */
export async function noteLater(db: DatabaseOrTrx, delivery: Delivery, wait: { ms: number; trouble: string }): Promise<void> {
  const at = sql`statement_timestamp() + make_interval(secs => ${wait.ms / 1000})`;
  await sql`with held as (
      update chat_place set next_post_at = greatest(next_post_at, ${at}) where platform = ${delivery.platform} and place = ${delivery.place})
    update delivery set leased_until = null, trouble = ${wait.trouble.slice(0, 500)}, next_at = ${at} where id = ${delivery.id}`.execute(
    db,
  );
}

/** What only a change of ours can help keeps nothing else waiting. */
export async function noteRefused(db: DatabaseOrTrx, delivery: Delivery, wait: { ms: number; trouble: string }): Promise<void> {
  await sql`update delivery set leased_until = null, trouble = ${wait.trouble.slice(0, 500)}, next_at = clock_timestamp() + make_interval(secs => ${wait.ms / 1000})
    where id = ${delivery.id}`.execute(db);
}

/** The message is no longer there: posted again as a new copy, or given up. Every process's post room looks again. */
export async function noteGone(db: DatabaseOrTrx, id: number, again: boolean): Promise<void> {
  const copy = sql`remote_id = null, remote_place = null, remote_thread = null, sent_version = 0, first_tried_at = null, copy = copy + 1, next_at = clock_timestamp()`;
  await sql`with gone as (update delivery set leased_until = null, ${again ? copy : sql`status = 'lost'`} where id = ${id} returning id)
    select pg_notify('jug_message', '') from gone`.execute(db);
}

/** A thread lost again and again is opened anew ever more seldom, at last once in about seventeen hours. */
const THREAD_PAUSE = sql`make_interval(mins => (power(2, least(d.copy, 10)) - 2)::int)`;
const IS_NEEDED = sql`(${IS_ROOT} or jsonb_array_length(coalesce(m.card->'buttons', '[]')) > 0)`;

/**
 * The thread this was to lie in, or lies in, is lost: the goal's own card comes again and opens another, and in it what people still need.
 * The thread is forgotten once, however many of its messages meet the trouble.
 */
export async function noteThreadLost(db: DatabaseOrTrx, delivery: Claimed): Promise<void> {
  const lost = delivery.remote_id === null ? delivery.thread : delivery.remote_thread;
  await sql`with forgotten as (
      update goal_thread set thread = null where goal_id = ${delivery.goal_id} and platform = ${delivery.platform} and thread = ${lost} returning goal_id)
    update delivery d set remote_id = null, remote_place = null, remote_thread = null, sent_version = 0, attempt = 0, first_tried_at = null, leased_until = null,
      copy = d.copy + 1, next_at = clock_timestamp() + case when ${IS_ROOT} then ${THREAD_PAUSE} else interval '0' end,
      status = case when d.remote_id is null or ${IS_NEEDED} then d.status else 'lost' end
    from message m where m.id = d.message_id and d.platform = ${delivery.platform} and d.threaded and (d.id = ${delivery.id}
      or (m.goal_id in (select goal_id from forgotten) and d.status = 'open' and (d.remote_thread = ${lost} or (${IS_ROOT} and d.remote_id is not null))))`.execute(
    db,
  );
}

export async function findByRemote(
  db: DatabaseOrTrx,
  platform: Platform,
  place: string,
  remoteId: string,
): Promise<{ id: number; card: Card; key: string | null } | null> {
  const { rows } = await sql<{ id: number; card: Card; key: string | null }>`
    select d.id, m.card, m.key from delivery d join message m on m.id = d.message_id
    where d.platform = ${platform} and d.remote_id = ${remoteId} and ${place} in (d.remote_place, d.remote_thread)`.execute(db);
  return rows[0] ?? null;
}

/** Whether something is just being posted there for the first time: its id on the platform is not noted yet. */
export async function isPosting(db: DatabaseOrTrx, platform: Platform): Promise<boolean> {
  const { rows } = await sql`select 1 from delivery d
    where d.platform = ${platform} and d.status = 'open' and d.remote_id is null and d.leased_until > clock_timestamp() limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** Whether this message of the platform came through the outbox, and is edited by it. */
export async function isDelivered(db: DatabaseOrTrx, platform: Platform, place: string, remoteId: string): Promise<boolean> {
  return (await findByRemote(db, platform, place, remoteId)) !== null;
}

/** Makes rows of a message's routes; a message that lies there already wants its newest version. */
export async function addDeliveries(
  db: DatabaseOrTrx,
  platform: Platform,
  message: { id: number; version: number },
  routes: readonly Route[],
): Promise<void> {
  if (routes.length === 0) return;
  await db
    .insertInto('chat_place')
    .values(routes.map(({ place }) => ({ platform, place })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db
    .insertInto('delivery')
    .values(
      routes.map(({ place, threaded, ownThread }) => ({
        message_id: message.id,
        platform,
        place,
        threaded,
        own_thread: ownThread ?? null,
        wanted_version: message.version,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['message_id', 'platform', 'place']).doUpdateSet((row) => ({ wanted_version: row.ref('excluded.wanted_version') })),
    )
    .execute();
}

/** Copies that lie where the routes of today no longer lead are kept up to date too. */
export async function refreshDeliveries(db: DatabaseOrTrx, message: { id: number; version: number }): Promise<void> {
  await db.updateTable('delivery').set({ wanted_version: message.version }).where('message_id', '=', message.id).execute();
}
