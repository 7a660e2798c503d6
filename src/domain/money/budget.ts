// Budgets: limits an owner sets on one agent, tool, model, goal or experiment, or on a whole calendar month. What loosens one, and how it is named. Pure.
import { hashOf } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { BudgetScope, CapPeriod } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';

export interface BudgetKey {
  mode: Mode;
  /** A budget's scope, the period of a cap, or what may be tried without a goal. */
  scope: BudgetScope | CapPeriod | 'standing';
  /** The agent, tool or model, or the number of the goal or experiment; empty for a whole month or a cap. */
  name: string;
}

export interface BudgetWish extends BudgetKey {
  /** Null takes the budget away. */
  limitMicros: Micros | null;
}

const SCOPES: readonly BudgetScope[] = ['calendar_month', 'goal_budget', 'experiment', 'agent', 'tool', 'model'];
export const isBudgetScope = (scope: string): scope is BudgetScope => SCOPES.some((known) => known === scope);

/** Whether more may be spent afterwards. Where there was no limit, any limit is less. */
export function loosens(beforeMicros: Micros | null, afterMicros: Micros | null): boolean {
  if (beforeMicros === null) return false;
  return afterMicros === null || afterMicros > beforeMicros;
}

/** Everything a second person's yes covers. */
export const budgetHash = ({ mode, scope, name, limitMicros }: BudgetWish): string =>
  hashOf({ kind: 'budget', mode, scope, name, limitMicros });
