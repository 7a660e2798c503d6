// Caps, reservations, the ledger and payment events.
import type { Generated } from 'kysely';
import type { AnyJson, Created, Maybe, MaybeMoment, Mode } from './columns.ts';
import type { BudgetScope, CapPeriod } from './states.ts';

export interface MoneyTables {
  spend_gate: { mode: Mode; market_day: Generated<number> };
  cap_setting: { mode: Mode; period: CapPeriod; limit_micros: bigint; set_by: string; created_at: Created };
  cap_warning: {
    mode: Mode;
    cap: CapPeriod | 'goal' | 'task' | BudgetScope;
    period: string;
    name: Generated<string>;
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
    conversation_id: Maybe<number>;
    created_at: Created;
    sent_at: MaybeMoment;
    settled_at: MaybeMoment;
    expires_at: Date;
    agent: Maybe<string>;
    tool: Maybe<string>;
    model: Maybe<string>;
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
    conversation_id: Maybe<number>;
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
}
