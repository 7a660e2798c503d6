// Standing grants: scoped, counted, expiring permissions instead of "always". Void when the tool changes.
import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { hashOf, type Json, storableJson } from '../../core/canonical-json.ts';
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
  goalId: number;
  /** Whether code wrote the call; grants of experiments are for no other. */
  byPolicy: boolean;
  arguments: Json;
}

/** A grant of an experiment holds only while that may spend: not held, not over, not beyond its last day. */
const STILL_HOLDS = sql<boolean>`(standing_grant.experiment_id is null or exists (select 1 from experiment e join spend_gate gate on gate.mode = e.mode
  where e.id = standing_grant.experiment_id and e.state in ('approved', 'running') and e.held_at is null
    and (e.mode = 'live' or e.deadline_day is null or e.deadline_day > gate.market_day)))`;

/** A grant that covers this call now; the use itself is counted when the call begins. */
export function findGrant(db: DatabaseOrTrx, use: Use): Promise<Grant | undefined> {
  return (
    db
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
      .where(sql<boolean>`(goal_id is null or goal_id = ${use.goalId}) and (experiment_id is null or ${use.byPolicy}::boolean)`)
      .where(sql<boolean>`(arguments is null or ${storableJson(use.arguments)}::jsonb @> arguments)`)
      .where(STILL_HOLDS)
      // Its own first: what people permitted for everything else stays for that.
      .orderBy('experiment_id', (order) => order.asc().nullsLast())
      .orderBy('expires_at')
      .limit(1)
      .executeTakeFirst()
  );
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
    .where(STILL_HOLDS)
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
  /** For an experiment: only its goal's policy tasks, only calls whose arguments have these. */
  scope?: { experimentId: number; goalId: number; arguments: Json };
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
      experiment_id: grant.scope?.experimentId ?? null,
      goal_id: grant.scope?.goalId ?? null,
      arguments: grant.scope === undefined ? null : storableJson(grant.scope.arguments),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function listGrants(db: DatabaseOrTrx, mode: Mode): Promise<Grant[]> {
  return db.selectFrom('standing_grant').selectAll().where('mode', '=', mode).orderBy('id', 'desc').limit(50).execute();
}

/** What the grants of experiments in force still allow, by experiment. */
export async function listGrantsOf(db: DatabaseOrTrx, experimentIds: readonly number[]): Promise<Grant[]> {
  return db
    .selectFrom('standing_grant')
    .selectAll()
    .where('experiment_id', 'in', [...experimentIds, -1])
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`clock_timestamp()`)
    .orderBy('id')
    .execute();
}

/** An experiment that is over has no permissions. */
export async function revokeGrantsOf(db: DatabaseOrTrx, experimentId: number, by: string): Promise<void> {
  await db
    .updateTable('standing_grant')
    .set({ revoked_at: sql<Date>`clock_timestamp()`, revoked_by: by })
    .where('experiment_id', '=', experimentId)
    .where('revoked_at', 'is', null)
    .execute();
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
