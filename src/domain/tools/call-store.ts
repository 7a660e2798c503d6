// Model turns and the tool calls they ask for, as rows. A call's row exists before anything happens outside.
import { type RawBuilder, type Selectable, sql } from 'kysely';
import { type Json, storableJson, storableText } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import { type Along, takeAlong } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { readJsonRow } from '../../db/json-rows.ts';
import type { CallStatus, FactorRow, RiskLevel } from '../../db/tables/states.ts';
import type { Tables } from '../../db/tables.ts';
import type { EvidenceDraft, Mode } from './tool.ts';

export type ToolCall = Selectable<Tables['tool_call']>;
export type Turn = Selectable<Tables['turn']>;

export interface NewCall {
  callRef: string;
  tool: string;
  toolVersion: string;
  act: string;
  touches: string;
  arguments: Json;
  requestHash: string | null;
  amountMicros: Micros;
  payee: string | null;
  effect: string | null;
  tainted: boolean;
  riskScore: number;
  riskLevel: RiskLevel;
  factors: FactorRow[];
  status: CallStatus;
  idempotencyKey: string;
  error: string | null;
  grantId: number | null;
}

export interface NewTurn {
  mode: Mode;
  goalId: number;
  taskId: number;
  fence: number;
  attempt: number;
  seq: number;
  text: string;
  model: string;
  inputTokens: number | null;
  outputTokens: number | null;
}

/** The rows of the calls of a turn `said`. @param own columns beside those of every new call */
function insertCalls(turn: NewTurn, calls: readonly NewCall[], own: Record<'columns' | 'values' | 'from', RawBuilder<unknown>>) {
  const rows = calls.map((call) => ({ ...call, amountMicros: call.amountMicros.toString() }));
  return sql`insert into tool_call (mode, goal_id, task_id, turn_id, call_ref, attempt, tool, tool_version, act, touches, arguments, request_hash, amount_micros, payee, effect, tainted,
        risk_score, risk_level, factors, status, idempotency_key, error, grant_id, ended_at${own.columns}
      select ${turn.mode}, ${turn.goalId}::bigint, ${turn.taskId}::bigint, said.id, c."callRef", ${turn.attempt}::int, c.tool, c."toolVersion", c.act, c.touches, c.arguments, c."requestHash", c."amountMicros"::bigint,
        c.payee, c.effect, c.tainted, c."riskScore", c."riskLevel", c.factors, c.status, c."idempotencyKey", c.error, c."grantId",
        case when c.status in ('invalid', 'refused') then clock_timestamp() end${own.values}
      from said${own.from}, jsonb_to_recordset(${storableJson(rows)}::jsonb) as c(id bigint, "callRef" text, tool text, "toolVersion" text, act text, touches text, arguments jsonb, "requestHash" text,
        "amountMicros" text, payee text, effect text, tainted boolean, "riskScore" real, "riskLevel" text, factors jsonb, status text, "idempotencyKey" text, error text, "grantId" bigint)`;
}

const insertTurn = (turn: NewTurn, from: RawBuilder<unknown>) => sql`
      insert into turn (goal_id, task_id, attempt, seq, text, model, input_tokens, output_tokens)
      select ${turn.goalId}::bigint, ${turn.taskId}::bigint, ${turn.attempt}::int, ${turn.seq}::int, ${storableText(turn.text)}, ${turn.model}, ${turn.inputTokens}::int, ${turn.outputTokens}::int from ${from} returning id`;

/**
 * Writes a turn with its calls in one statement, only if the run still holds the task; what goes along reads the calls `asked`.
 * @returns the new calls in order, or null when the lease was lost.
 */
export async function addTurn(
  db: DatabaseOrTrx,
  turn: NewTurn,
  calls: readonly NewCall[],
  along: readonly Along[] = [],
): Promise<ToolCall[] | null> {
  const own = { columns: sql`)`, values: sql``, from: sql`` };
  const result = await sql<{ held: boolean; call: null }>`
    with held as (
      update task set steps = steps + 1, patient_since = null, failure_kind = null, updated_at = clock_timestamp() where id = ${turn.taskId} and fence = ${turn.fence} and status = 'running' returning id),
    said as (${insertTurn(turn, sql`held`)}),
    asked as (${insertCalls(turn, calls, own)} returning *)${takeAlong(along)}
    select (select count(*) > 0 from held) as held, asked.* from (select 1) one left join asked on true order by asked.id`.execute(db);
  const found = result.rows as unknown as (ToolCall & { held: boolean })[];
  if (found[0]?.held !== true) return null;
  return found.filter((row) => row.id !== null);
}

/** A turn all of whose calls ask, along with their request. The ids were drawn before, so that its card could name them. */
export function turnAlong(turn: NewTurn, calls: readonly (NewCall & { id: number })[]): Along[] {
  const own = { columns: sql`, id, approval_id) overriding system value`, values: sql`, c.id, fact.id`, from: sql` cross join fact` };
  return [
    { as: 'said', statement: insertTurn(turn, sql`fact`) },
    { as: 'asked', statement: sql`${insertCalls(turn, calls, own)} returning *` },
  ];
}

/** All calls of a task, oldest first; earlier attempts too. */
export function listCalls(db: DatabaseOrTrx, taskId: number): Promise<ToolCall[]> {
  return db.selectFrom('tool_call').selectAll().where('task_id', '=', taskId).orderBy('id').execute();
}

/** All answers of models inside a task, oldest first. */
export function listTurns(db: DatabaseOrTrx, taskId: number): Promise<Turn[]> {
  return db.selectFrom('turn').selectAll().where('task_id', '=', taskId).orderBy('id').execute();
}

/** `atOnce`: how many calls can begin in the same moment, over all processes. */
interface Rate {
  perMinute: number;
  perHour: number;
  atOnce: number;
}

/**
 * Claims a call for execution, once: proposed or approved → executing, unless the kill switch is on or the tool's rate is used up.
 * `executing` calls of an earlier run are taken over with `retake`.
 * @param reservation of the money it needs; what it throws undoes the beginning.
 * @param along happens exactly if the call begins.
 */
export async function beginCall(
  db: DatabaseOrTrx,
  call: { id: number; taskId: number; fence: number; tool: string; rate: Rate; retake: boolean },
  reservation: RawBuilder<number> | null = null,
  along: readonly Along[] = [],
): Promise<'begun' | 'paused' | 'rate' | 'lost'> {
  const result = await sql<{ outcome: 'begun' | 'paused' | 'rate' | 'lost' }>`
    with paused as (select paused_at is not null as yes from control),
    rate as materialized (select within_rate(${call.tool}, ${call.id}, ${call.rate.perMinute}, ${call.rate.perHour}, ${call.rate.atOnce}) as yes),
    begun as (update tool_call set status = 'executing', started_at = coalesce(tool_call.started_at, clock_timestamp()), fence = ${call.fence}
      where id = ${call.id} and status = any(${call.retake ? ['executing'] : ['proposed', 'approved']})
        and not (select yes from paused) and (select yes from rate)
        and exists (select 1 from task where task.id = ${call.taskId} and task.fence = ${call.fence} and task.status = 'running' for share)
      returning id),
    fact as (select id, ${reservation ?? sql`null::bigint`} as reservation_id from begun)${takeAlong(along)}
    select (select reservation_id from fact), case when exists (select 1 from fact) then 'begun' when (select yes from paused) then 'paused'
      when not (select yes from rate) then 'rate' else 'lost' end as outcome`.execute(db);
  return result.rows[0]?.outcome ?? 'lost';
}

export interface CallResult {
  id: number;
  taskId: number;
  fence: number;
  status: 'done' | 'failed' | 'unknown' | 'refused';
  output: Json | null;
  error: string | null;
  receipt: string | null;
  spentMicros: Micros | null;
  evidence: readonly EvidenceDraft[];
}

/**
 * Ends an executing (or never begun) call with its evidence, fenced. Returns the call as it is kept; null when the lease was lost.
 * @param along happens exactly if the call ends here.
 */
export async function finishCall(db: DatabaseOrTrx, result: CallResult, along: readonly Along[] = []): Promise<ToolCall | null> {
  const done = await sql<{ call: unknown }>`
    with held as (select id from task where id = ${result.taskId} and fence = ${result.fence} and status = 'running' for update),
    ended as (update tool_call set status = ${result.status}, output = ${result.output === null ? null : storableJson(result.output)}::jsonb, error = ${result.error === null ? null : storableText(result.error)},
        receipt = ${result.receipt}, spent_micros = ${result.spentMicros}::bigint, ended_at = clock_timestamp()
      from held where tool_call.id = ${result.id} and tool_call.status in ('executing', 'proposed', 'approved', 'waiting_approval') returning tool_call.*),
    proof as (insert into evidence (task_id, tool_call_id, kind, source, sha256)
      select ${result.taskId}, ended.id, e.kind, e.source, e.sha256 from ended, jsonb_to_recordset(${storableJson(result.evidence)}::jsonb) as e(kind text, source text, sha256 text) returning 1),
    fact as (select id from ended)${takeAlong(along)}
    select to_json(ended) as call from ended`.execute(db);
  return readJsonRow('tool_call', done.rows[0]?.call);
}

/** A wait that is over becomes a finished call; the conversation goes on after it. */
export async function finishWait(db: DatabaseOrTrx, call: { id: number; output: Json }): Promise<void> {
  await db
    .updateTable('tool_call')
    .set({ status: 'done', output: storableJson(call.output), ended_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', call.id)
    .where('status', 'in', ['proposed', 'executing'])
    .execute();
}

/** Whether this tool was ever used with success in this mode; a first use weighs as novel. */
export async function listUsedTools(db: DatabaseOrTrx, mode: Mode): Promise<Set<string>> {
  const result = await sql<{ tool: string }>`
    with recursive used as (
      (select tool from tool_call where status = 'done' and mode = ${mode} order by tool limit 1)
      union all select (select c.tool from tool_call c where c.tool > used.tool and c.status = 'done' and c.mode = ${mode} order by c.tool limit 1) from used where used.tool is not null)
    select tool from used where tool is not null`.execute(db);
  return new Set(result.rows.map((row) => row.tool));
}

export interface ActCounts {
  done: number;
  /** Also those whose outcome nobody knows. */
  failed: number;
}

const LATEST_ACTS = 1_000;

/** How the latest acts that changed something ended, by agent and kind of act. */
export async function countEndedActs(db: DatabaseOrTrx, mode: Mode): Promise<(ActCounts & { agent: string; act: string })[]> {
  const { rows } = await sql<ActCounts & { agent: string; act: string }>`
    select t.agent, c.act, count(*) filter (where c.status = 'done')::int as done, count(*) filter (where c.status <> 'done')::int as failed
    from (select task_id, act, status from tool_call where mode = ${mode} and touches <> 'nothing' and status in ('done', 'failed', 'unknown') order by id desc limit ${LATEST_ACTS}) c
    join task t on t.id = c.task_id group by t.agent, c.act`.execute(db);
  return rows;
}

export function listEvidence(db: DatabaseOrTrx, taskId: number) {
  return db.selectFrom('evidence').selectAll().where('task_id', '=', taskId).orderBy('id').execute();
}

/** Recorded outputs of finished calls of one goal, by call id. @param except calls of this tool are left out */
export async function listOutputs(db: DatabaseOrTrx, goalId: number, callIds: readonly number[], except = ''): Promise<Map<number, Json>> {
  const rows = await db
    .selectFrom('tool_call')
    .select(['id', 'output'])
    .where('goal_id', '=', goalId)
    .where('status', '=', 'done')
    .where('tool', '<>', except)
    .where('id', 'in', [...callIds, -1])
    .execute();
  return new Map(rows.map((row) => [row.id, row.output]));
}

/** The next attempt goes on with the turns and calls of this one. */
export async function carryConversation(db: DatabaseOrTrx, task: { id: number; attempt: number }): Promise<void> {
  await sql`with turns as (update turn set attempt = attempt + 1 where task_id = ${task.id} and attempt = ${task.attempt})
    update tool_call set attempt = attempt + 1 where task_id = ${task.id} and attempt = ${task.attempt}`.execute(db);
}
