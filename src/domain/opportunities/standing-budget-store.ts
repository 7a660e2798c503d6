// The standing budget as rows: what experiments may spend without a goal. An owner's word is a new row; the newest holds.
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';

export interface StandingRow {
  amountMicros: Micros;
  setBy: string;
  setAt: Date;
}

/** What an owner said last; null when nobody has said anything. */
export async function findStanding(db: DatabaseOrTrx, mode: Mode): Promise<StandingRow | null> {
  const row = await db
    .selectFrom('standing_budget')
    .select(['amount_micros', 'set_by', 'created_at'])
    .where('mode', '=', mode)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : { amountMicros: row.amount_micros, setBy: row.set_by, setAt: row.created_at };
}

export async function addStanding(db: DatabaseOrTrx, row: { mode: Mode; amountMicros: Micros; setBy: string }): Promise<void> {
  await db.insertInto('standing_budget').values({ mode: row.mode, amount_micros: row.amountMicros, set_by: row.setBy }).execute();
}
