// Caps as people read them, and what is left of them.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { BudgetUse } from '../../domain/money/budget-store.ts';
import type { CapUse } from '../../domain/money/cap-store.ts';
import { type CapLimits, isNearCap } from '../../domain/money/caps.ts';
import type { StandingBudget } from '../../domain/opportunities/standing-budget.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import type { Card } from '../card.ts';
import { plainLine } from '../escape.ts';
import { limitName } from './cap-card.ts';
import { standingWords } from './standing-words.ts';

export interface BudgetFacts {
  caps: { mode: Mode; limits: Omit<CapLimits, 'goalMicros' | 'taskMicros'>; use: CapUse; budgets: BudgetUse[] }[];
  /** What may be tried without a goal. */
  standing: StandingBudget;
  /** Model calls of the last 30 days whose cost nobody told: they count at an assumed amount. */
  assumed: { calls: number; micros: Micros };
}

export function budgetCard(facts: BudgetFacts): Card {
  const rows = facts.caps.flatMap(({ mode, limits, use, budgets }) => [
    ...row(mode, 'hour', use.hourMicros, limits.hourMicros),
    ...row(mode, 'day', use.dayMicros, limits.dayMicros),
    ...row(mode, 'month', use.monthMicros, limits.monthMicros),
    ...row(mode, 'market day', use.marketDayMicros, limits.marketDayMicros),
    ...budgets.flatMap((budget) => row(mode, plainLine(limitName(budget.scope, budget.name), 80), budget.usedMicros, budget.limitMicros)),
  ]);
  const open = facts.caps.map(({ mode, use }) => `${mode} ${formatUsd(use.openMicros)}`).join(', ');
  const tight = rows.some((cells) => cells[5] !== '');
  return {
    title: 'Budgets and caps',
    tone: tight ? 'bad' : 'info',
    text: `Windows of caps slide by wall clock, budgets hold for a calendar month or a goal's whole life; nothing resets on restart. Still reserved: ${open}. An owner lowers a cap, or restores it up to its ceiling, with: budget cap:day limit:20; and sets a budget with: budget agent:generalist limit:30${assumedNote(facts.assumed)}\n\n${standingWords(facts.standing)}`,
    table: { columns: ['Money', 'Cap', 'Limit', 'Used or reserved', 'Left', ''], rows },
  };
}

const assumedNote = ({ calls, micros }: BudgetFacts['assumed']): string =>
  calls === 0
    ? ''
    : `\n\n${formatUsd(micros)} of what is used is assumed, for ${calls} model call${calls === 1 ? '' : 's'} whose cost nobody told: no answer, no usage or no price.`;

function row(mode: Mode, name: string, used: Micros, limit: Micros | null): string[][] {
  if (limit === null) return [];
  const left = limit > used ? limit - used : 0n;
  return [
    [mode, name, formatUsd(limit), formatUsd(used), formatUsd(left), left === 0n ? 'reached' : isNearCap(used, limit) ? '80 % used' : ''],
  ];
}
