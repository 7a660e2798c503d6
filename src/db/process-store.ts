// Processes that share the work. Alive is who holds their session lock; a dead one's jobs and tasks are taken over at once.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from './database.ts';
import { PRESENCE_LOCK } from './presence.ts';

export async function addProcess(db: DatabaseOrTrx, process: { poolId: string; host: string; pid: number }): Promise<number> {
  const row = await db
    .insertInto('process')
    .values({ pool_id: process.poolId, host: process.host, pid: process.pid })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The id under which the job engine locks this process's jobs. */
export async function setPoolId(db: DatabaseOrTrx, id: number, poolId: string): Promise<void> {
  await db.updateTable('process').set({ pool_id: poolId }).where('id', '=', id).execute();
}

/** After a time without its lock a process may have been buried; it is alive again, with new fences to earn. */
export async function reviveProcess(db: DatabaseOrTrx, id: number): Promise<void> {
  await db.updateTable('process').set({ stopped_at: null }).where('id', '=', id).where('stopped_at', 'is not', null).execute();
}

export async function endProcess(db: DatabaseOrTrx, id: number): Promise<void> {
  await db
    .updateTable('process')
    .set({ stopped_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('stopped_at', 'is', null)
    .execute();
}

/** Everyone else who has not said goodbye, and whether their lock is free: then they are dead. One statement, no lock taken. */
export async function listPeers(db: DatabaseOrTrx, ownId: number): Promise<{ id: number; dead: boolean }[]> {
  const result = await sql<{ id: number; dead: boolean }>`
    select p.id, l.objid is null and p.started_at < clock_timestamp() - interval '1 second' as dead from process p
    left join pg_locks l on l.locktype = 'advisory' and l.granted and l.classid = ${PRESENCE_LOCK} and l.objid = p.id and l.objsubid = 2
      and l.database = (select oid from pg_database where datname = current_database())
    where p.stopped_at is null and p.id <> ${ownId}`.execute(db);
  return result.rows;
}

/**
 * Marks dead processes, once: only the caller that gets an id back takes over its work. In the same transaction it frees every job that
 * no living process holds: one that died in its first moments had no time to say under which id it locks.
 */
export async function buryProcesses(db: DatabaseOrTrx, dead: readonly { id: number }[]): Promise<number[]> {
  const rows = await db
    .updateTable('process')
    .set({ stopped_at: sql<Date>`clock_timestamp()` })
    .where(
      'id',
      'in',
      dead.map((process) => process.id),
    )
    .where('stopped_at', 'is', null)
    .returning('id')
    .execute();
  if (rows.length > 0) {
    await sql`select graphile_worker.force_unlock_workers(array(select distinct locked_by from graphile_worker.jobs
      where locked_by is not null and locked_by not in (select pool_id from process where stopped_at is null)))`.execute(db);
  }
  return rows.map((row) => row.id);
}

export interface Slot {
  schedule: string;
  slotAt: Date;
  processId: number;
}

/** Takes a slot of a schedule. False when another process, or an earlier start, has it. */
export async function takeSlot(db: DatabaseOrTrx, slot: Slot): Promise<boolean> {
  const row = await db
    .insertInto('slot')
    .values({ schedule: slot.schedule, slot_at: slot.slotAt, process_id: slot.processId })
    .onConflict((conflict) => conflict.doNothing())
    .returning('schedule')
    .executeTakeFirst();
  return row !== undefined;
}

/** When the first process of all started: before that nothing was due. */
export async function findFirstStart(db: DatabaseOrTrx): Promise<Date | null> {
  const row = await db.selectFrom('process').select('started_at').orderBy('id').limit(1).executeTakeFirst();
  return row?.started_at ?? null;
}

/** Slots taken since then, by any process. */
export function listSlots(db: DatabaseOrTrx, schedules: readonly string[], since: Date): Promise<{ schedule: string; slot_at: Date }[]> {
  return db.selectFrom('slot').select(['schedule', 'slot_at']).where('schedule', 'in', schedules).where('slot_at', '>=', since).execute();
}
