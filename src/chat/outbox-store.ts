// What the bot says is a row, written in the same transaction as the fact it reports. A key makes a card that is edited in place.
import { sql } from 'kysely';
import { storableJson } from '../core/canonical-json.ts';
import { redactText } from '../core/redact.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import type { Channel } from '../db/tables.ts';
import type { Card } from './card.ts';

export interface Post {
  channel: Channel;
  goalId: number | null;
  /** Cards with the same key are one message, edited in place; null posts a new one. */
  key: string | null;
  card: Card;
}

/** Posts or edits. An unchanged card is left alone, so that nobody is told twice. */
export async function postMessage(db: DatabaseOrTrx, post: Post): Promise<void> {
  await postMessages(db, [post]);
}

/** Whatever went into a card, no secret leaves with it. */
const cardJson = (card: Card): string => redactText(storableJson(card));

/** Several messages in one statement, in order. */
export async function postMessages(db: DatabaseOrTrx, posts: readonly Post[]): Promise<void> {
  if (posts.length === 0) return;
  await db
    .insertInto('message')
    .values(posts.map((post) => ({ channel: post.channel, goal_id: post.goalId, key: post.key, card: cardJson(post.card) })))
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({
          card: sql`excluded.card`,
          version: sql`message.version + 1`,
          change: sql`nextval('message_change')`,
          edited_at: sql`clock_timestamp()`,
        })
        .where(sql<boolean>`message.card is distinct from excluded.card`),
    )
    .execute();
}
