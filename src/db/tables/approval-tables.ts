// Requests, votes and standing grants.
import type { Generated } from 'kysely';
import type { Created, Jsonb, Maybe, MaybeJson, MaybeMoment, Mode, Money } from './columns.ts';
import type { ApprovalKind, ApprovalStatus, FactorRow, RiskLevel } from './states.ts';

export interface ApprovalTables {
  approval: {
    id: Generated<number>;
    mode: Mode;
    kind: ApprovalKind;
    /** Null for what a person asks people for: an expense, a budget. */
    goal_id: Maybe<number>;
    task_id: Maybe<number>;
    plan_id: Maybe<number>;
    /** The expense or the change of a budget that is asked for. */
    subject_id: Maybe<number>;
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
    /** A grant of an experiment holds while that may spend, for policy tasks of its goal. */
    experiment_id: Maybe<number>;
    goal_id: Maybe<number>;
    /** Covers only calls whose arguments have these. */
    arguments: MaybeJson;
  };
}
