// One row type per table. Column names are the database's; *_micros columns are bigint, ids are numbers.
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Json } from '../core/canonical-json.ts';

type Mode = 'practice' | 'live';
type Created = ColumnType<Date, Date | undefined, never>;
type Moment = ColumnType<Date, Date | undefined>;
type MaybeMoment = ColumnType<Date | null, Date | null | undefined>;
type Money = ColumnType<bigint, bigint | undefined>;
type Maybe<T> = ColumnType<T | null, T | null | undefined>;
type Jsonb<T> = JSONColumnType<T & object>;
type AnyJson = ColumnType<Json, string, string>;
type MaybeJson = ColumnType<Json | null, string | null | undefined>;

export interface FactorRow {
  name: string;
  contribution: number;
  note: string;
}

export type GoalStatus = 'draft' | 'planning' | 'question' | 'plan_review' | 'running' | 'done' | 'failed' | 'cancelled';
export type TaskStatus = 'pending' | 'blocked' | 'waiting' | 'waiting_approval' | 'running' | 'done' | 'failed' | 'dead' | 'cancelled';
export type CallStatus =
  | 'invalid'
  | 'proposed'
  | 'waiting_approval'
  | 'approved'
  | 'executing'
  | 'done'
  | 'failed'
  | 'unknown'
  | 'refused'
  | 'denied'
  | 'expired'
  | 'cancelled';
export type ApprovalStatus = 'pending' | 'approved' | 'denied' | 'changes' | 'expired' | 'cancelled';
export type RiskLevel = 'low' | 'medium' | 'high' | 'critical';
export type Channel = 'goals' | 'approvals' | 'experiments' | 'revenue';
export type Platform = 'slack' | 'discord';
export type WaitFor = 'time' | 'market_day' | 'order' | 'reply';
export type CapPeriod = 'hour' | 'day' | 'month' | 'market_day';

export interface Tables {
  control: { id: number; paused_at: MaybeMoment; paused_by: Maybe<string>; pause_reason: Maybe<string> };
  process: { id: Generated<number>; pool_id: string; host: string; pid: number; started_at: Created; stopped_at: MaybeMoment };
  slot: { schedule: string; slot_at: Date; process_id: number; created_at: Created };
  member: { platform_id: string; person: string; role: Maybe<string>; added_by: string; created_at: Created };
  access_token: {
    id: Generated<number>;
    platform_id: string;
    token_hash: string;
    created_by: string;
    created_at: Created;
    revoked_at: MaybeMoment;
  };
  practice_far_side: { id: number; url: Maybe<string>; api_key: string; webhook_secret: string };
  goal: {
    id: Generated<number>;
    mode: Mode;
    title: string;
    request: string;
    means: 'market' | 'other';
    metric: Maybe<'revenue' | 'profit' | 'document'>;
    target_micros: Maybe<bigint>;
    budget_micros: Money;
    deadline: MaybeMoment;
    status: GoalStatus;
    question: Maybe<string>;
    notes: Jsonb<{ by: string; text: string; at: string }[]>;
    given_by: string;
    given_by_person: string;
    may_start_alone: Generated<boolean>;
    tainted: Generated<boolean>;
    stop_reason: Maybe<string>;
    attempt: Generated<number>;
    created_at: Created;
    updated_at: Moment;
    ended_at: MaybeMoment;
  };
  plan: {
    id: Generated<number>;
    goal_id: number;
    revision: number;
    status: 'proposed' | 'approved' | 'rejected' | 'superseded';
    summary: string;
    success_measure: string;
    tasks: AnyJson;
    model: string;
    created_at: Created;
  };
  task: {
    id: Generated<number>;
    mode: Mode;
    goal_id: number;
    plan_id: number;
    key: string;
    kind: string;
    title: string;
    why: string;
    agent: Generated<string>;
    priority: number;
    status: TaskStatus;
    expected_cost_micros: bigint;
    expected_evidence: string;
    risk_score: number;
    risk_level: string;
    attempt: Generated<number>;
    max_attempts: Generated<number>;
    ready_at: Moment;
    rank_at: ColumnType<Date, never, never>;
    wait_for: Maybe<WaitFor>;
    wait_market_day: Maybe<number>;
    wait_call_id: Maybe<number>;
    wait_deadline: MaybeMoment;
    lease_owner: Maybe<number>;
    lease_until: MaybeMoment;
    fence: Generated<number>;
    cancel_requested: Generated<boolean>;
    patient_since: MaybeMoment;
    steps: Generated<number>;
    summary: Maybe<string>;
    error: Maybe<string>;
    stop_reason: Maybe<string>;
    created_at: Created;
    updated_at: Moment;
    started_at: MaybeMoment;
    ended_at: MaybeMoment;
    /** When a person last gave it a new life; refusals before that no longer bind it. */
    retried_at: MaybeMoment;
  };
  task_dependency: { task_id: number; depends_on: number };
  turn: {
    id: Generated<number>;
    goal_id: number;
    task_id: Maybe<number>;
    attempt: number;
    seq: number;
    text: string;
    model: string;
    input_tokens: Maybe<number>;
    output_tokens: Maybe<number>;
    stop_reason: Maybe<string>;
    created_at: Created;
  };
  approval: {
    id: Generated<number>;
    mode: Mode;
    kind: 'plan' | 'act';
    goal_id: number;
    task_id: Maybe<number>;
    plan_id: Maybe<number>;
    title: string;
    status: ApprovalStatus;
    asked_by: string;
    amount_micros: bigint;
    payee: Maybe<string>;
    risk_score: number;
    risk_level: RiskLevel;
    factors: Jsonb<FactorRow[]>;
    reversible: boolean;
    outward: boolean;
    story: Jsonb<{ label: string; text: string }[]>;
    request_hash: string;
    needed: number;
    type_amount: boolean;
    silence_approves_at: MaybeMoment;
    expires_at: Date;
    remind_at: MaybeMoment;
    reminders: Generated<number>;
    decided_at: MaybeMoment;
    decided_by: Maybe<string>;
    reason: Maybe<string>;
    approved_micros: Maybe<bigint>;
    created_at: Created;
  };
  approval_vote: { approval_id: number; person: string; platform_id: string; surface: string; created_at: Created };
  standing_grant: {
    id: Generated<number>;
    mode: Mode;
    tool: string;
    tool_hash: string;
    payee: Maybe<string>;
    each_micros: bigint;
    total_micros: bigint;
    uses: number;
    used: Generated<number>;
    used_micros: Money;
    expires_at: Date;
    created_by: string;
    created_at: Created;
    revoked_at: MaybeMoment;
    revoked_by: Maybe<string>;
  };
  tool_call: {
    id: Generated<number>;
    mode: Mode;
    goal_id: number;
    task_id: number;
    turn_id: number;
    call_ref: string;
    attempt: number;
    tool: string;
    tool_version: string;
    act: string;
    touches: string;
    arguments: AnyJson;
    request_hash: Maybe<string>;
    amount_micros: Money;
    payee: Maybe<string>;
    effect: Maybe<string>;
    tainted: boolean;
    risk_score: number;
    risk_level: RiskLevel;
    factors: Jsonb<FactorRow[]>;
    status: CallStatus;
    idempotency_key: string;
    approval_id: Maybe<number>;
    grant_id: Maybe<number>;
    fence: Maybe<number>;
    output: MaybeJson;
    error: Maybe<string>;
    receipt: Maybe<string>;
    spent_micros: Maybe<bigint>;
    created_at: Created;
    started_at: MaybeMoment;
    ended_at: MaybeMoment;
  };
  evidence: {
    id: Generated<number>;
    task_id: number;
    tool_call_id: number;
    kind: string;
    source: string;
    sha256: string;
    created_at: Created;
  };
  document: { id: Generated<number>; mode: Mode; goal_id: number; task_id: number; title: string; created_at: Created };
  document_version: {
    id: Generated<number>;
    document_id: number;
    version: number;
    body: string;
    sha256: string;
    figures: AnyJson;
    tool_call_id: number;
    created_at: Created;
  };
  launch: {
    id: Generated<number>;
    mode: Mode;
    goal_id: number;
    task_id: number;
    tool_call_id: number;
    external_id: string;
    offer_id: string;
    name: string;
    budget_micros: bigint;
    days: number;
    started_day: number;
    status: 'running' | 'ended' | 'stopped';
    created_at: Created;
  };
  metric_point: { launch_id: number; day: number; name: string; value: number; tool_call_id: number; created_at: Created };
  spend_gate: { mode: Mode; market_day: Generated<number> };
  cap_setting: { mode: Mode; period: CapPeriod; limit_micros: bigint; set_by: string; created_at: Created };
  cap_warning: {
    mode: Mode;
    cap: CapPeriod | 'goal' | 'task';
    period: string;
    goal_id: Maybe<number>;
    task_id: Maybe<number>;
    used_micros: bigint;
    limit_micros: bigint;
    created_at: Created;
    told_at: MaybeMoment;
  };
  reservation: {
    id: Generated<number>;
    mode: Mode;
    kind: 'model' | 'act';
    goal_id: Maybe<number>;
    task_id: Maybe<number>;
    tool_call_id: Maybe<number>;
    status: 'held' | 'sent' | 'settled' | 'released';
    amount_micros: bigint;
    counted_micros: bigint;
    market_day: Maybe<number>;
    created_at: Created;
    sent_at: MaybeMoment;
    settled_at: MaybeMoment;
    expires_at: Date;
  };
  journal: {
    id: Generated<number>;
    mode: Mode;
    source: string;
    external_id: string;
    kind: string;
    memo: string;
    occurred_at: Date;
    created_at: Created;
    goal_id: Maybe<number>;
    task_id: Maybe<number>;
    tool_call_id: Maybe<number>;
    launch_id: Maybe<number>;
    agent: Maybe<string>;
    tool: Maybe<string>;
    model: Maybe<string>;
    customer: Maybe<string>;
    assumed: Generated<boolean>;
    market_day: Maybe<number>;
  };
  posting: { id: Generated<number>; journal_id: number; account: string; amount_micros: bigint; currency: string };
  book_zone: { id: number; zone: string };
  ledger_day: {
    mode: Mode;
    day: string;
    goal_id: number;
    launch_id: number;
    agent: string;
    tool: string;
    model: string;
    currency: string;
    account: string;
    amount_micros: bigint;
    postings: number;
    journals: number;
    assumed: number;
  };
  payment_event: {
    id: Generated<number>;
    source: string;
    event_id: string;
    mode: Mode;
    type: string;
    body: AnyJson;
    received_at: Created;
    booked_at: MaybeMoment;
    error: Maybe<string>;
  };
  message: {
    id: Generated<number>;
    channel: Channel;
    goal_id: Maybe<number>;
    key: Maybe<string>;
    card: AnyJson;
    console_only: Generated<boolean>;
    version: Generated<number>;
    change: Generated<number>;
    created_at: Created;
    edited_at: MaybeMoment;
    /** The newest version whose deliveries to chat platforms are rows; see flows/deliver-messages. */
    routed_version: Generated<number>;
  };
  chat_platform: { platform: Platform; since: Created };
  chat_place: {
    platform: Platform;
    place: string;
    next_post_at: Generated<Date>;
    unreachable_since: MaybeMoment;
    why: Maybe<string>;
  };
  goal_thread: {
    goal_id: number;
    platform: Platform;
    place: string;
    thread: Maybe<string>;
    created_at: Created;
  };
  delivery: {
    id: Generated<number>;
    message_id: number;
    platform: Platform;
    /** A channel id, or `dm:` and a user id. */
    place: string;
    /** Whether it lies in its goal's thread (at the top of the channel otherwise, or as the message the thread hangs on). */
    threaded: boolean;
    /** The newest version of the message there is, and the one the platform shows. */
    wanted_version: number;
    sent_version: Generated<number>;
    /** Which posting of it this is: a deleted card is posted again under another mark. */
    copy: Generated<number>;
    remote_id: Maybe<string>;
    /** The place and thread it was really posted to. */
    remote_place: Maybe<string>;
    remote_thread: Maybe<string>;
    status: Generated<'open' | 'lost'>;
    attempt: Generated<number>;
    next_at: Generated<Date>;
    leased_until: MaybeMoment;
    first_tried_at: MaybeMoment;
    trouble: Maybe<string>;
    created_at: Created;
  };
  heard: { platform: Platform; key: string; at: Created };
  audit: {
    id: Generated<number>;
    at: Created;
    mode: Mode;
    actor: string;
    action: string;
    subject_kind: string;
    subject_id: Maybe<number>;
    detail: AnyJson;
  };
  audit_unsealed: { audit_id: number };
  audit_seal: { seq: number; audit_id: number; hash: string; sealed_at: Created };
}
