// The journal and its postings: double entry, append-only, idempotent by (source, external id). Debits are positive, credits negative.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import { type Along, takeAlong } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';
import { toProfitAndLoss } from './profit.ts';
import { booksOf, inSlice, type Slice } from './slice-store.ts';

export type Account =
  | 'cash'
  | 'processor'
  | 'model_payable'
  | 'revenue'
  | 'refunds'
  | 'disputes'
  | 'fees'
  | 'offer_spend'
  | 'model_cost'
  | 'tool_cost'
  | 'expense'
  /** What a provider booked and nobody here knows the meaning of: no profit, no loss, to be looked at. */
  | 'suspense';

export interface JournalDraft {
  mode: Mode;
  source: string;
  /** The far side's id of the event: booking it again changes nothing. */
  externalId: string;
  kind:
    | 'sale'
    | 'refund'
    | 'refund_failed'
    | 'dispute'
    | 'dispute_reversed'
    | 'fee'
    | 'payout'
    | 'adjustment'
    | 'spend'
    | 'spend_return'
    | 'model_cost'
    | 'expense'
    | 'expense_reversal';
  memo: string;
  occurredAt: Date;
  goalId: number | null;
  taskId: number | null;
  toolCallId: number | null;
  launchId: number | null;
  conversationId?: number | null;
  agent?: string | null;
  tool?: string | null;
  model?: string | null;
  customer?: string | null;
  /** Booked at an assumed price, because nobody stated one. */
  assumed?: boolean;
  /** The market day the far side puts it in; null in live mode. */
  marketDay?: number | null;
  currency: string;
  postings: { account: Account; amountMicros: Micros }[];
}

/**
 * Books one journal. Zero postings are dropped; the database refuses what does not balance.
 * @returns whether it was new.
 */
export async function bookJournal(db: DatabaseOrTrx, draft: JournalDraft): Promise<boolean> {
  const result = await sql<{ count: number }>`
    with fact as (select 1 as id)${takeAlong(journalAlong(draft))} select count(*)::int as count from lines`.execute(db);
  return (result.rows[0]?.count ?? 0) > 0;
}

/** The same along with another statement. @param launched the name of what goes along before it and brings the launch's `id` */
export function journalAlong(draft: JournalDraft, launched?: string): Along[] {
  const postings = draft.postings.filter((posting) => posting.amountMicros !== 0n);
  const rows = JSON.stringify(postings.map((posting) => ({ account: posting.account, amount: posting.amountMicros.toString() })));
  const launchId = launched === undefined ? sql`${draft.launchId}::bigint` : sql`${sql.ref(launched)}.id`;
  return [
    {
      as: 'entry',
      statement: sql`
      insert into journal (mode, source, external_id, kind, memo, occurred_at, goal_id, task_id, tool_call_id, launch_id, agent, tool, model, customer, assumed, market_day, conversation_id)
      select ${draft.mode}, ${draft.source}, ${draft.externalId}, ${draft.kind}, ${draft.memo}, ${draft.occurredAt}::timestamptz, ${draft.goalId}::bigint, ${draft.taskId}::bigint,
        ${draft.toolCallId}::bigint, ${launchId}, ${draft.agent ?? null}, ${draft.tool ?? null}, ${draft.model ?? null}, ${draft.customer ?? null}, ${draft.assumed ?? false}::boolean, ${draft.marketDay ?? null}::int, ${draft.conversationId ?? null}::bigint
      from ${sql.ref(launched ?? 'fact')} on conflict (source, external_id) do nothing returning id`,
    },
    {
      as: 'lines',
      statement: sql`
      insert into posting (journal_id, account, amount_micros, currency)
      select entry.id, line.account, line.amount::bigint, ${draft.currency} from entry, jsonb_to_recordset(${rows}::jsonb) as line(account text, amount text) returning 1`,
    },
  ];
}

/** What the books only assume of the last 30 days' model calls: no price was stated, or no answer told what was used. */
export async function readAssumed(db: DatabaseOrTrx, mode: Mode): Promise<{ calls: number; micros: Micros }> {
  const { rows } = await sql<{ calls: number; sum_micros: bigint }>`
    select count(*)::int as calls, coalesce(sum(posting.amount_micros), 0) as sum_micros
    from journal join posting on posting.journal_id = journal.id and posting.account = 'model_cost'
    where journal.mode = ${mode} and journal.assumed and journal.occurred_at > statement_timestamp() - interval '30 days'`.execute(db);
  return { calls: rows[0]?.calls ?? 0, micros: rows[0]?.sum_micros ?? 0n };
}

/** Which of these events of a far side are in the books. */
export async function listBooked(db: DatabaseOrTrx, source: string, externalIds: readonly string[]): Promise<Set<string>> {
  if (externalIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('journal')
    .select('external_id')
    .where('source', '=', source)
    .where('external_id', 'in', [...externalIds])
    .execute();
  return new Set(rows.map((row) => row.external_id));
}

/** Whether a sale of this goal was booked after a moment. */
export async function hasSaleSince(db: DatabaseOrTrx, goal: { id: number; mode: Mode }, since: Date): Promise<boolean> {
  const row = await db
    .selectFrom('journal')
    .select('id')
    .where('goal_id', '=', goal.id)
    .where('mode', '=', goal.mode)
    .where('kind', '=', 'sale')
    .where('created_at', '>', since)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export interface ProfitAndLoss {
  revenueMicros: Micros;
  refundsMicros: Micros;
  /** Taken back by customers' banks, less what was won back. */
  disputesMicros: Micros;
  feesMicros: Micros;
  offerSpendMicros: Micros;
  modelCostMicros: Micros;
  toolCostMicros: Micros;
  /** Outside expenses, which people booked. */
  expenseMicros: Micros;
  journals: number;
  assumed: number;
}

/** Revenue comes back positive; costs come back positive. Read from the sums by day: the same cost however long the ledger is. */
export async function readProfitAndLoss(db: DatabaseOrTrx, slice: Slice): Promise<ProfitAndLoss> {
  const { rows } = await sql<{ account: Account; amount_micros: bigint; journals: number; assumed: number }>`
    select account, sum(amount_micros) as amount_micros, sum(journals)::int as journals, sum(assumed)::int as assumed
    from ${booksOf(slice)} where ${inSlice(slice)} group by account`.execute(db);
  return toProfitAndLoss(rows.map((row) => ({ ...row, amountMicros: row.amount_micros })));
}

/** Journals whose postings do not sum to zero in some currency; the database refuses them, so more than 0 means tampering. */
export async function countUnbalanced(db: DatabaseOrTrx): Promise<number> {
  const result = await sql<{ count: number }>`
    select count(*)::int as count from (select journal_id from posting group by journal_id, currency having sum(amount_micros) <> 0) wrong`.execute(
    db,
  );
  return result.rows[0]?.count ?? 0;
}
