// Conversations and what was said in them. One conversation is one thread and one person; without a thread, a span of talk.
import { type Selectable, sql } from 'kysely';
import { storableText } from '../../core/canonical-json.ts';
import { redactText } from '../../core/redact.ts';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type Conversation = Selectable<Tables['conversation']>;
export type Message = Selectable<Tables['conversation_message']>;

export interface Whereabouts {
  mode: Mode;
  surface: Conversation['surface'];
  place: string | null;
  thread: string | null;
  goalId: number | null;
  person: string;
}

/** Without a thread, words that come later begin a new conversation. */
const LONGEST_SILENCE = sql`interval '12 hours'`;

/** The conversation these words go on with, or a new one. Inside a transaction: two first questions at once are one conversation. */
export async function openConversation(trx: Trx, at: Whereabouts, title: string): Promise<Conversation> {
  await sql`select pg_advisory_xact_lock(7706, hashtext(${`${at.surface}/${at.place}/${at.thread}/${at.person}`}))`.execute(trx);
  const known = await trx
    .selectFrom('conversation')
    .selectAll()
    .where('person', '=', at.person)
    .where('surface', '=', at.surface)
    .where('mode', '=', at.mode)
    .where(sql<boolean>`(place, thread, goal_id) is not distinct from (${at.place}::text, ${at.thread}::text, ${at.goalId}::bigint)`)
    .where(sql<boolean>`(thread is not null or last_at > clock_timestamp() - ${LONGEST_SILENCE})`)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (known !== undefined) return known;
  const { goalId, ...rest } = at;
  return trx
    .insertInto('conversation')
    .values({ ...rest, goal_id: goalId, title: keep(title) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

const keep = (text: string): string => storableText(redactText(text));

export interface NewWords {
  conversationId: number;
  text: string;
  platformId: string;
  surface: string;
}

/** A person's words. @returns their id */
export async function addWords(trx: Trx, words: NewWords): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with spoken as (update conversation set last_at = clock_timestamp() where id = ${words.conversationId})
    insert into conversation_message (conversation_id, role, status, platform_id, surface, text)
    values (${words.conversationId}, 'person', 'said', ${words.platformId}, ${words.surface}, ${keep(words.text)}) returning id`.execute(
    trx,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the words were not kept');
  return row.id;
}

/** What the bot answered at once, by rule and without a model. */
export async function addReply(trx: Trx, to: NewWords & { questionId: number }): Promise<void> {
  await trx
    .insertInto('conversation_message')
    .values({
      conversation_id: to.conversationId,
      role: 'agent',
      status: 'done',
      reply_to: to.questionId,
      platform_id: to.platformId,
      surface: to.surface,
      text: keep(to.text),
      records: '[]',
      ended_at: sql<Date>`clock_timestamp()`,
    })
    .execute();
}

export function findConversation(db: DatabaseOrTrx, id: number): Promise<Conversation | undefined> {
  return db.selectFrom('conversation').selectAll().where('id', '=', id).executeTakeFirst();
}

/** What was said after a message and before another, oldest first; of answers only those that were given. */
export async function listSaid(
  db: DatabaseOrTrx,
  { conversationId, after, before }: { conversationId: number; after: number; before: number },
): Promise<Pick<Message, 'id' | 'role' | 'platform_id' | 'text' | 'tainted'>[]> {
  const rows = await db
    .selectFrom('conversation_message')
    .select(['id', 'role', 'platform_id', 'text', 'tainted'])
    .where('conversation_id', '=', conversationId)
    .where('id', '>', after)
    .where('id', '<', before)
    .where('status', 'in', ['said', 'done'])
    .orderBy('id', 'desc')
    .limit(200)
    .execute();
  return rows.toReversed();
}

export async function setSummary(db: DatabaseOrTrx, id: number, { summary, upTo }: { summary: string; upTo: number }): Promise<void> {
  await db.updateTable('conversation').set({ summary, summarised_to: upTo }).where('id', '=', id).execute();
}
