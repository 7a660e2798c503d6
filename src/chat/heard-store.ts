// What was heard from the platforms, each thing once: they deliver again after a slow answer, a cut line or a restart.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../db/database.ts';
import type { Platform } from '../db/tables/states.ts';

/** Longer than any platform repeats an event or a signature stays valid. */
const REMEMBERED_HOURS = 48;

/** @returns true only for the first of all who hear this key, over all processes and restarts. */
export async function hearOnce(db: DatabaseOrTrx, platform: Platform, key: string): Promise<boolean> {
  const result = await db
    .insertInto('heard')
    .values({ platform, key: key.slice(0, 300) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0n) === 1;
}

export async function forgetHeard(db: DatabaseOrTrx): Promise<void> {
  await db.deleteFrom('heard').where('at', '<', sql<Date>`clock_timestamp() - make_interval(hours => ${REMEMBERED_HOURS})`).execute();
}
