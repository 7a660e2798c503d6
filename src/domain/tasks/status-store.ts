// What the bot is doing, counted from rows.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { TaskStatus } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';

export interface Status {
  tasks: Partial<Record<TaskStatus, number>>;
  goals: number;
  approvals: number;
  unknownCalls: number;
  startedLastHour: number;
  processes: number;
  launches: number;
  marketDay: number;
}

export async function readStatus(db: DatabaseOrTrx, mode: Mode): Promise<Status> {
  const tasks = await db
    .selectFrom('task')
    .select(['status', sql<number>`count(*)::int`.as('count')])
    .where('mode', '=', mode)
    .where('status', 'not in', ['done', 'cancelled'])
    .groupBy('status')
    .execute();
  const counts = await sql<Omit<Status, 'tasks'>>`
    select (select count(*)::int from goal where mode = ${mode} and status not in ('done', 'failed', 'cancelled', 'draft')) as goals,
      (select count(*)::int from approval where mode = ${mode} and status = 'pending') as approvals,
      (select count(*)::int from tool_call where mode = ${mode} and status = 'unknown') as "unknownCalls",
      (select count(*)::int from task where policy is null and started_at > statement_timestamp() - interval '1 hour') as "startedLastHour",
      (select count(*)::int from process where stopped_at is null) as processes,
      (select count(*)::int from launch where mode = ${mode} and status = 'running') as launches,
      (select market_day from spend_gate where mode = ${mode}) as "marketDay"`.execute(db);
  const row = counts.rows[0];
  if (row === undefined) throw new Error('the status query returned nothing');
  return { ...row, tasks: Object.fromEntries(tasks.map((task) => [task.status, task.count])) };
}

/** Running and stuck tasks, the ones a person may have to do something about first. */
export function listNoteworthy(db: DatabaseOrTrx, mode: Mode) {
  return db
    .selectFrom('task')
    .selectAll()
    .where('mode', '=', mode)
    .where('status', 'in', ['dead', 'failed', 'running', 'waiting_approval', 'waiting', 'pending'])
    .orderBy(sql`array_position(array['dead','failed','waiting_approval','running','pending','waiting'], status)`)
    .orderBy('id', 'desc')
    .limit(15)
    .execute();
}

export interface Attention {
  waiting: number;
  expired: number;
  dead: number;
  unknownCalls: number;
}

/** What lies with people: requests that wait or have run out since `since`, tasks that died, calls in doubt. */
export async function readAttention(db: DatabaseOrTrx, mode: Mode, since: Date): Promise<Attention> {
  const { rows } = await sql<Attention>`
    select (select count(*)::int from approval where mode = ${mode} and status = 'pending') as waiting,
      (select count(*)::int from approval where mode = ${mode} and status = 'expired' and decided_at >= ${since}) as expired,
      (select count(*)::int from task where mode = ${mode} and status = 'dead') as dead,
      (select count(*)::int from tool_call where mode = ${mode} and status = 'unknown') as "unknownCalls"`.execute(db);
  return rows[0] ?? { waiting: 0, expired: 0, dead: 0, unknownCalls: 0 };
}
