// Approval requests as rows: written before any card is posted, decided by one conditional update in database time.
import { type Selectable, sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import { type Along, takeAlong } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { ApprovalStatus, FactorRow, RiskLevel } from '../../db/tables/states.ts';
import type { Tables } from '../../db/tables.ts';
import type { Mode } from '../tools/tool.ts';

export type Approval = Selectable<Tables['approval']>;

export interface NewApproval {
  mode: Mode;
  kind: 'plan' | 'act';
  goalId: number;
  taskId: number | null;
  planId: number | null;
  title: string;
  askedBy: string;
  amountMicros: Micros;
  payee: string | null;
  riskScore: number;
  riskLevel: RiskLevel;
  factors: FactorRow[];
  reversible: boolean;
  outward: boolean;
  /** Label → sentence: why now, what happens, budget left after, on deny, on expiry. */
  story: { label: string; text: string }[];
  requestHash: string;
  needed: number;
  typeAmount: boolean;
  expiryMs: number;
  /** Null: silence never approves this. */
  silenceMs: number | null;
  callIds: readonly number[];
}

const inMs = (ms: number) => sql<Date>`clock_timestamp() + make_interval(secs => ${ms / 1000})`;

/**
 * Persists the request and binds its calls to it. Times are the database's.
 * @param along goes with it; the request is its fact.
 */
export async function addApproval(db: DatabaseOrTrx, request: NewApproval, along: readonly Along[] = []): Promise<Approval> {
  const { rows } = await sql<Approval>`
    with fact as (
      insert into approval (mode, kind, goal_id, task_id, plan_id, title, status, asked_by, amount_micros, payee, risk_score, risk_level, factors, reversible, outward, story,
        request_hash, needed, type_amount, expires_at, remind_at, silence_approves_at)
      values (${request.mode}, ${request.kind}, ${request.goalId}, ${request.taskId}, ${request.planId}, ${request.title}, 'pending', ${request.askedBy}, ${request.amountMicros},
        ${request.payee}, ${request.riskScore}, ${request.riskLevel}, ${JSON.stringify(request.factors)}, ${request.reversible}, ${request.outward}, ${JSON.stringify(request.story)},
        ${request.requestHash}, ${request.needed}, ${request.typeAmount}, ${inMs(request.expiryMs)}, ${inMs(request.expiryMs / 2)},
        ${request.silenceMs === null ? null : inMs(request.silenceMs)})
      returning *),
    bound as (update tool_call set approval_id = fact.id, status = 'waiting_approval' from fact where tool_call.id = any(${[...request.callIds]}::bigint[]))${takeAlong(along)}
    select * from fact`.execute(db);
  const [approval] = rows;
  if (approval === undefined) throw new Error('the request was not kept');
  return approval;
}

export function findApproval(db: DatabaseOrTrx, id: number): Promise<Approval | undefined> {
  return db.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Locks the request until the transaction ends: voters and deciders queue here, so that each sees the votes before. */
export function lockApproval(db: DatabaseOrTrx, id: number): Promise<Approval | undefined> {
  return db.selectFrom('approval').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

export function listPending(db: DatabaseOrTrx, mode: Mode): Promise<Approval[]> {
  return db.selectFrom('approval').selectAll().where('mode', '=', mode).where('status', '=', 'pending').orderBy('id').execute();
}

/** Counts a person's yes once. Returns everyone who has said yes so far. */
export async function addVote(
  db: DatabaseOrTrx,
  vote: { approvalId: number; person: string; platformId: string; surface: string },
): Promise<{ person: string; platform_id: string }[]> {
  await db
    .insertInto('approval_vote')
    .values({ approval_id: vote.approvalId, person: vote.person, platform_id: vote.platformId, surface: vote.surface })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return listVotes(db, vote.approvalId);
}

export function listVotes(db: DatabaseOrTrx, approvalId: number): Promise<{ person: string; platform_id: string }[]> {
  return db
    .selectFrom('approval_vote')
    .select(['person', 'platform_id'])
    .where('approval_id', '=', approvalId)
    .orderBy('created_at')
    .execute();
}

const NOW = sql<Date>`clock_timestamp()`;
const PAUSED = sql<boolean>`(select paused_at is not null from control)`;

/** Who decides when nobody does. While everything is paused, silence says nothing. */
export const SILENCE = 'silence';

export interface Decision {
  id: number;
  status: Exclude<ApprovalStatus, 'pending'>;
  decidedBy: string;
  reason: string | null;
  approvedMicros: Micros | null;
  /** Of a decision about what was read a moment ago: when that was, by the database's clock, and the hash that was read. */
  asRead?: { at: string; requestHash: string };
}

/**
 * The one update that decides. Undefined when it was decided, expired or cancelled before: the caller looks up by whom.
 * @param along happens exactly if this decides; the request is its fact.
 */
export async function decide(db: DatabaseOrTrx, decision: Decision, along: readonly Along[] = []): Promise<Approval | undefined> {
  const { asRead } = decision;
  const { rows } = await sql<Approval>`
    with fact as (
      update approval set status = ${decision.status}, decided_at = ${asRead === undefined ? NOW : sql`${asRead.at}::timestamptz`}, decided_by = ${decision.decidedBy}, reason = ${decision.reason},
        approved_micros = ${decision.approvedMicros}::bigint
      where id = ${decision.id} and status = 'pending' and ${decision.status === 'expired' ? sql`expires_at <= clock_timestamp()` : sql`expires_at > clock_timestamp()`}
        and ${decision.decidedBy === SILENCE ? sql`silence_approves_at <= clock_timestamp() and not ${PAUSED}` : sql`true`}
        and ${asRead === undefined ? sql`true` : sql`request_hash = ${asRead.requestHash}`}
      returning *)${takeAlong(along)}
    select * from fact`.execute(db);
  return rows[0];
}

/** Ends requests whose goal or task ended; expired ones included. */
export function cancelPending(db: DatabaseOrTrx, which: { goalId: number } | { taskId: number }, reason: string): Promise<Approval[]> {
  return db
    .updateTable('approval')
    .set({ status: 'cancelled', decided_at: sql<Date>`clock_timestamp()`, decided_by: 'system', reason })
    .where('status', '=', 'pending')
    .where((where) => ('goalId' in which ? where('goal_id', '=', which.goalId) : where('task_id', '=', which.taskId)))
    .returningAll()
    .execute();
}

/** What is due by the database's clock; the first that holds counts. */
export type Due = 'expiry' | 'silence' | 'reminder';

/** Pending requests with something due. */
export const dueApprovals = (db: DatabaseOrTrx, mode: Mode) =>
  db
    .selectFrom('approval')
    .selectAll()
    .where('mode', '=', mode)
    .where('status', '=', 'pending')
    .where(sql<boolean>`least(remind_at, silence_approves_at, expires_at) <= statement_timestamp()`)
    .where(sql<boolean>`(least(remind_at, expires_at) <= statement_timestamp() or not ${PAUSED})`);

export const listDue = (db: DatabaseOrTrx, mode: Mode): Promise<(Approval & { due: Due })[]> =>
  dueApprovals(db, mode)
    .select(
      sql<Due>`case when expires_at <= clock_timestamp() then 'expiry' when silence_approves_at <= clock_timestamp() and not ${PAUSED} then 'silence' else 'reminder' end`.as(
        'due',
      ),
    )
    .orderBy('id')
    .limit(100)
    .execute();

/** Notes that a reminder went out and sets the next: one hour before expiry, then none. */
export async function noteReminder(db: DatabaseOrTrx, id: number): Promise<void> {
  await db
    .updateTable('approval')
    .set({
      reminders: sql<number>`reminders + 1`,
      remind_at: sql<Date | null>`case when expires_at - interval '1 hour' > clock_timestamp() then expires_at - interval '1 hour' end`,
    })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute();
}

/** What was approved, when a person approved less than was asked. */
export async function setRequestHash(db: DatabaseOrTrx, id: number, requestHash: string): Promise<void> {
  await db.updateTable('approval').set({ request_hash: requestHash }).where('id', '=', id).execute();
}

/** What silence may approve waits as much longer as everything was paused. */
export async function extendSilence(db: DatabaseOrTrx, pausedAt: Date): Promise<void> {
  await db
    .updateTable('approval')
    .set({ silence_approves_at: sql<Date>`silence_approves_at + (clock_timestamp() - greatest(${pausedAt}::timestamptz, created_at))` })
    .where('status', '=', 'pending')
    .where('silence_approves_at', 'is not', null)
    .execute();
}

/** Silence does not approve this one after all. */
export async function clearSilence(db: DatabaseOrTrx, id: number): Promise<void> {
  await db.updateTable('approval').set({ silence_approves_at: null }).where('id', '=', id).where('status', '=', 'pending').execute();
}
