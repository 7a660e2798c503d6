// The outbox's messages that no route was made for yet, and where each goal's thread on a platform is.
import { sql } from 'kysely';
import type { DatabaseOrTrx, Trx } from '../db/database.ts';
import type { Channel, Platform } from '../db/tables/states.ts';

export interface Unrouted {
  id: number;
  version: number;
  channel: Channel;
  goal_id: number | null;
  key: string | null;
  created_at: Date;
  /** Seen on the console and nowhere else. */
  console_only: boolean;
  /** A conversation on this platform: where it is told, and nowhere else. */
  platform: Platform | null;
  own_place: string | null;
  own_thread: string | null;
}

/** The oldest messages that have a version without deliveries; nobody else routes them meanwhile. Inside a transaction. */
export async function takeUnrouted(trx: Trx, limit: number): Promise<Unrouted[]> {
  const { rows } = await sql<Unrouted>`
    with taken as (select id from message where routed_version < version order by id limit ${limit} for update skip locked)
    update message m set routed_version = m.version from taken where m.id = taken.id
    returning m.id, m.version, m.channel, m.goal_id, m.key, m.created_at, m.console_only, m.platform,
      (select place from conversation where id = m.conversation_id) as own_place, (select thread from conversation where id = m.conversation_id) as own_thread`.execute(
    trx,
  );
  return rows.toSorted((left, right) => left.id - right.id);
}

/** When a platform was connected for the first time: older messages are not told there. */
export async function joinPlatform(db: DatabaseOrTrx, platform: Platform): Promise<Date> {
  const { rows } = await sql<{ since: Date }>`
    insert into chat_platform (platform) values (${platform}) on conflict (platform) do update set since = chat_platform.since returning since`.execute(
    db,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the platform was not kept');
  return row.since;
}

/** The channel a goal's thread is in, or will be: the one it was given in, else the platform's channel for goals; null without either. */
export async function ensureThreadPlace(
  db: DatabaseOrTrx,
  goalId: number,
  platform: Platform,
  goals: string | null,
): Promise<string | null> {
  const known = await db
    .selectFrom('goal_thread')
    .select('place')
    .where('goal_id', '=', goalId)
    .where('platform', '=', platform)
    .executeTakeFirst();
  if (known !== undefined || goals === null) return known?.place ?? null;
  await db
    .insertInto('goal_thread')
    .values({ goal_id: goalId, platform, place: goals })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return goals;
}

/** The goal's thread now hangs on this message. */
export async function setThread(db: DatabaseOrTrx, goalId: number, platform: Platform, thread: string): Promise<void> {
  await db
    .updateTable('goal_thread')
    .set({ thread })
    .where('goal_id', '=', goalId)
    .where('platform', '=', platform)
    .where('thread', 'is', null)
    .execute();
}
