// Caps that are nearly used up, as `reserve` noted them: one row per cap and period, told once.
import { type Selectable, sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';

export type CapWarning = Selectable<Tables['cap_warning']>;

/** Locked until the transaction ends; what another process is telling is left out. */
export const lockUntold = (db: DatabaseOrTrx): Promise<CapWarning[]> =>
  untoldWarnings(db).orderBy('created_at').limit(20).forUpdate().skipLocked().execute();

export const untoldWarnings = (db: DatabaseOrTrx) => db.selectFrom('cap_warning').selectAll().where('told_at', 'is', null);

export async function markTold(db: DatabaseOrTrx, warning: CapWarning): Promise<void> {
  await db
    .updateTable('cap_warning')
    .set({ told_at: sql<Date>`clock_timestamp()` })
    .where('mode', '=', warning.mode)
    .where('cap', '=', warning.cap)
    .where('period', '=', warning.period)
    .execute();
}
