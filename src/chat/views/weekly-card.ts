// The weekly report: what the week came to and which decisions lie with people. $0 is said, a loss as plainly as a gain.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { Approval } from '../../domain/approvals/approval-store.ts';
import type { BudgetUse } from '../../domain/money/budget-store.ts';
import type { Burn } from '../../domain/money/burn.ts';
import { isNearCap } from '../../domain/money/caps.ts';
import type { ProfitAndLoss } from '../../domain/money/ledger-store.ts';
import { costOfSales, marginsOf, netRevenueOf, profitOf } from '../../domain/money/profit.ts';
import type { Attention } from '../../domain/tasks/status-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import type { Button, Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';
import { burnFields } from './burn-words.ts';
import { limitName } from './cap-card.ts';
import { dollars, resultWords } from './digest-card.ts';
import { type ExperimentFigures, experimentWords } from './experiment-words.ts';
import { type Outlook, outlookWords } from './forecast-card.ts';
import { ledgerPath } from './revenue-card.ts';

const MOST_GOALS = 5;
const MOST_REQUESTS = 10;

export interface WeeklyFacts {
  mode: Mode;
  /** Monday and Sunday. */
  from: string;
  to: string;
  own: { week: ProfitAndLoss; before: ProfitAndLoss; days: { day: string; sums: ProfitAndLoss }[] };
  /** Beside practice money: real money. */
  live: ProfitAndLoss | null;
  goals: ReadonlyMap<string, ProfitAndLoss>;
  burn: Burn;
  forecast: Outlook;
  waiting: readonly Approval[];
  held: readonly { id: number; title: string; hold_reason: string | null }[];
  attention: Attention;
  budgets: readonly BudgetUse[];
  experiments: ExperimentFigures;
}

export function weeklyCard(facts: WeeklyFacts): Card {
  const { mode, from, to, own, waiting } = facts;
  const decisions = decisionLines(facts);
  const profit = profitOf(own.week);
  const buttons: Button[] = [
    { label: 'Revenue of the week', command: 'revenue', args: { from, to, by: 'goal' }, style: 'plain' },
    ...(waiting.length > 0 ? [{ label: `${waiting.length} waiting`, command: 'approvals', args: {}, style: 'primary' as const }] : []),
  ];
  return {
    title: `Week of ${from} to ${to} (${mode})`,
    tone: decisions.length > 0 ? 'ask' : profit > 0n ? 'good' : profit < 0n ? 'bad' : 'muted',
    text: [
      resultWords(own.week, 'in the week', mode),
      liveWords(facts.live),
      experimentWords(facts.experiments),
      decisions.length === 0
        ? '**No decision is needed.**'
        : `**${decisions.length === 1 ? 'A decision is' : `${decisions.length} decisions are`} needed:**\n${decisions.map((line) => `- ${line}`).join('\n')}`,
      goalLines(facts),
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    fields: [
      ...burnFields(facts.burn),
      { label: 'ROI of the week', value: shareWords(marginsOf(own.week).roi) },
      { label: 'Forecast', value: outlookWords(facts.forecast) },
      { label: 'Expired requests', value: `${facts.attention.expired} in the week` },
    ],
    table: { columns: ['', 'This week', 'Week before', 'Rows'], rows: moneyRows(facts) },
    chart: {
      kind: 'bar',
      title: `Profit or loss per day, USD, ${mode}, two weeks`,
      series: [{ name: 'Profit', points: own.days.map(({ day, sums }) => ({ x: day, y: dollars(profitOf(sums)) })) }],
    },
    buttons,
  };
}

const shareWords = (share: number | null): string => (share === null ? 'none: nothing was put in' : `${(share * 100).toFixed(1)} %`);

function liveWords(live: ProfitAndLoss | null): string {
  if (live === null) return '';
  if (live.journals === 0) return 'Live money, kept apart: $0.00; nothing real was earned or spent.';
  return `Live money, kept apart: ${formatUsd(profitOf(live))}, costs ${formatUsd(costOfSales(live))}.`;
}

function moneyRows({ mode, from, to, own }: WeeklyFacts): string[][] {
  const row = (label: string, of: (sums: ProfitAndLoss) => Micros, account?: string): string[] => [
    label,
    formatUsd(of(own.week)),
    formatUsd(of(own.before)),
    `[postings](${ledgerPath({ mode, from, to }, account)})`,
  ];
  return [
    row('Revenue', (sums) => sums.revenueMicros, 'revenue'),
    row('Refunds', (sums) => -sums.refundsMicros, 'refunds'),
    row('Fees', (sums) => -sums.feesMicros, 'fees'),
    row('Offer spend', (sums) => -sums.offerSpendMicros, 'offer_spend'),
    row('Model cost', (sums) => -sums.modelCostMicros, 'model_cost'),
    row('Tool cost', (sums) => -sums.toolCostMicros, 'tool_cost'),
    row('Outside expenses', (sums) => -sums.expenseMicros, 'expense'),
    row('Profit or loss', profitOf),
  ];
}

/** What somebody has to decide, most pressing first. */
function decisionLines({ waiting, held, attention, budgets }: WeeklyFacts): string[] {
  const more = waiting.length - MOST_REQUESTS;
  return [
    ...held.map((goal) => `Goal ${goal.id} is held (${escapeMarkdown(goal.hold_reason ?? '', 200)}): continue or cancel it`),
    ...waiting
      .slice(0, MOST_REQUESTS)
      .map(
        (one) =>
          `Request ${one.id}: ${escapeMarkdown(plainLine(one.title, 120))}, ${formatUsd(one.amount_micros)}, until ${one.expires_at.toISOString().slice(0, 16)}Z`,
      ),
    ...(more > 0 ? [`${more} more requests wait`] : []),
    ...(attention.unknownCalls > 0 ? [`${attention.unknownCalls} calls are in doubt: look at the far side`] : []),
    ...(attention.dead > 0 ? [`${attention.dead} tasks are dead: retry them or cancel their goals`] : []),
    ...budgets
      .filter(({ usedMicros, limitMicros }) => isNearCap(usedMicros, limitMicros))
      .map(
        (one) =>
          `The ${escapeMarkdown(limitName(one.scope, one.name), 100)} (${one.mode}) is at ${formatUsd(one.usedMicros)} of ${formatUsd(one.limitMicros)}: raise it or let it stop`,
      ),
  ];
}

function goalLines({ goals }: WeeklyFacts): string {
  const size = (sums: ProfitAndLoss): Micros => (profitOf(sums) < 0n ? -profitOf(sums) : profitOf(sums));
  const largest = [...goals].toSorted(([, a], [, b]) => (size(a) === size(b) ? 0 : size(a) < size(b) ? 1 : -1)).slice(0, MOST_GOALS);
  if (largest.length === 0) return '';
  const lines = largest.map(
    ([key, sums]) =>
      `- ${key === '' ? 'no goal' : `[goal ${key}](/goals/${key})`}: ${formatUsd(profitOf(sums))} (revenue, net, ${formatUsd(netRevenueOf(sums))})`,
  );
  return `**By goal:**\n${lines.join('\n')}`;
}
