// Standing grants: scoped, counted, expiring permissions instead of "always". Void when the tool changes.
import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { hashOf } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode, Tool } from '../tools/tool.ts';

export type Grant = Selectable<Tables['standing_grant']>;

/** Changes with the tool's version, description or input schema: a changed tool has no grants. */
export function toolHash(tool: Pick<Tool, 'name' | 'version' | 'description' | 'input'>): string {
  const known = hashes.get(tool);
  if (known !== undefined) return known;
  const hash = hashOf({
    name: tool.name,
    version: tool.version,
    description: tool.description,
    schema: z.toJSONSchema(tool.input, { io: 'input' }),
  });
  hashes.set(tool, hash);
  return hash;
}

/** A tool's declaration never changes while it lives; working out its schema is the costly part. */
const hashes = new WeakMap<object, string>();

interface Use {
  mode: Mode;
  tool: Tool;
  payee: string | null;
  amountMicros: Micros;
}

/** A grant that covers this call now; the use itself is counted when the call begins. */
export function findGrant(db: DatabaseOrTrx, use: Use): Promise<Grant | undefined> {
  return db
    .selectFrom('standing_grant')
    .selectAll()
    .where('mode', '=', use.mode)
    .where('tool', '=', use.tool.name)
    .where('tool_hash', '=', toolHash(use.tool))
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`clock_timestamp()`)
    .where('each_micros', '>=', use.amountMicros)
    .where(sql<boolean>`used < uses and used_micros + ${use.amountMicros}::bigint <= total_micros`)
    .where(sql<boolean>`(payee is null or payee = ${use.payee})`)
    .orderBy('expires_at')
    .limit(1)
    .executeTakeFirst();
}

/** Counts one use in the transaction of the reservation; false when the grant no longer covers it. */
export async function consumeGrant(db: DatabaseOrTrx, id: number, amountMicros: Micros): Promise<boolean> {
  const row = await db
    .updateTable('standing_grant')
    .set({ used: sql<number>`used + 1`, used_micros: sql<bigint>`used_micros + ${amountMicros}::bigint` })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`clock_timestamp()`)
    .where('each_micros', '>=', amountMicros)
    .where(sql<boolean>`used < uses and used_micros + ${amountMicros}::bigint <= total_micros`)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export interface NewGrant {
  mode: Mode;
  tool: Tool;
  payee: string | null;
  eachMicros: Micros;
  totalMicros: Micros;
  uses: number;
  hours: number;
  createdBy: string;
}

export function addGrant(db: DatabaseOrTrx, grant: NewGrant): Promise<Grant> {
  return db
    .insertInto('standing_grant')
    .values({
      mode: grant.mode,
      tool: grant.tool.name,
      tool_hash: toolHash(grant.tool),
      payee: grant.payee,
      each_micros: grant.eachMicros,
      total_micros: grant.totalMicros,
      uses: grant.uses,
      expires_at: sql`clock_timestamp() + make_interval(hours => ${grant.hours})` as unknown as Date,
      created_by: grant.createdBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function listGrants(db: DatabaseOrTrx, mode: Mode): Promise<Grant[]> {
  return db.selectFrom('standing_grant').selectAll().where('mode', '=', mode).orderBy('id', 'desc').limit(50).execute();
}

export function revokeGrant(db: DatabaseOrTrx, id: number, by: string): Promise<Grant | undefined> {
  return db
    .updateTable('standing_grant')
    .set({ revoked_at: sql<Date>`clock_timestamp()`, revoked_by: by })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}
