// The kill switch: one row, obeyed by every claim and every call in every process.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';

export interface Control {
  pausedAt: Date | null;
  pausedBy: string | null;
  reason: string | null;
}

export async function readControl(db: DatabaseOrTrx): Promise<Control> {
  const row = await db.selectFrom('control').selectAll().executeTakeFirstOrThrow();
  return { pausedAt: row.paused_at, pausedBy: row.paused_by, reason: row.pause_reason };
}

/** @returns false when it was on already. */
export async function pauseAll(db: DatabaseOrTrx, by: string, reason: string | null): Promise<boolean> {
  const row = await db
    .updateTable('control')
    .set({ paused_at: sql<Date>`clock_timestamp()`, paused_by: by, pause_reason: reason })
    .where('paused_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns false when nothing was paused. */
export async function resumeAll(db: DatabaseOrTrx): Promise<boolean> {
  const row = await db
    .updateTable('control')
    .set({ paused_at: null, paused_by: null, pause_reason: null })
    .where('paused_at', 'is not', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
