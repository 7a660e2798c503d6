// The console's messages as rows: pages of them, and what changed since a given change number.
import { sql } from 'kysely';
import type { Card } from '../../chat/card.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Channel } from '../../db/tables/states.ts';

export interface PostedMessage {
  id: number;
  channel: Channel;
  goalId: number | null;
  goalTitle: string | null;
  version: number;
  change: number;
  at: Date;
  editedAt: Date | null;
  card: Card;
}

export interface MessageQuery {
  channel?: Channel;
  goalId?: number;
  /** Ids strictly above, oldest first. */
  after?: number;
  /** Ids strictly below, newest first. */
  before?: number;
  limit: number;
}

function selectMessages(db: DatabaseOrTrx) {
  return (
    db
      .selectFrom('message')
      .leftJoin('goal', 'goal.id', 'message.goal_id')
      // What was asked on a chat platform is answered there.
      .where('message.platform', 'is', null)
      .select((eb) => [
        'message.id',
        'message.channel',
        'message.goal_id',
        'message.version',
        'message.change',
        'message.created_at',
        'message.edited_at',
        'message.card',
        eb.fn<string | null>('left', ['goal.title', sql.lit(120)]).as('goal_title'),
      ])
  );
}

type Row = Awaited<ReturnType<ReturnType<typeof selectMessages>['execute']>>[number];

function toMessage(row: Row): PostedMessage {
  return {
    id: row.id,
    channel: row.channel,
    goalId: row.goal_id,
    goalTitle: row.goal_title,
    version: row.version,
    change: row.change,
    at: row.created_at,
    editedAt: row.edited_at,
    card: row.card as unknown as Card,
  };
}

/** With `after` oldest first, else newest first. */
export async function listMessages(db: DatabaseOrTrx, query: MessageQuery): Promise<PostedMessage[]> {
  const oldestFirst = query.after !== undefined;
  let select = selectMessages(db)
    .orderBy('message.id', oldestFirst ? 'asc' : 'desc')
    .limit(query.limit);
  if (query.channel !== undefined) select = select.where('message.channel', '=', query.channel);
  if (query.goalId !== undefined) select = select.where('message.goal_id', '=', query.goalId);
  if (query.after !== undefined) select = select.where('message.id', '>', query.after);
  if (query.before !== undefined) select = select.where('message.id', '<', query.before);
  return (await select.execute()).map(toMessage);
}

export async function loadMessages(db: DatabaseOrTrx, ids: readonly number[]): Promise<PostedMessage[]> {
  if (ids.length === 0) return [];
  return (await selectMessages(db).where('message.id', 'in', ids).orderBy('message.change').execute()).map(toMessage);
}

export async function findMessageByKey(db: DatabaseOrTrx, key: string): Promise<PostedMessage | null> {
  const row = await selectMessages(db).where('message.key', '=', key).executeTakeFirst();
  return row === undefined ? null : toMessage(row);
}

export interface Change {
  id: number;
  version: number;
  change: number;
  /** When the change was made, by the database's clock. */
  stamp: Date;
}

/** Change numbers above `after`, ascending. Cheap: no card is read. */
export async function listChanges(db: DatabaseOrTrx, after: number, limit: number): Promise<Change[]> {
  return await db
    .selectFrom('message')
    .select((eb) => ['id', 'version', 'change', eb.fn.coalesce('edited_at', 'created_at').as('stamp')])
    .where('change', '>', after)
    .where('platform', 'is', null)
    .orderBy('change')
    .limit(limit)
    .execute();
}

export async function findLastChange(db: DatabaseOrTrx): Promise<number> {
  const row = await db
    .selectFrom('message')
    .select((eb) => eb.fn.max('change').as('change'))
    .executeTakeFirst();
  return Number(row?.change ?? 0);
}

/** What the terminal needs to know when to stop following. `null` id means the newest goal, open ones first. */
export async function findGoalState(db: DatabaseOrTrx, id: number | null) {
  let select = db.selectFrom('goal').select(['id', 'title', 'status']).limit(1);
  select = id === null ? select.orderBy((eb) => eb('ended_at', 'is', null), 'desc').orderBy('id', 'desc') : select.where('id', '=', id);
  return (await select.executeTakeFirst()) ?? null;
}
