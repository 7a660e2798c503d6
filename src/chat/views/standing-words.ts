// The standing budget in words: what may be tried without a goal and, where that is nothing, what to type.
import { formatUsd } from '../../core/money.ts';
import type { StandingBudget } from '../../domain/opportunities/standing-budget.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

/** As markdown. */
export function standingWords(standing: StandingBudget): string {
  if (standing.amountMicros > 0n)
    return `Standing budget: ${formatUsd(standing.amountMicros)} a ${standing.period}, ${standing.setBy === null ? 'as JUG_STANDING_BUDGET_USD says' : `set by ${escapeMarkdown(standing.setBy)}`}.`;
  return '**No standing budget**: without a goal nothing is looked for and nothing is tried. An owner sets one with `budget standing 100`.';
}

/** As one line of plain text. */
export function standingLine(standing: StandingBudget): string {
  if (standing.amountMicros === 0n)
    return 'none: without a goal nothing is looked for or tried; an owner sets one with: budget standing 100';
  const by = standing.setBy === null ? 'by JUG_STANDING_BUDGET_USD' : `by ${plainLine(standing.setBy, 60)}`;
  return `${formatUsd(standing.amountMicros)} a ${standing.period}, ${by}`;
}
