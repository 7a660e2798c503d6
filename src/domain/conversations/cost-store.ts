// What conversations cost: money from the ledger, tokens from the answers. Model calls are live money, in practice mode too.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';

export interface TalkCost {
  answers: number;
  inputTokens: number;
  outputTokens: number;
  costMicros: Micros;
  /** Of these some were booked at an assumed amount. */
  assumed: boolean;
}

interface Row {
  answers: number;
  input_tokens: number;
  output_tokens: number;
  cost_micros: bigint;
  assumed: boolean;
}

const toCost = (row: Row | undefined): TalkCost => ({
  answers: row?.answers ?? 0,
  inputTokens: row?.input_tokens ?? 0,
  outputTokens: row?.output_tokens ?? 0,
  costMicros: row?.cost_micros ?? 0n,
  assumed: row?.assumed ?? false,
});

/** Of one conversation, or of all of one person's. */
export async function readTalkCost(db: DatabaseOrTrx, of: { conversationId: number } | { person: string }): Promise<TalkCost> {
  const which =
    'person' in of ? sql`select id from conversation where person = ${of.person}` : sql`select ${of.conversationId}::bigint as id`;
  const { rows } = await sql<Row>`
    with chosen as (${which}),
    booked as (select coalesce(sum(p.amount_micros), 0)::bigint as cost_micros, coalesce(bool_or(j.assumed), false) as assumed
      from journal j join posting p on p.journal_id = j.id and p.account = 'model_cost' where j.conversation_id in (select id from chosen))
    select booked.*, said.* from booked, (select count(*)::int as answers, coalesce(sum(input_tokens), 0)::int as input_tokens, coalesce(sum(output_tokens), 0)::int as output_tokens
      from conversation_message where role = 'agent' and conversation_id in (select id from chosen)) said`.execute(db);
  return toCost(rows[0]);
}

/** What is spent or reserved for answers of a conversation since a moment, in micro-dollars. */
export async function readReserved(db: DatabaseOrTrx, conversationId: number, since: Date): Promise<Micros> {
  const { rows } = await sql<{ used: bigint }>`
    select coalesce(sum(counted_micros), 0)::bigint as used from reservation where conversation_id = ${conversationId} and created_at >= ${since}`.execute(
    db,
  );
  return rows[0]?.used ?? 0n;
}
