// Which thread of which platform belongs to which goal.
import type { DatabaseOrTrx } from '../db/database.ts';
import type { Platform } from '../db/tables/states.ts';
import type { Spot } from './channel.ts';

/** The goal whose thread this is; null for any other place. */
export async function findGoalOfThread(db: DatabaseOrTrx, platform: Platform, spot: Spot): Promise<number | null> {
  if (spot.thread === null) return null;
  const row = await db
    .selectFrom('goal_thread')
    .select('goal_id')
    .where('platform', '=', platform)
    .where('thread', '=', spot.thread)
    .where('place', '=', spot.place)
    .executeTakeFirst();
  return row?.goal_id ?? null;
}

/** A goal given on a platform has its thread there: the one the words stood in, or one that its first card will open in that channel. */
export async function keepThread(db: DatabaseOrTrx, goalId: number, said: Spot & { platform: Platform }): Promise<void> {
  // A thread that belongs to another goal already stays that goal's; this one opens its own beside it.
  const taken = await findGoalOfThread(db, said.platform, said);
  await db
    .insertInto('goal_thread')
    .values({ goal_id: goalId, platform: said.platform, place: said.place, thread: taken === null ? said.thread : null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
