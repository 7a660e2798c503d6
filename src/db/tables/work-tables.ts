// Goals, plans, tasks, turns, tool calls and what they leave behind.
import type { ColumnType, Generated } from 'kysely';
import type { AnyJson, Created, Jsonb, Maybe, MaybeJson, MaybeMoment, Mode, Moment, Money } from './columns.ts';
import type { CallStatus, FactorRow, Feasibility, GoalStatus, RiskLevel, TaskPolicy, TaskStatus, WaitFor } from './states.ts';

export interface WorkTables {
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
    /** It spent without getting anywhere, and waits for a person's go. */
    held_at: MaybeMoment;
    hold_reason: Maybe<string>;
    go_ahead_at: MaybeMoment;
    /** What is tried under the standing budget belongs to it; it never ends. */
    standing: Generated<boolean>;
    /** What was judged of its plan, for its card; the decision log has the whole of it. */
    feasibility: ColumnType<Feasibility | null, string | null | undefined, string | null | undefined>;
    /** Planning goes on then. */
    deferred_until: MaybeMoment;
    /** Since when planning waits for others: that is no attempt. */
    patient_since: MaybeMoment;
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
    wait_for: Maybe<WaitFor | 'go_ahead'>;
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
    /** Its turns are written by code; what that code was given. */
    policy: Maybe<TaskPolicy>;
    policy_input: MaybeJson;
    experiment_id: Maybe<number>;
    /** Why its last run broke off, until it goes on. */
    failure_kind: Maybe<string>;
    /** The task that does later what this one was skipped for. */
    followed_by: Maybe<number>;
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
}
