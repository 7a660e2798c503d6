// Launched offers of ours, as the far side's receipts describe them; numbers live in the ledger and in metric points.
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import { type Along, takeAlong } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type Launch = Selectable<Tables['launch']>;

export interface NewLaunch {
  mode: Mode;
  goalId: number;
  taskId: number;
  toolCallId: number;
  externalId: string;
  offerId: string;
  name: string;
  budgetMicros: Micros;
  days: number;
  startedDay: number;
}

/** Goes along with the statement that ends the call; what follows it finds the launch's `id` under its name. */
export function launchAlong(launch: NewLaunch) {
  const statement = sql`
    insert into launch (mode, goal_id, task_id, tool_call_id, external_id, offer_id, name, budget_micros, days, started_day, status)
    select ${launch.mode}, ${launch.goalId}::bigint, ${launch.taskId}::bigint, ${launch.toolCallId}::bigint, ${launch.externalId}, ${launch.offerId}, ${launch.name},
      ${launch.budgetMicros}::bigint, ${launch.days}::int, ${launch.startedDay}::int, 'running' from fact returning id`;
  return { as: 'launched', statement };
}

/** The same by itself, for what must have the row at hand. */
export async function addLaunch(db: DatabaseOrTrx, launch: NewLaunch): Promise<Launch> {
  return db
    .insertInto('launch')
    .values({
      mode: launch.mode,
      goal_id: launch.goalId,
      task_id: launch.taskId,
      tool_call_id: launch.toolCallId,
      external_id: launch.externalId,
      offer_id: launch.offerId,
      name: launch.name,
      budget_micros: launch.budgetMicros,
      days: launch.days,
      started_day: launch.startedDay,
      status: 'running',
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findLaunch(db: DatabaseOrTrx, mode: Mode, externalId: string): Promise<Launch | undefined> {
  return db.selectFrom('launch').selectAll().where('mode', '=', mode).where('external_id', '=', externalId).executeTakeFirst();
}

export function findLaunchById(db: DatabaseOrTrx, id: number): Promise<Launch | undefined> {
  return db.selectFrom('launch').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function endLaunch(db: DatabaseOrTrx, id: number, status: 'ended' | 'stopped'): Promise<void> {
  await db.updateTable('launch').set({ status }).where('id', '=', id).where('status', '=', 'running').execute();
}

export function listRunning(db: DatabaseOrTrx, mode: Mode): Promise<Launch[]> {
  return db.selectFrom('launch').selectAll().where('mode', '=', mode).where('status', '=', 'running').orderBy('id').execute();
}

export function listLaunchesOfGoal(db: DatabaseOrTrx, goalId: number): Promise<Launch[]> {
  return db.selectFrom('launch').selectAll().where('goal_id', '=', goalId).orderBy('id').execute();
}

/** What the far side measured, one row a day and name; a day seen before keeps its first reading, a new day adds. */
export async function addMetricPoints(
  db: DatabaseOrTrx,
  points: readonly { launchId: number; day: number; name: string; value: number; toolCallId: number }[],
): Promise<void> {
  if (points.length === 0) return;
  await db
    .insertInto('metric_point')
    .values(
      points.map((point) => ({
        launch_id: point.launchId,
        day: point.day,
        name: point.name,
        value: point.value,
        tool_call_id: point.toolCallId,
      })),
    )
    .onConflict((conflict) => conflict.columns(['launch_id', 'day', 'name']).doNothing())
    .execute();
}

/**
 * Running goals, or the one named, whose last launch was made `afterDays` market days ago or earlier.
 * @param options.along happens with it, in any case.
 */
export async function listGoalsDueForResult(
  db: DatabaseOrTrx,
  mode: Mode,
  afterDays: number,
  { goalId, along = [] }: { goalId?: number; along?: readonly Along[] } = {},
): Promise<number[]> {
  // The day that ended last is market_day, so today is the one after it.
  const result = await sql<{ goal_id: number }>`
    with fact as (select 1 as id)${takeAlong(along)}
    select goal.id as goal_id from goal join spend_gate gate on gate.mode = ${mode}
    where goal.status = 'running' ${goalId === undefined ? sql`` : sql`and goal.id = ${goalId}`}
      and (select max(started_day) from launch where launch.goal_id = goal.id and launch.mode = ${mode}) + ${afterDays} <= gate.market_day + 1`.execute(
    db,
  );
  return result.rows.map((row) => row.goal_id);
}

/** Whether the end of this day could tell or move anything: a launch runs, or the result of a running goal is due by then. */
export const isDayBusy = (mode: Mode, day: number, afterDays: number): RawBuilder<boolean> => sql<boolean>`
    (exists (select 1 from launch where mode = ${mode} and status = 'running')
      or exists (select 1 from launch join goal on goal.id = launch.goal_id where launch.mode = ${mode} and goal.status = 'running'
        group by launch.goal_id having max(started_day) + ${afterDays}::int <= ${day}::int + 1))`;

/** The last market day that ended, as its signed event said. */
export async function readMarketDay(db: DatabaseOrTrx, mode: Mode): Promise<number> {
  const row = await db.selectFrom('spend_gate').select('market_day').where('mode', '=', mode).executeTakeFirst();
  return row?.market_day ?? 0;
}

/** The same, and it stays so until the transaction ends. */
export async function holdMarketDay(db: DatabaseOrTrx, mode: Mode): Promise<number> {
  const row = await db.selectFrom('spend_gate').select('market_day').where('mode', '=', mode).forShare().executeTakeFirst();
  return row?.market_day ?? 0;
}

/** Days only go forward, in whatever order their events arrive. Returns null for one that was over already, else whether launches run on it. */
export async function setMarketDay(db: DatabaseOrTrx, mode: Mode, day: number): Promise<{ busy: boolean } | null> {
  const row = await db
    .updateTable('spend_gate')
    .set({ market_day: day })
    .where('mode', '=', mode)
    .where('market_day', '<', day)
    .returning(
      sql<boolean>`exists (select 1 from launch where launch.mode = ${mode} and launch.status = 'running' and launch.days > 0)`.as('busy'),
    )
    .executeTakeFirst();
  return row ?? null;
}

/** Visitors that the launches of a goal, of an offer, or of all have measured. */
export async function sumVisitors(
  db: DatabaseOrTrx,
  of: { mode: Mode; goalId?: number | undefined; offer?: string | undefined },
): Promise<number> {
  let select = db
    .selectFrom('metric_point')
    .innerJoin('launch', 'launch.id', 'metric_point.launch_id')
    .select(sql<number>`coalesce(sum(value), 0)::float8`.as('visitors'))
    .where('launch.mode', '=', of.mode)
    .where('metric_point.name', '=', 'visitors');
  if (of.goalId !== undefined) select = select.where('launch.goal_id', '=', of.goalId);
  if (of.offer !== undefined) select = select.where('launch.offer_id', '=', of.offer);
  return (await select.executeTakeFirstOrThrow()).visitors;
}

/** Of these launches, those that run. */
export async function listRunningOf(db: DatabaseOrTrx, mode: Mode, externalIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('launch')
    .select('external_id')
    .where('mode', '=', mode)
    .where('external_id', 'in', [...externalIds, ''])
    .where('status', '=', 'running')
    .orderBy('id')
    .execute();
  return rows.map((row) => row.external_id);
}
