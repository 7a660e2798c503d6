// Calls of which nobody knows whether they happened, until the far side says.

import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { CallResult, ToolCall } from './call-store.ts';
import type { Mode } from './tool.ts';

/** Calls in doubt. */
export const unknownCalls = (db: DatabaseOrTrx, mode: Mode) =>
  db.selectFrom('tool_call').selectAll().where('status', '=', 'unknown').where('mode', '=', mode);

/** Oldest first. */
export const listUnknown = (db: DatabaseOrTrx, mode: Mode): Promise<ToolCall[]> => unknownCalls(db, mode).orderBy('id').limit(50).execute();

/** The far side has answered: ends a call in doubt, once, with its evidence. No run holds it any more, so no fence is named. */
export async function resolveUnknown(db: DatabaseOrTrx, result: Omit<CallResult, 'fence'>): Promise<boolean> {
  const row = await db
    .updateTable('tool_call')
    .set({
      status: result.status,
      output: result.output === null ? null : JSON.stringify(result.output),
      error: result.error,
      receipt: result.receipt,
      spent_micros: result.spentMicros,
      ended_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', result.id)
    .where('status', '=', 'unknown')
    .returning('id')
    .executeTakeFirst();
  if (row === undefined) return false;
  const proof = result.evidence.map((one) => ({
    task_id: result.taskId,
    tool_call_id: result.id,
    kind: one.kind,
    source: one.source,
    sha256: one.sha256,
  }));
  if (proof.length > 0) await db.insertInto('evidence').values(proof).execute();
  return true;
}
