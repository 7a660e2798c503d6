// Money as people read it: profit and loss, caps and what is left of them.
import { formatUsd, type Micros } from '../../core/money.ts';
import { type CapLimits, isNearCap } from '../../domain/money/caps.ts';
import type { ProfitAndLoss } from '../../domain/money/ledger-store.ts';
import { profitOf } from '../../domain/money/profit.ts';
import type { CapUse } from '../../domain/money/reservation-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import type { Card } from '../card.ts';
import { escapeMarkdown } from '../escape.ts';

export function profitAndLossCard(facts: {
  mode: Mode;
  own: ProfitAndLoss;
  live: ProfitAndLoss | null;
  goalId: number | null;
  unpriced: readonly string[];
}): Card {
  const { own } = facts;
  const profit = profitOf(own);
  const liveCost = facts.live === null ? 0n : facts.live.modelCostMicros + facts.live.toolCostMicros;
  return {
    title: `${facts.goalId === null ? 'Revenue' : `Revenue of goal ${facts.goalId}`} (${facts.mode})`,
    tone: profit > 0n ? 'good' : profit < 0n ? 'bad' : 'muted',
    text: [
      own.journals === 0
        ? `**$0.00: nothing has been earned or spent in ${facts.mode} mode.**`
        : `**${profit < 0n ? 'Loss' : 'Profit'}: ${formatUsd(profit)}**, from ${own.journals} journals.`,
      own.assumed > 0 ? assumedWords(own.assumed, facts.unpriced) : '',
      facts.live !== null && facts.live.journals > 0
        ? `Live money, kept apart: model and tool calls cost ${formatUsd(liveCost)}.${facts.live.assumed > 0 ? ` ${assumedWords(facts.live.assumed, facts.unpriced)}` : ''}`
        : '',
      `[Every posting](/ledger?mode=${facts.mode}${facts.goalId === null ? '' : `&goal=${facts.goalId}`})`,
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    fields: [
      { label: 'Revenue', value: formatUsd(own.revenueMicros) },
      { label: 'Refunds', value: formatUsd(-own.refundsMicros) },
      { label: 'Fees', value: formatUsd(-own.feesMicros) },
      { label: 'Offer spend', value: formatUsd(-own.offerSpendMicros) },
      { label: 'Model cost', value: formatUsd(-own.modelCostMicros) },
      { label: 'Tool cost', value: formatUsd(-own.toolCostMicros) },
      { label: profit < 0n ? 'Loss' : 'Profit', value: formatUsd(profit) },
    ],
  };
}

/** Assumed figures stay in the books; the line to add makes the next ones exact. */
function assumedWords(count: number, unpriced: readonly string[]): string {
  const line = unpriced.map((model) => `"${model}":{"input":…,"output":…}`).join(',');
  const add = unpriced.length === 0 ? '' : ` Add to prices in JUG_MODELS, in dollars per million tokens: ${escapeMarkdown(line, 500)}`;
  return `**${count} model call${count === 1 ? ' is' : 's are'} booked at an assumed amount.**${add}`;
}

export interface BudgetFacts {
  caps: { mode: Mode; limits: Omit<CapLimits, 'goalMicros' | 'taskMicros'>; use: CapUse }[];
}

export function budgetCard(facts: BudgetFacts): Card {
  const rows = facts.caps.flatMap(({ mode, limits, use }) => [
    ...row(mode, 'hour', use.hourMicros, limits.hourMicros),
    ...row(mode, 'day', use.dayMicros, limits.dayMicros),
    ...row(mode, 'month', use.monthMicros, limits.monthMicros),
    ...row(mode, 'market day', use.marketDayMicros, limits.marketDayMicros),
  ]);
  const open = facts.caps.map(({ mode, use }) => `${mode} ${formatUsd(use.openMicros)}`).join(', ');
  const tight = rows.some((cells) => cells[5] !== '');
  return {
    title: 'Budgets and caps',
    tone: tight ? 'bad' : 'info',
    text: `Windows slide by wall clock; nothing resets on restart. Still reserved: ${open}. An owner lowers a cap, or restores it up to its ceiling, with: budget cap:day limit:20`,
    table: { columns: ['Money', 'Cap', 'Limit', 'Used or reserved', 'Left', ''], rows },
  };
}

function row(mode: Mode, name: string, used: Micros, limit: Micros | null): string[][] {
  if (limit === null) return [];
  const left = limit > used ? limit - used : 0n;
  return [
    [mode, name, formatUsd(limit), formatUsd(used), formatUsd(left), left === 0n ? 'reached' : isNearCap(used, limit) ? '80 % used' : ''],
  ];
}
