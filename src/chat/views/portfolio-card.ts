// All experiments at a glance: what runs, what it was given, what it brought, and how earlier ones ended.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { Experiment } from '../../domain/experiments/experiment-store.ts';
import type { Ends } from '../../domain/experiments/history-store.ts';
import { placesOf } from '../../domain/experiments/portfolio.ts';
import type { Reading } from '../../domain/experiments/review-store.ts';
import type { StandingBudget } from '../../domain/opportunities/standing-budget.ts';
import type { Card } from '../card.ts';
import { plainLine } from '../escape.ts';
import { dollars } from './digest-card.ts';
import { stateWords } from './experiment-card.ts';

export interface PortfolioView {
  /** Newest first. */
  rows: readonly Experiment[];
  readings: readonly Reading[];
  ends: Ends;
  budget: StandingBudget;
}

interface Sums {
  visitors: number;
  spent: Micros;
  earned: Micros;
  today: Micros;
}

export function portfolioCard({ rows, readings, ends, budget }: PortfolioView): Card {
  const sums = new Map(rows.map((row) => [row.id, sumsOf(readings.filter((reading) => reading.experiment_id === row.id))]));
  const running = rows.filter(({ state }) => state === 'approved' || state === 'running').length;
  const started = rows.filter((row) => (sums.get(row.id)?.spent ?? 0n) > 0n).toReversed();
  const given =
    budget.amountMicros === 0n
      ? 'There is no standing budget: nothing new begins by itself. An owner sets one with /budget.'
      : `Standing budget: ${formatUsd(budget.amountMicros)} a ${budget.period}.`;
  return {
    title:
      rows.length === 0
        ? 'No experiments yet'
        : `${running} of ${placesOf(ends)} places run, ${ends.scale + ends.keep + ends.kill + ends.inconclusive} concluded`,
    tone: rows.length === 0 ? 'muted' : 'info',
    text: `${given} ${ends.profitable} of ${concluded(ends)} concluded ones were profitable: ${ends.scale} to scale, ${ends.keep} to keep, ${ends.kill} closed, ${ends.inconclusive} inconclusive; ${ends.cancelled} never ran or were stopped.`,
    ...(rows.length === 0
      ? {}
      : {
          table: {
            columns: ['Experiment', 'What', 'State', 'Visitors', 'Spent', 'Earned', 'Today'],
            rows: rows.map((row) => rowOf(row, sums.get(row.id))),
          },
        }),
    ...(started.length === 0
      ? {}
      : {
          chart: {
            kind: 'bar' as const,
            title: 'Spent and earned by experiment, USD',
            series: [
              { name: 'Spent', points: started.map((row) => ({ x: `#${row.id}`, y: dollars(sums.get(row.id)?.spent ?? 0n) })) },
              { name: 'Earned', points: started.map((row) => ({ x: `#${row.id}`, y: dollars(sums.get(row.id)?.earned ?? 0n) })) },
            ],
          },
        }),
    buttons: rows
      .filter(({ state }) => !['concluded', 'cancelled'].includes(state))
      .slice(0, 5)
      .map((row) => ({ label: `Show ${row.id}`, command: 'experiment', args: { id: row.id }, style: 'plain' as const })),
  };
}

const concluded = (ends: Ends): number => ends.scale + ends.keep + ends.kill + ends.inconclusive;

const sumsOf = (readings: readonly Reading[]): Sums =>
  readings.reduce(
    (sum, reading) => ({
      visitors: sum.visitors + reading.visitors,
      spent: sum.spent + reading.spend_micros,
      earned: sum.earned + reading.revenue_micros - reading.refunded_micros - reading.fees_micros,
      today: sum.today + reading.allocated_micros,
    }),
    { visitors: 0, spent: 0n, earned: 0n, today: 0n },
  );

const rowOf = (row: Experiment, sums: Sums | undefined): string[] => [
  String(row.id),
  plainLine(row.name, 60),
  stateWords(row),
  String(sums?.visitors ?? 0),
  formatUsd(sums?.spent ?? 0n),
  formatUsd(sums?.earned ?? 0n),
  row.state === 'running' ? formatUsd(sums?.today ?? 0n) : '',
];
