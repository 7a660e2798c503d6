// The practice market's last day and the days before it: practice money, for the console only.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { Committed } from '../../domain/money/cap-store.ts';
import type { ProfitAndLoss } from '../../domain/money/ledger-store.ts';
import { profitOf } from '../../domain/money/profit.ts';
import type { Card } from '../card.ts';
import { dollars, resultWords } from './digest-card.ts';

export interface MarketDayFacts {
  day: number;
  /** Oldest first; the last one is `day`. */
  days: { day: number; sums: ProfitAndLoss }[];
  committed: Committed;
}

export function marketDayCard({ day, days, committed }: MarketDayFacts): Card {
  const last = days.at(-1)?.sums;
  if (last === undefined) throw new RangeError('a report needs its day');
  const total = (of: (sums: ProfitAndLoss) => Micros): Micros => days.reduce((sum, one) => sum + of(one.sums), 0n);
  const profit = total(profitOf);
  const span = `Last ${days.length} market days`;
  const row = (label: string, of: (sums: ProfitAndLoss) => Micros): string[] => [label, formatUsd(of(last)), formatUsd(total(of))];
  return {
    title: `Market day ${day} (practice)`,
    tone: profit > 0n ? 'good' : profit < 0n ? 'bad' : 'muted',
    text: `${resultWords(last, `on market day ${day}`, 'practice')}\n\n${committed.launches} launches run, prepaid with ${formatUsd(committed.launchedMicros)}.`,
    table: {
      columns: ['', `Day ${day}`, span],
      rows: [
        row('Revenue', (sums) => sums.revenueMicros),
        row('Refunds', (sums) => -sums.refundsMicros),
        row('Fees', (sums) => -sums.feesMicros),
        row('Offer spend', (sums) => -sums.offerSpendMicros),
        row('Profit or loss', profitOf),
      ],
    },
    chart: {
      kind: 'line',
      title: 'Revenue and profit per market day, practice USD',
      series: [
        { name: 'Revenue', points: days.map((one) => ({ x: `day ${one.day}`, y: dollars(one.sums.revenueMicros) })) },
        { name: 'Profit', points: days.map((one) => ({ x: `day ${one.day}`, y: dollars(profitOf(one.sums)) })) },
      ],
    },
  };
}
