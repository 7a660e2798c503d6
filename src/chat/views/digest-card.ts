// The daily digest: what yesterday, today so far and the month came to, and what needs somebody. $0 is said, a loss as plainly as a gain.
import { firstOfMonth } from '../../core/calendar.ts';
import { formatUsd, type Micros } from '../../core/money.ts';
import type { Head } from '../../domain/audit/audit-store.ts';
import type { BudgetUse } from '../../domain/money/budget-store.ts';
import type { Burn } from '../../domain/money/burn.ts';
import type { CapUse, Committed } from '../../domain/money/cap-store.ts';
import { type CapLimits, isNearCap } from '../../domain/money/caps.ts';
import type { ProfitAndLoss } from '../../domain/money/ledger-store.ts';
import { profitOf } from '../../domain/money/profit.ts';
import type { Reconciliation } from '../../domain/money/reconciliation-store.ts';
import type { PromiseCount } from '../../domain/promises/promise-store.ts';
import type { Attention } from '../../domain/tasks/status-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import type { Button, Card } from '../card.ts';
import { plainLine } from '../escape.ts';
import { burnFields } from './burn-words.ts';
import { limitName } from './cap-card.ts';
import { type ExperimentFigures, experimentWords } from './experiment-words.ts';
import { type Outlook, outlookWords } from './forecast-card.ts';
import { isPromiseOverdue, promiseLine } from './promise-words.ts';
import { reconcileWords } from './reconcile-words.ts';
import { ledgerPath } from './revenue-card.ts';

interface Money {
  yesterday: ProfitAndLoss;
  today: ProfitAndLoss;
  month: ProfitAndLoss;
  chart: { day: string; sums: ProfitAndLoss }[];
}

export interface DigestFacts {
  experiments: ExperimentFigures;
  mode: Mode;
  today: string;
  yesterday: string;
  own: Money;
  /** Beside practice money: real money, in lines of its own. */
  live: Money | null;
  committed: Committed;
  caps: { limits: Omit<CapLimits, 'goalMicros' | 'taskMicros'>; use: CapUse };
  budgets: readonly BudgetUse[];
  burn: Burn;
  attention: Attention;
  missed: { name: string; at: Date }[];
  audit: { head: Head | null; unsealed: number };
  marketDay: number | null;
  promises: readonly PromiseCount[];
  forecast: Outlook;
  /** The last comparison with the payment provider's books; null when there was none yet. */
  reconciled: Reconciliation | null | 'off';
}

export function digestCard(facts: DigestFacts): Card {
  const { own, mode, attention } = facts;
  const profit = profitOf(own.yesterday) + profitOf(own.today);
  const buttons: Button[] = [
    { label: 'Revenue', command: 'revenue', args: { from: facts.yesterday, to: facts.yesterday }, style: 'plain' },
    ...(attention.waiting > 0
      ? [{ label: `${attention.waiting} waiting`, command: 'approvals', args: {}, style: 'primary' as const }]
      : []),
  ];
  return {
    title: `Daily digest, ${facts.today} (${mode})`,
    tone: needsSomebody(facts) || profit < 0n ? 'bad' : profit > 0n ? 'good' : 'muted',
    text: digestText(facts),
    fields: digestFields(facts),
    table: { columns: ['', 'Yesterday', 'Today so far', `${facts.yesterday.slice(0, 7)} to yesterday`, 'Rows'], rows: moneyRows(facts) },
    chart: {
      kind: 'line',
      title: `Revenue and profit per day, USD, ${mode} (the last day so far)`,
      series: [
        { name: 'Revenue', points: own.chart.map(({ day, sums }) => ({ x: day, y: dollars(sums.revenueMicros) })) },
        { name: 'Profit', points: own.chart.map(({ day, sums }) => ({ x: day, y: dollars(profitOf(sums)) })) },
      ],
    },
    buttons,
  };
}

/** For a chart only: a number, to the cent. */
export const dollars = (micros: Micros): number => Math.round(Number(micros) / 10_000) / 100;

const needsSomebody = ({ attention, missed, promises, mode }: DigestFacts): boolean =>
  isPromiseOverdue(promises, mode) || attention.dead > 0 || attention.expired > 0 || attention.unknownCalls > 0 || missed.length > 0;

/** `**Loss yesterday: -$3.00.**`, or that there was nothing. */
export function resultWords(sums: ProfitAndLoss, when: string, mode: Mode): string {
  const profit = profitOf(sums);
  if (sums.journals === 0) return `**$0.00 ${when}: nothing was earned or spent in ${mode} mode.**`;
  const word = profit < 0n ? 'Loss' : profit > 0n ? 'Profit' : 'Neither profit nor loss';
  return `**${word} ${when}: ${formatUsd(profit)}**, revenue ${formatUsd(sums.revenueMicros)}, ${mode} money.`;
}

function digestText({ mode, own, live, marketDay, yesterday, experiments }: DigestFacts): string {
  const lines = [
    resultWords(own.yesterday, `yesterday (${yesterday})`, mode),
    own.today.journals === 0 ? '' : resultWords(own.today, 'today so far', mode),
    marketDay === null ? '' : `The practice market has ended its day ${marketDay}.`,
    experimentWords(experiments),
  ];
  if (live !== null) {
    const spent = live.yesterday.journals + live.month.journals + live.today.journals;
    lines.push(
      spent === 0
        ? 'Live money, kept apart: $0.00; nothing real was earned or spent this month.'
        : `Live money, kept apart: ${[live.yesterday, live.today, live.month].map((sums, at) => `${['yesterday', 'today so far', 'the month to yesterday'][at]} ${formatUsd(profitOf(sums))}`).join(', ')}.`,
    );
  }
  return lines.filter((line) => line !== '').join('\n\n');
}

function moneyRows({ mode, today: last, yesterday: day, own }: DigestFacts): string[][] {
  const { yesterday, today, month } = own;
  const row = (label: string, of: (sums: ProfitAndLoss) => Micros, account?: string): string[] => [
    label,
    ...[yesterday, today, month].map((sums) => formatUsd(of(sums))),
    `[postings](${ledgerPath({ mode, from: firstOfMonth(day), to: last }, account)})`,
  ];
  return [
    row('Revenue', (sums) => sums.revenueMicros, 'revenue'),
    row('Refunds', (sums) => -sums.refundsMicros, 'refunds'),
    ...([yesterday, today, month].some((sums) => sums.disputesMicros !== 0n)
      ? [row('Disputes', (sums) => -sums.disputesMicros, 'disputes')]
      : []),
    row('Fees', (sums) => -sums.feesMicros, 'fees'),
    row('Offer spend', (sums) => -sums.offerSpendMicros, 'offer_spend'),
    row('Model cost', (sums) => -sums.modelCostMicros, 'model_cost'),
    row('Tool cost', (sums) => -sums.toolCostMicros, 'tool_cost'),
    row('Outside expenses', (sums) => -sums.expenseMicros, 'expense'),
    row('Profit or loss', profitOf),
  ];
}

function capWords({ limits, use }: DigestFacts['caps']): string {
  const caps: [string, Micros, Micros | null][] = [
    ['hour', use.hourMicros, limits.hourMicros],
    ['day', use.dayMicros, limits.dayMicros],
    ['month', use.monthMicros, limits.monthMicros],
    ['market day', use.marketDayMicros, limits.marketDayMicros],
  ];
  return caps.flatMap(([name, used, limit]) => (limit === null ? [] : [`${name} ${formatUsd(used)} of ${formatUsd(limit)}`])).join(', ');
}

const budgetWords = (budgets: readonly BudgetUse[]): string =>
  budgets.length === 0
    ? 'none is set'
    : budgets
        .map(({ scope, name, usedMicros, limitMicros }) => {
          const state = usedMicros >= limitMicros ? ' (reached)' : isNearCap(usedMicros, limitMicros) ? ' (80 % used)' : '';
          return `${plainLine(limitName(scope, name), 80)} ${formatUsd(usedMicros)} of ${formatUsd(limitMicros)}${state}`;
        })
        .join(', ');

function digestFields(facts: DigestFacts): NonNullable<Card['fields']> {
  const { committed, attention, missed, audit } = facts;
  return [
    {
      label: 'Cash committed',
      value: `reserved ${formatUsd(committed.reservedMicros)}; ${committed.launches} running launches, prepaid with ${formatUsd(committed.launchedMicros)}`,
    },
    { label: 'Caps used', value: capWords(facts.caps) },
    { label: 'Budgets used', value: budgetWords(facts.budgets) },
    ...burnFields(facts.burn),
    { label: 'Approvals', value: `${attention.waiting} waiting, ${attention.expired} expired in the last two days` },
    { label: 'Promises to customers', value: promiseLine(facts.promises, facts.mode) },
    { label: 'Dead tasks', value: String(attention.dead) },
    ...(attention.unknownCalls > 0 ? [{ label: 'Calls in doubt', value: String(attention.unknownCalls) }] : []),
    {
      label: 'Missed schedules',
      value: missed.length === 0 ? 'none' : missed.map(({ name, at }) => `${name} ${at.toISOString()}`).join(', '),
    },
    ...(facts.reconciled === 'off' ? [] : [{ label: 'Payment provider against the books', value: reconcileWords(facts.reconciled) }]),
    { label: 'Forecast', value: outlookWords(facts.forecast) },
    { label: 'Audit head', value: audit.head === null ? 'nothing sealed yet' : `${audit.head.seq}:${audit.head.hash}` },
    { label: 'Waiting for a seal', value: `${audit.unsealed} rows` },
  ];
}
