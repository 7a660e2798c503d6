// What the pages of conversations read: whose they are, what was said, and what it cost by the ledger.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';

export interface TalkRow {
  id: number;
  title: string;
  surface: string;
  person: string;
  goal_id: number | null;
  last_at: Date;
  answers: number;
  tokens: number;
  cost_micros: bigint;
}

/** Model cost of the conversations in `c`, by the ledger; nothing is summed from answers. */
const COST = sql`(select coalesce(sum(p.amount_micros), 0)::bigint from journal j join posting p on p.journal_id = j.id and p.account = 'model_cost' where j.conversation_id = c.id)`;
const TOKENS = sql`(select count(*)::int as answers, coalesce(sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)), 0)::int as tokens
  from conversation_message where conversation_id = c.id and role = 'agent')`;

/** Newest first. @param query.person null: everybody's */
export async function listTalks(
  db: DatabaseOrTrx,
  query: { person: string | null; before: number | null; limit: number },
): Promise<TalkRow[]> {
  const { rows } = await sql<TalkRow>`
    select c.id, c.title, c.surface, c.person, c.goal_id, c.last_at, said.answers, said.tokens, ${COST} as cost_micros
    from conversation c cross join lateral ${TOKENS} said
    where (${query.person}::text is null or c.person = ${query.person}) and (${query.before}::bigint is null or c.id < ${query.before})
    order by c.id desc limit ${query.limit}`.execute(db);
  return rows;
}

export interface PersonRow {
  person: string;
  conversations: number;
  answers: number;
  tokens: number;
  cost_micros: bigint;
}

/** Who has talked, and what it cost; the dearest first. */
export async function listTalkers(db: DatabaseOrTrx, person: string | null): Promise<PersonRow[]> {
  const { rows } = await sql<PersonRow>`
    select c.person, count(*)::int as conversations, sum(said.answers)::int as answers, sum(said.tokens)::float8 as tokens, sum(${COST})::bigint as cost_micros
    from conversation c cross join lateral ${TOKENS} said
    where (${person}::text is null or c.person = ${person}) group by c.person order by cost_micros desc, c.person limit 50`.execute(db);
  return rows;
}

export const MOST_SAID = 500;

export function listTalkMessages(db: DatabaseOrTrx, conversationId: number) {
  return db
    .selectFrom('conversation_message')
    .select([
      'id',
      'role',
      'status',
      'platform_id',
      'text',
      'error',
      'model',
      'input_tokens',
      'output_tokens',
      'records',
      'tainted',
      'created_at',
    ])
    .where('conversation_id', '=', conversationId)
    .orderBy('id')
    .limit(MOST_SAID)
    .execute();
}

/** The conversation a message is in. */
export async function findTalkOf(db: DatabaseOrTrx, messageId: number): Promise<number | null> {
  const row = await db.selectFrom('conversation_message').select('conversation_id').where('id', '=', messageId).executeTakeFirst();
  return row?.conversation_id ?? null;
}
