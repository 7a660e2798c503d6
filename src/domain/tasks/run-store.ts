// A run's hold on its task. Whoever runs a task has its lease and fence; every write of a run names the fence, so a stale owner's writes change nothing.
import { sql } from 'kysely';
import type { Along } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { WaitFor } from '../../db/tables/states.ts';

const NOW = sql<Date>`clock_timestamp()`;

export interface Lease {
  taskId: number;
  fence: number;
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

export interface TaskEnd {
  status: EndStatus;
  summary: string | null;
  error: string | null;
  stopReason: string | null;
}

/** Ends a run and the task. Returns false when the lease was lost: then nothing changed. */
export async function endTask(db: DatabaseOrTrx, lease: Lease, end: TaskEnd): Promise<boolean> {
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

/** The same along with the statement that ends its last call under this lease. */
export function endTaskAlong(lease: Lease, end: TaskEnd): Along {
  return sql`update task set status = ${end.status}, summary = ${end.summary}, error = ${end.error}, stop_reason = ${end.stopReason},
      lease_owner = null, lease_until = null, ended_at = clock_timestamp(), updated_at = clock_timestamp()
    from fact where task.id = ${lease.taskId} and task.fence = ${lease.fence} and task.status = 'running'`;
}

/**
 * Hands the task back to be claimed again, at once or later; a new attempt starts with a fresh conversation.
 * `patient` notes since when it has waited for a service that said when to come back; the next answer, or attempt, forgets it.
 */
export async function handBack(
  db: DatabaseOrTrx,
  lease: Lease,
  next: { delayMs: number; newAttempt: boolean; error: string | null; patient?: boolean; failureKind?: string | undefined },
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
      ...(next.patient === true ? { patient_since: sql<Date>`coalesce(patient_since, clock_timestamp())` } : {}),
      ...(next.newAttempt ? { patient_since: null } : {}),
      ...(next.failureKind === undefined ? {} : { failure_kind: next.failureKind }),
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

/** The same along with the statement that asks. */
export function sleepAlong(lease: Lease): Along {
  return sql`update task set status = 'waiting_approval', lease_owner = null, lease_until = null, failure_kind = null, updated_at = clock_timestamp()
    from fact where task.id = ${lease.taskId} and task.fence = ${lease.fence} and task.status = 'running'`;
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

/** Leases this process holds without knowing: a claim that was committed and whose answer never came. Ready again for anybody. */
export async function releaseUnknown(db: DatabaseOrTrx, processId: number, known: readonly number[]): Promise<void> {
  await db
    .updateTable('task')
    .set({ status: 'pending', lease_owner: null, lease_until: null, updated_at: NOW })
    .where('status', '=', 'running')
    .where('lease_owner', '=', processId)
    .where('id', 'not in', [...known, -1])
    .execute();
}
