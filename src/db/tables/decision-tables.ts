// Why something was chosen, and how outside services fare.
import type { Generated } from 'kysely';
import type { Created, Jsonb, Maybe, MaybeMoment, Mode, Moment } from './columns.ts';

export type DecisionKind = 'plan' | 'model' | 'risk' | 'route' | 'rule' | 'verdict' | 'feasibility' | 'allocation' | 'recovery';
export type ServiceState = 'closed' | 'open' | 'half_open';

export interface Alternative {
  choice: string;
  /** Why it was not taken. */
  why?: string;
}

export interface DecisionTables {
  decision: {
    id: Generated<number>;
    mode: Mode;
    kind: DecisionKind;
    subject_kind: string;
    subject_id: number;
    goal_id: Maybe<number>;
    actor: string;
    choice: string;
    alternatives: Jsonb<Alternative[]>;
    inputs: Jsonb<object>;
    confidence: Maybe<number>;
    reason: string;
    lessons: Jsonb<number[]>;
    created_at: Created;
  };
  service_health: {
    service: string;
    process_id: number;
    state: ServiceState;
    failures: number;
    why: Maybe<string>;
    since: Moment;
    next_try_at: MaybeMoment;
  };
}
