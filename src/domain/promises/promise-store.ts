// Promises as rows.
import { type Selectable, sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { PromiseKind } from '../../db/tables/states.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';
import type { CitedReceipt } from './claims.ts';

export type CustomerPromise = Selectable<Tables['promise']>;

export function listPromises(db: DatabaseOrTrx, orderId: number): Promise<CustomerPromise[]> {
  return db.selectFrom('promise').selectAll().where('order_id', '=', orderId).orderBy('id').execute();
}

export async function addPromise(
  db: DatabaseOrTrx,
  promise: { orderId: number; mode: Mode; kind: PromiseKind; words: string; saidIn: 'refund' | 'message'; days: number; by: string },
): Promise<number> {
  const row = await db
    .insertInto('promise')
    .values({
      mode: promise.mode,
      order_id: promise.orderId,
      kind: promise.kind,
      words: promise.words,
      said_in: promise.saidIn,
      due_at: sql<Date>`clock_timestamp() + ${promise.days}::int * interval '1 day'`,
      said_by: promise.by,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Closes an open promise of a person's word: kept, with a receipt of what they say, or released with the reason. */
export async function closePromise(
  db: DatabaseOrTrx,
  close: { promise: CustomerPromise; status: 'kept' | 'released'; note: string; by: string },
): Promise<boolean> {
  const { promise, status, note, by } = close;
  const isKept = status === 'kept';
  const result = await sql<{ id: number }>`
    with open as (select id, mode, order_id from promise where id = ${promise.id} and status = 'open' for update),
    proof as (insert into receipt (mode, kind, order_id, source, external_id, note)
      select mode, 'message', order_id, 'a person', 'promise:' || id, ${note} from open where ${isKept}::boolean on conflict (kind, source, external_id) do nothing returning id)
    update promise set status = ${status}, receipt_id = (select id from proof), reason = ${isKept ? null : note}, closed_by = ${by}, closed_at = clock_timestamp()
    from open where promise.id = open.id returning promise.id`.execute(db);
  return result.rows.length > 0;
}

export interface PromiseCount {
  mode: Mode;
  open: number;
  overdue: number;
}

/** Open promises by mode, and those whose date has passed. */
export async function countPromises(db: DatabaseOrTrx): Promise<PromiseCount[]> {
  const result = await sql<PromiseCount>`
    select mode, count(*)::int as open, count(*) filter (where due_at < statement_timestamp())::int as overdue from promise where status = 'open' group by mode`.execute(
    db,
  );
  return result.rows;
}

/** What the named receipts prove. */
export async function readReceipts(db: DatabaseOrTrx, mode: Mode, ids: readonly number[]): Promise<Map<number, CitedReceipt>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('receipt')
    .select(['id', 'kind', 'order_id as orderId'])
    .where('mode', '=', mode)
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}
