// Budgets and their changes, outside expenses, and what each customer brought by day.
import type { Generated } from 'kysely';
import type { Created, Maybe, Mode, Moment } from './columns.ts';
import type { BudgetScope, CapPeriod } from './states.ts';

export interface BudgetTables {
  budget: { mode: Mode; scope: BudgetScope; name: string; limit_micros: bigint; set_by: string; set_at: Moment };
  budget_change: {
    id: Generated<number>;
    mode: Mode;
    scope: BudgetScope | CapPeriod | 'standing';
    name: string;
    /** Null takes the budget away. */
    limit_micros: Maybe<bigint>;
    asked_by: string;
    created_at: Created;
  };
  expense: {
    id: Generated<number>;
    mode: Mode;
    amount_micros: bigint;
    payee: string;
    what: string;
    day: string;
    goal_id: Maybe<number>;
    receipt: string;
    receipt_sha256: string;
    reverses: Maybe<number>;
    asked_by: string;
    fingerprint: string;
    round: number;
    created_at: Created;
  };
  ledger_customer: {
    mode: Mode;
    day: string;
    customer: string;
    goal_id: number;
    launch_id: number;
    revenue_micros: bigint;
    refunds_micros: bigint;
    fees_micros: bigint;
    disputes_micros: bigint;
    journals: number;
  };
}
