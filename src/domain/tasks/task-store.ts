// Tasks as rows. Whoever runs a task holds its lease and fence; every write of a run names the fence, so a stale owner's writes change nothing.
import { type Selectable, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Tables, WaitFor } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type Task = Selectable<Tables['task']>;
export interface Lease {
  taskId: number;
  fence: number;
}

const NOW = sql<Date>`clock_timestamp()`;

export interface NewTask {
  key: string;
  kind: string;
  title: string;
  why: string;
  priority: number;
  expectedCostMicros: Micros;
  expectedEvidence: string;
  riskScore: number;
  riskLevel: string;
  dependsOn: string[];
}

/** Inserts a plan's tasks with their dependencies; those without any are ready, the rest blocked. */
export async function addTasks(
  db: DatabaseOrTrx,
  plan: { mode: Mode; goalId: number; planId: number },
  tasks: readonly NewTask[],
): Promise<Task[]> {
  const rows = await db
    .insertInto('task')
    .values(
      tasks.map((task) => ({
        mode: plan.mode,
        goal_id: plan.goalId,
        plan_id: plan.planId,
        key: task.key,
        kind: task.kind,
        title: task.title,
        why: task.why,
        priority: task.priority,
        status: task.dependsOn.length === 0 ? ('pending' as const) : ('blocked' as const),
        expected_cost_micros: task.expectedCostMicros,
        expected_evidence: task.expectedEvidence,
        risk_score: task.riskScore,
        risk_level: task.riskLevel,
      })),
    )
    .returningAll()
    .execute();
  const idOf = new Map(rows.map((row) => [row.key, row.id]));
  const edges = tasks.flatMap((task) => task.dependsOn.map((key) => ({ task_id: idOf.get(task.key), depends_on: idOf.get(key) })));
  const known = edges.filter(
    (edge): edge is { task_id: number; depends_on: number } => edge.task_id !== undefined && edge.depends_on !== undefined,
  );
  if (known.length > 0) await db.insertInto('task_dependency').values(known).execute();
  return rows;
}

/** Takes the lease of the next task that may run now: not paused, under the limits of all processes, best rank first. */
export async function claimTask(
  db: DatabaseOrTrx,
  claim: { processId: number; leaseSeconds: number; maxRunning: number; maxPerHour: number },
): Promise<Task | undefined> {
  const result =
    await sql<Task>`select * from claim_task(${claim.processId}, ${claim.leaseSeconds}, ${claim.maxRunning}, ${claim.maxPerHour})`.execute(
      db,
    );
  return result.rows[0];
}

export type Standing = 'ours' | 'lost' | 'cancelled' | 'paused';

/** Prolongs the lease, and tells whether the run may go on. */
export async function renewLease(db: DatabaseOrTrx, lease: Lease, leaseSeconds: number): Promise<Standing> {
  const result = await sql<{ cancel_requested: boolean; paused: boolean }>`
    update task set lease_until = clock_timestamp() + make_interval(secs => ${leaseSeconds})
    where id = ${lease.taskId} and fence = ${lease.fence} and status = 'running'
    returning cancel_requested, (select paused_at is not null from control) as paused`.execute(db);
  const row = result.rows[0];
  if (row === undefined) return 'lost';
  if (row.cancel_requested) return 'cancelled';
  return row.paused ? 'paused' : 'ours';
}

type EndStatus = 'done' | 'failed' | 'dead' | 'cancelled';

/** Ends a run and the task. Returns false when the lease was lost: then nothing changed. */
export async function endTask(
  db: DatabaseOrTrx,
  lease: Lease,
  end: { status: EndStatus; summary: string | null; error: string | null; stopReason: string | null },
): Promise<boolean> {
  const row = await db
    .updateTable('task')
    .set({
      status: end.status,
      summary: end.summary,
      error: end.error,
      stop_reason: end.stopReason,
      lease_owner: null,
      lease_until: null,
      ended_at: NOW,
      updated_at: NOW,
    })
    .where('id', '=', lease.taskId)
    .where('fence', '=', lease.fence)
    .where('status', '=', 'running')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Hands the task back to be claimed again, at once or later; a new attempt starts with a fresh conversation. */
export async function handBack(
  db: DatabaseOrTrx,
  lease: Lease,
  next: { delayMs: number; newAttempt: boolean; error: string | null },
): Promise<boolean> {
  const row = await db
    .updateTable('task')
    .set({
      status: 'pending',
      lease_owner: null,
      lease_until: null,
      error: next.error,
      ready_at: sql<Date>`clock_timestamp() + make_interval(secs => ${next.delayMs / 1000})`,
      attempt: next.newAttempt ? sql<number>`attempt + 1` : sql<number>`attempt`,
      updated_at: NOW,
    })
    .where('id', '=', lease.taskId)
    .where('fence', '=', lease.fence)
    .where('status', '=', 'running')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export interface Wait {
  waitFor: WaitFor;
  /** For a time: when to go on. For the rest the deadline alone counts. */
  readyAt: Date | null;
  marketDay: number | null;
  callId: number;
  deadline: Date;
}

/** Waiting is a status: no slot, no lease, no model call, until the event or the deadline. */
export async function startWaiting(db: DatabaseOrTrx, lease: Lease, wait: Wait): Promise<boolean> {
  const row = await db
    .updateTable('task')
    .set({
      status: 'waiting',
      wait_for: wait.waitFor,
      wait_market_day: wait.marketDay,
      wait_call_id: wait.callId,
      wait_deadline: wait.deadline,
      ready_at: wait.readyAt ?? wait.deadline,
      lease_owner: null,
      lease_until: null,
      updated_at: NOW,
    })
    .where('id', '=', lease.taskId)
    .where('fence', '=', lease.fence)
    .where('status', '=', 'running')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Tasks whose market day has come, or whose wait ran out, are ready again. Returns what woke. */
export function wakeWaiting(
  db: DatabaseOrTrx,
  event: { marketDay?: number; orderOfGoal?: number; replyToGoal?: number },
): Promise<{ id: number; goal_id: number }[]> {
  return db
    .updateTable('task')
    .set({ status: 'pending', ready_at: NOW, updated_at: NOW })
    .where('status', '=', 'waiting')
    .where((where) =>
      where.or([
        where('ready_at', '<=', NOW),
        ...(event.marketDay === undefined
          ? []
          : [where.and([where('wait_for', '=', 'market_day'), where('wait_market_day', '<=', event.marketDay)])]),
        ...(event.orderOfGoal === undefined
          ? []
          : [where.and([where('wait_for', '=', 'order'), where('goal_id', '=', event.orderOfGoal)])]),
        ...(event.replyToGoal === undefined
          ? []
          : [where.and([where('wait_for', '=', 'reply'), where('goal_id', '=', event.replyToGoal)])]),
      ]),
    )
    .returning(['id', 'goal_id'])
    .execute();
}

/** Everything a dead process held is ready again; its fence makes the dead owner's late writes void. */
export function releaseTasksOf(db: DatabaseOrTrx, processIds: readonly number[]): Promise<{ id: number; goal_id: number }[]> {
  return db
    .updateTable('task')
    .set({ status: 'pending', lease_owner: null, lease_until: null, ready_at: NOW, updated_at: NOW })
    .where('status', '=', 'running')
    .where((where) => where.or([where('lease_owner', 'in', [...processIds, -1]), where('lease_until', '<', NOW)]))
    .returning(['id', 'goal_id'])
    .execute();
}

/** Unblocks what waited only for tasks that are done. Returns the ids that became ready. */
export async function unblockDependents(db: DatabaseOrTrx, taskId: number): Promise<number[]> {
  const result = await sql<{ id: number }>`
    update task set status = 'pending', ready_at = clock_timestamp(), updated_at = clock_timestamp()
    where status = 'blocked' and id in (select task_id from task_dependency where depends_on = ${taskId})
      and not exists (select 1 from task_dependency d join task t on t.id = d.depends_on where d.task_id = task.id and t.status <> 'done')
    returning id`.execute(db);
  return result.rows.map((row) => row.id);
}

export function findTask(db: DatabaseOrTrx, id: number): Promise<Task | undefined> {
  return db.selectFrom('task').selectAll().where('id', '=', id).executeTakeFirst();
}

export function listTasksOfGoal(db: DatabaseOrTrx, goalId: number): Promise<Task[]> {
  return db.selectFrom('task').selectAll().where('goal_id', '=', goalId).orderBy('id').execute();
}

/** The task sleeps until a person has decided. */
export async function awaitApproval(db: DatabaseOrTrx, lease: Lease): Promise<boolean> {
  const row = await db
    .updateTable('task')
    .set({ status: 'waiting_approval', lease_owner: null, lease_until: null, updated_at: NOW })
    .where('id', '=', lease.taskId)
    .where('fence', '=', lease.fence)
    .where('status', '=', 'running')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** A decision has fallen: the task is ready to go on. */
export async function resumeFromApproval(db: DatabaseOrTrx, taskId: number): Promise<void> {
  await db
    .updateTable('task')
    .set({ status: 'pending', ready_at: NOW, updated_at: NOW })
    .where('id', '=', taskId)
    .where('status', '=', 'waiting_approval')
    .execute();
}

/** Cancels what is not running and asks the running ones to stop. Returns all ids touched. */
export async function cancelTasks(
  db: DatabaseOrTrx,
  which: { goalId: number } | { taskId: number },
  reason: string,
): Promise<{ id: number; status: string }[]> {
  const result = await sql<{ id: number; status: string }>`
    update task set
      status = case when status = 'running' then status else 'cancelled' end,
      cancel_requested = true, stop_reason = ${reason}, updated_at = clock_timestamp(),
      ended_at = case when status = 'running' then ended_at else clock_timestamp() end
    where ${'goalId' in which ? sql`goal_id = ${which.goalId}` : sql`id = ${which.taskId}`} and status not in ('done', 'failed', 'dead', 'cancelled')
    returning id, status`.execute(db);
  return result.rows;
}

/** Gives a dead, failed or cancelled task a new life: fresh attempts, no old conversation. */
export function restartTask(db: DatabaseOrTrx, id: number): Promise<Task | undefined> {
  return db
    .updateTable('task')
    .set({
      status: 'pending',
      attempt: sql<number>`attempt + 1`,
      max_attempts: sql<number>`attempt + 3`,
      cancel_requested: false,
      error: null,
      stop_reason: null,
      ended_at: null,
      ready_at: NOW,
      updated_at: NOW,
    })
    .where('id', '=', id)
    .where('status', 'in', ['dead', 'failed', 'cancelled'])
    .returningAll()
    .executeTakeFirst();
}

/** Tasks that could be claimed now. */
export async function countReady(db: DatabaseOrTrx): Promise<number> {
  const row = await db
    .selectFrom('task')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('status', '=', 'pending')
    .where('ready_at', '<=', NOW)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** When time alone will make something due: the next wait or retry, the next reminder, silence or expiry. Null when nothing waits for time. */
export async function findNextDue(db: DatabaseOrTrx): Promise<Date | null> {
  const result = await sql<{ due: Date | null }>`
    select least((select min(ready_at) from task where status in ('pending', 'waiting') and ready_at > clock_timestamp()),
      (select min(least(remind_at, silence_approves_at, expires_at)) from approval where status = 'pending'),
      (select min(deadline) from goal where status not in ('draft', 'done', 'failed', 'cancelled'))) as due`.execute(db);
  return result.rows[0]?.due ?? null;
}

/** Running tasks of a process whose run must stop now. */
export function listStops(db: DatabaseOrTrx, processId: number): Promise<{ id: number }[]> {
  return db
    .selectFrom('task')
    .select('id')
    .where('lease_owner', '=', processId)
    .where('status', '=', 'running')
    .where('cancel_requested', '=', true)
    .execute();
}

/** Every process looks at its own running tasks when it hears this. */
export async function tellStops(db: DatabaseOrTrx): Promise<void> {
  await sql`select pg_notify('jug_control', '')`.execute(db);
}

/** The market day may have ended between reading it and going to sleep; then the task is ready at once. */
export async function wakeIfDayPassed(db: DatabaseOrTrx, taskId: number): Promise<boolean> {
  const result = await sql<{ id: number }>`
    update task set status = 'pending', ready_at = clock_timestamp() from spend_gate
    where task.id = ${taskId} and task.status = 'waiting' and spend_gate.mode = task.mode and task.wait_market_day <= spend_gate.market_day returning task.id`.execute(
    db,
  );
  return result.rows.length > 0;
}
