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
 * @param leaseSeconds longer than any call of an adapter takes.
 */
export async function claimDelivery(db: Database, platform: Platform, leaseSeconds: number): Promise<Claimed | null> {
  return inTransaction(db, async (trx) => {
    // One claim at a time: two that do not see each other would send to one channel in the same moment.
    await sql`select pg_advisory_xact_lock(${CLAIM_LOCK}, ${platform === 'slack' ? 1 : 2})`.execute(trx);
    return claim(trx, platform, leaseSeconds);
  });
}

async function claim(trx: Trx, platform: Platform, leaseSeconds: number): Promise<Claimed | null> {
  const { rows } = await sql<Claimed>`
    with due as (
      select d.id, d.platform, d.place, d.remote_id, m.card, m.version, m.goal_id, m.key, t.place as thread_place, t.thread
      from delivery d join message m on m.id = d.message_id
        left join goal_thread t on d.threaded and t.goal_id = m.goal_id and t.platform = d.platform
        left join chat_place p on p.platform = d.platform and p.place = d.place
      where d.platform = ${platform} and d.status = 'open' and d.sent_version < d.wanted_version
        and d.next_at <= clock_timestamp() and (d.leased_until is null or d.leased_until < clock_timestamp())
        and (d.remote_id is not null or coalesce(p.next_post_at <= clock_timestamp(), true))
        and (d.remote_id is not null or not d.threaded or t.thread is not null or (t.goal_id is not null and ${IS_ROOT}))
      order by d.id limit 1 for update of d skip locked),
    paced as (
      insert into chat_place (platform, place, next_post_at) select platform, place, clock_timestamp() + interval '1 second' from due where remote_id is null
      on conflict (platform, place) do update set next_post_at = excluded.next_post_at)
    update delivery d set leased_until = clock_timestamp() + make_interval(secs => ${leaseSeconds}), first_tried_at = coalesce(d.first_tried_at, clock_timestamp()), attempt = d.attempt + 1
    from due where d.id = due.id
    returning d.*, due.card, due.version, due.goal_id, due.key, due.thread_place, due.thread`.execute(trx);
  return rows[0] ?? null;
}

/** Milliseconds until something may be due, with waiting for a place counted; null when nothing is. */
export async function findNextDelivery(db: DatabaseOrTrx, platform: Platform): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(greatest(d.next_at, coalesce(d.leased_until, d.next_at), case when d.remote_id is null then coalesce(p.next_post_at, d.next_at) else d.next_at end))
      - clock_timestamp()) * 1000)::float as ms
    from delivery d left join chat_place p on p.platform = d.platform and p.place = d.place
    where d.platform = ${platform} and d.status = 'open' and d.sent_version < d.wanted_version`.execute(db);
  return rows[0]?.ms ?? null;
}

/** Edits of one message come this far apart, so that a flood of changes is a few edits. */
const EDIT_PAUSE = sql`interval '3 seconds'`;

export interface Lying {
  remoteId: string;
  place: string;
  thread: string | null;
}

export async function noteSent(db: DatabaseOrTrx, delivery: Claimed, lying: Lying): Promise<void> {
  await sql`with open_place as (
      update chat_place set unreachable_since = null, why = null where platform = ${delivery.platform} and place = ${delivery.place} and unreachable_since is not null)
    update delivery set remote_id = ${lying.remoteId}, remote_place = ${lying.place}, remote_thread = ${lying.thread}, sent_version = ${delivery.version},
      attempt = 0, trouble = null, leased_until = null, next_at = clock_timestamp() + ${EDIT_PAUSE} where id = ${delivery.id}`.execute(db);
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
    .insertInto('delivery')
    .values(routes.map(({ place, threaded }) => ({ message_id: message.id, platform, place, threaded, wanted_version: message.version })))
    .onConflict((conflict) =>
      conflict.columns(['message_id', 'platform', 'place']).doUpdateSet((row) => ({ wanted_version: row.ref('excluded.wanted_version') })),
    )
    .execute();
}

/** Copies that lie where the routes of today no longer lead are kept up to date too. */
export async function refreshDeliveries(db: DatabaseOrTrx, message: { id: number; version: number }): Promise<void> {
  await db.updateTable('delivery').set({ wanted_version: message.version }).where('message_id', '=', message.id).execute();
}
