// Scans as rows: one run with a part for each source. Unique rows make a slot, and a market day, one scan over all processes.
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { lookAll } from '../../db/look.ts';
import type { OpportunitySource, ScanStatus } from '../../db/tables/states.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type Scan = Selectable<Tables['scan']>;
export type ScanPart = Selectable<Tables['scan_part']>;

export type ScanCause = { why: 'schedule'; slotAt: Date } | { why: 'market_day'; day: number } | { why: 'person'; by: string };

const NOW = sql<Date>`clock_timestamp()`;

/** Null when it has been run for this cause already, or another one is open. */
export async function addScan(db: DatabaseOrTrx, mode: Mode, cause: ScanCause): Promise<Scan | null> {
  const row = await db
    .insertInto('scan')
    .values({
      mode,
      why: cause.why,
      asked_by: cause.why === 'person' ? cause.by : null,
      slot_at: cause.why === 'schedule' ? cause.slotAt : null,
      market_day: cause.why === 'market_day' ? cause.day : null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** @param givenMicros the standing budget where no owner has said anything */
interface Unasked {
  givenMicros: Micros;
  marketDay: number | null;
}

/** Whether to look unasked: there is a standing budget, or an open goal that wants money; and no scan is open, or was made for that day. */
export const isScanDue = (mode: Mode, { givenMicros, marketDay }: Unasked): RawBuilder<boolean> => sql<boolean>`
    (not exists (select 1 from scan where mode = ${mode} and (status = 'open' or market_day = ${marketDay}::int))
      and (coalesce((select amount_micros from standing_budget where mode = ${mode} order by id desc limit 1), ${givenMicros}::bigint) > 0
        or exists (select 1 from goal where mode = ${mode} and status = 'running' and not standing and metric in ('revenue', 'profit') and budget_micros > 0)))`;

export async function mayScanUnasked(db: DatabaseOrTrx, mode: Mode, unasked: Unasked): Promise<boolean> {
  return (await lookAll(db, { may: isScanDue(mode, unasked) })).may;
}

export async function addParts(
  db: DatabaseOrTrx,
  scanId: number,
  parts: readonly { source: OpportunitySource; name: string }[],
): Promise<void> {
  if (parts.length === 0) return;
  await db
    .insertInto('scan_part')
    .values(parts.map((part) => ({ scan_id: scanId, source: part.source, name: part.name })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export function findScan(db: DatabaseOrTrx, mode: Mode, id: number): Promise<Scan | undefined> {
  return db.selectFrom('scan').selectAll().where('mode', '=', mode).where('id', '=', id).executeTakeFirst();
}

export function findOpenScan(db: DatabaseOrTrx, mode: Mode): Promise<Scan | undefined> {
  return db.selectFrom('scan').selectAll().where('mode', '=', mode).where('status', '=', 'open').executeTakeFirst();
}

export function findLastScan(db: DatabaseOrTrx, mode: Mode): Promise<Scan | undefined> {
  return db.selectFrom('scan').selectAll().where('mode', '=', mode).orderBy('id', 'desc').limit(1).executeTakeFirst();
}

export function listParts(db: DatabaseOrTrx, scanId: number): Promise<ScanPart[]> {
  return db.selectFrom('scan_part').selectAll().where('scan_id', '=', scanId).orderBy('source').orderBy('name').execute();
}

export interface PartResult {
  found: number;
  fresh: number;
  merged: number;
  refused: number;
}

/** False when it was ended before: its finds are counted once. */
export async function endPart(
  db: DatabaseOrTrx,
  part: Pick<ScanPart, 'scan_id' | 'source' | 'name'>,
  end: { result: PartResult } | { error: string },
): Promise<boolean> {
  const status: ScanStatus = 'error' in end ? 'failed' : 'done';
  const row = await db
    .updateTable('scan_part')
    .set({ status, ended_at: NOW, ...('error' in end ? { error: end.error } : end.result) })
    .where('scan_id', '=', part.scan_id)
    .where('source', '=', part.source)
    .where('name', '=', part.name)
    .where('status', '=', 'open')
    .returning('scan_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function endScan(db: DatabaseOrTrx, id: number, error: string | null): Promise<Scan | undefined> {
  return db
    .updateTable('scan')
    .set({ status: error === null ? 'done' : 'failed', error, ended_at: NOW })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .returningAll()
    .executeTakeFirst();
}

/** Open ones nobody may be at: their job got lost. */
export const forgottenScans = (db: DatabaseOrTrx, mode: Mode) =>
  db
    .selectFrom('scan')
    .select('id')
    .where('mode', '=', mode)
    .where('status', '=', 'open')
    .where('created_at', '<', sql<Date>`statement_timestamp() - interval '10 minutes'`);

export const listForgottenScans = async (db: DatabaseOrTrx, mode: Mode): Promise<number[]> =>
  (await forgottenScans(db, mode).execute()).map(({ id }) => id);
