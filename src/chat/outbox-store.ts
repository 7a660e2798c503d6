// What the bot says is a row, written in the same transaction as the fact it reports. A key makes a card that is edited in place.
import { sql } from 'kysely';
import { storableJson } from '../core/canonical-json.ts';
import { redactText } from '../core/redact.ts';
import type { Along } from '../db/along.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import type { Channel, Platform } from '../db/tables/states.ts';
import type { Card } from './card.ts';

export interface Post {
  channel: Channel;
  goalId: number | null;
  /** Cards with the same key are one message, edited in place; null posts a new one. */
  key: string | null;
  card: Card;
  /** For the console alone: no chat platform gets it. */
  consoleOnly?: boolean;
  /** A card of a conversation: told where that is, on its platform (null: the console) and nowhere else. */
  conversation?: { id: number; platform: Platform | null };
}

/** Posts or edits. An unchanged card is left alone, so that nobody is told twice. */
export async function postMessage(db: DatabaseOrTrx, post: Post): Promise<void> {
  await postMessages(db, [post]);
}

/** Whatever went into a card, no secret leaves with it. */
const cardJson = (card: Card): string => redactText(storableJson(card));

const rowsOf = (posts: readonly Post[]) =>
  sql.join(
    posts.map(
      (post) =>
        sql`(${post.channel}, ${post.goalId}::bigint, ${post.key}, ${cardJson(post.card)}::jsonb, ${post.consoleOnly ?? false}::boolean, ${post.conversation?.id ?? null}::bigint, ${post.conversation?.platform ?? null})`,
    ),
  );

const EDIT = sql`on conflict (key) do update set card = excluded.card, version = message.version + 1, change = nextval('message_change'), edited_at = clock_timestamp()
  where message.card is distinct from excluded.card`;

/** The same along with another statement. */
export function postAlong(posts: readonly Post[]): Along {
  return sql`insert into message (channel, goal_id, key, card, console_only, conversation_id, platform)
    select post.* from fact cross join lateral (values ${rowsOf(posts)}) as post ${EDIT}`;
}

/** Several messages in one statement, in order. */
export async function postMessages(db: DatabaseOrTrx, posts: readonly Post[]): Promise<void> {
  if (posts.length === 0) return;
  await sql`insert into message (channel, goal_id, key, card, console_only, conversation_id, platform) values ${rowsOf(posts)} ${EDIT}`.execute(
    db,
  );
}
