// Tools of other people's servers as rows: what an owner accepted, and what is offered instead.
import { type Selectable, sql } from 'kysely';
import type { DatabaseOrTrx, Trx } from '../../db/database.ts';
import type { ToolDefinition } from '../../db/tables/tool-tables.ts';
import type { Tables } from '../../db/tables.ts';

export type PinnedTool = Selectable<Tables['mcp_tool']>;

interface Defined {
  definition: ToolDefinition;
  hash: string;
}

/** Two processes that hear the same server at once take turns, until the end of the transaction. */
export async function lockServer(trx: Trx, server: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`mcp ${server}`}, 0))`.execute(trx);
}

export function listPins(db: DatabaseOrTrx, servers: readonly string[]): Promise<PinnedTool[]> {
  return db
    .selectFrom('mcp_tool')
    .selectAll()
    .where('server', 'in', [...servers])
    .orderBy('id')
    .execute();
}

export function findPin(db: DatabaseOrTrx, id: number): Promise<PinnedTool | undefined> {
  return db.selectFrom('mcp_tool').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function addAccepted(trx: Trx, server: string, tools: readonly Defined[], by: string): Promise<void> {
  if (tools.length === 0) return;
  const rows = tools.map(({ definition, hash }) => ({
    server,
    name: definition.name,
    accepted: JSON.stringify(definition),
    accepted_hash: hash,
    accepted_by: by,
    accepted_at: sql<Date>`clock_timestamp()`,
  }));
  await trx.insertInto('mcp_tool').values(rows).execute();
}

/** What a server offers that nobody has accepted. @returns the row, with what was accepted before */
export function quarantine(trx: Trx, server: string, { definition, hash }: Defined): Promise<PinnedTool> {
  const offered = {
    offered: JSON.stringify(definition),
    offered_hash: hash,
    changed_at: sql<Date>`clock_timestamp()`,
    missing_since: null,
  };
  return trx
    .insertInto('mcp_tool')
    .values({ server, name: definition.name, ...offered })
    .onConflict((conflict) => conflict.columns(['server', 'name']).doUpdateSet({ ...offered, offered: sql`excluded.offered` }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The server offers again what was accepted. */
export async function restorePins(trx: Trx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const clean = { offered: null, offered_hash: null, changed_at: null, missing_since: null };
  await trx
    .updateTable('mcp_tool')
    .set(clean)
    .where('id', 'in', [...ids])
    .execute();
}

export async function markMissing(trx: Trx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .updateTable('mcp_tool')
    .set({ missing_since: sql<Date>`clock_timestamp()` })
    .where('id', 'in', [...ids])
    .execute();
}

/** Accepts exactly what was shown. @returns undefined when something else is offered by now */
export function acceptOffered(trx: Trx, pin: { id: number; hash: string; by: string }): Promise<PinnedTool | undefined> {
  return trx
    .updateTable('mcp_tool')
    .set({
      accepted: sql`offered`,
      accepted_hash: sql<string>`offered_hash`,
      accepted_by: pin.by,
      accepted_at: sql<Date>`clock_timestamp()`,
      offered: null,
      offered_hash: null,
      changed_at: null,
    })
    .where('id', '=', pin.id)
    .where('offered_hash', '=', pin.hash)
    .returningAll()
    .executeTakeFirst();
}
