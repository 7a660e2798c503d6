// Experiments with their steps, variants, readings and daily decisions; lessons and who read them.
import type { Generated } from 'kysely';
import type { AnyJson, Created, Maybe, MaybeJson, MaybeMoment, Mode, Moment } from './columns.ts';
import type { ExperimentState, LessonDecision, LessonKind, RiskClass, Verdict } from './states.ts';

export interface ExperimentTables {
  experiment: {
    id: Generated<number>;
    mode: Mode;
    goal_id: number;
    opportunity_id: Maybe<number>;
    name: string;
    source: string;
    category: Generated<string>;
    channel: Generated<string>;
    risk_class: RiskClass;
    /** What was agreed before the start; `contract_hash` is its SHA-256, so that nobody edits it afterwards. */
    contract: AnyJson;
    contract_hash: string;
    max_loss_micros: bigint;
    /** What it may spend in all: the contract's maximum loss, and what people added since. */
    budget_micros: bigint;
    /** What was expected before the start, for the analysis after it. */
    expected: AnyJson;
    state: Generated<ExperimentState>;
    state_since: Moment;
    state_deadline: MaybeMoment;
    state_deadline_day: Maybe<number>;
    alerted_at: MaybeMoment;
    /** Nothing is spent on it until a person says go. */
    held_at: MaybeMoment;
    hold_reason: Maybe<string>;
    started_day: Maybe<number>;
    deadline_day: Maybe<number>;
    ended_day: Maybe<number>;
    verdict: Maybe<Verdict>;
    verdict_reason: Maybe<string>;
    verdict_detail: MaybeJson;
    created_by: string;
    created_at: Created;
    ended_at: MaybeMoment;
  };
  experiment_step: {
    id: Generated<number>;
    experiment_id: number;
    seq: number;
    from_state: Maybe<ExperimentState>;
    to_state: ExperimentState;
    event: string;
    reason: string;
    by_whom: string;
    day: Maybe<number>;
    at: Created;
  };
  experiment_variant: {
    id: Generated<number>;
    mode: Mode;
    experiment_id: number;
    name: string;
    price_micros: bigint;
    visitor_cost_micros: bigint;
    capacity_per_day: Maybe<number>;
    channel: Generated<string>;
    /** Where a market sells it. */
    offer_id: Maybe<string>;
    /** Where a page of ours sells it: /o/SLUG. */
    page_slug: Maybe<string>;
    /** Which letter of that page. */
    page_variant: Maybe<string>;
    status: Generated<'open' | 'stopped'>;
    created_at: Created;
  };
  experiment_reading: {
    variant_id: number;
    experiment_id: number;
    /** The day on whose morning this was known; counts are since the start. */
    day: number;
    visitors: number;
    orders: number;
    refunds: number;
    revenue_micros: bigint;
    refunded_micros: bigint;
    fees_micros: bigint;
    spend_micros: bigint;
    posterior: AnyJson;
    evidence: AnyJson;
    allocated_micros: bigint;
    created_at: Created;
  };
  experiment_review: { mode: Mode; day: number; task_id: number; decision: AnyJson; created_at: Created };
  lesson: {
    id: Generated<number>;
    mode: Mode;
    kind: LessonKind;
    /** category, channel, price band, source, or for a failure its assumption. */
    dimension: string;
    value: string;
    measure: string;
    effect: number;
    spread: number;
    /** How many experiments it rests on. */
    support: number;
    confidence: number;
    words: string;
    experiment_id: Maybe<number>;
    predicted: Generated<number>;
    missed: Generated<number>;
    created_at: Created;
    updated_at: Moment;
    retired_at: MaybeMoment;
    retired_reason: Maybe<string>;
  };
  lesson_use: {
    id: Generated<number>;
    lesson_id: number;
    decision: LessonDecision;
    subject_kind: string;
    subject_id: number;
    detail: string;
    created_at: Created;
  };
}
