// Outside expenses as rows that never change; whether one is booked, the ledger says, and whether it waits, its request.
import { sql } from 'kysely';
import { sha256 } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { ApprovalStatus } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';
import type { ExpenseDraft } from './expense.ts';

export interface Expense extends ExpenseDraft {
  id: number;
  askedBy: string;
  at: Date;
  /** Null while it is not booked. */
  journalId: number | null;
  /** The entry that took it back. */
  reversedBy: number | null;
  request: { id: number; status: ApprovalStatus } | null;
}

interface Row extends Omit<Expense, 'request' | 'amountMicros'> {
  amount_micros: Micros;
  request: number | null;
  status: ApprovalStatus | null;
}

async function select(db: DatabaseOrTrx, where: ReturnType<typeof sql>, limit: number): Promise<Expense[]> {
  const { rows } = await sql<Row>`
    select e.id, e.mode, e.amount_micros, e.payee, e.what, e.day::text as day, e.goal_id as "goalId", e.receipt, e.reverses, e.asked_by as "askedBy", e.created_at as at,
      (select id from journal where source = 'expense' and external_id = coalesce(e.reverses::text || ':reversed', e.id::text)) as "journalId",
      (select id from journal where source = 'expense' and external_id = e.id || ':reversed') as "reversedBy", a.id as request, a.status
    from expense e left join approval a on a.kind = 'expense' and a.subject_id = e.id where ${where} order by e.id desc limit ${limit}`.execute(
    db,
  );
  return rows.map(({ amount_micros: amountMicros, request, status, ...same }) => ({
    ...same,
    amountMicros,
    request: request === null || status === null ? null : { id: request, status },
  }));
}

export async function findExpense(db: DatabaseOrTrx, id: number): Promise<Expense | undefined> {
  return (await select(db, sql`e.id = ${id}`, 1))[0];
}

export function listExpenses(db: DatabaseOrTrx, mode: Mode, limit: number): Promise<Expense[]> {
  return select(db, sql`e.mode = ${mode}`, limit);
}

/** Until this transaction ends nobody else adds an expense with this fingerprint. @returns the ones there are, newest first. */
export async function lockTwins(trx: DatabaseOrTrx, mode: Mode, fingerprint: string): Promise<Expense[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`expense:${mode}:${fingerprint}`}, 0))`.execute(trx);
  return select(trx, sql`e.mode = ${mode} and e.fingerprint = ${fingerprint}`, 100);
}

/** @param round how many there were with this fingerprint */
export async function addExpense(
  db: DatabaseOrTrx,
  draft: ExpenseDraft & { askedBy: string; fingerprint: string; round: number },
): Promise<number> {
  const row = await db
    .insertInto('expense')
    .values({
      mode: draft.mode,
      amount_micros: draft.amountMicros,
      payee: draft.payee,
      what: draft.what,
      day: draft.day,
      goal_id: draft.goalId,
      receipt: draft.receipt,
      receipt_sha256: sha256(draft.receipt),
      reverses: draft.reverses,
      asked_by: draft.askedBy,
      fingerprint: draft.fingerprint,
      round: draft.round,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}
