// The next 14 days as people read them: a range, never one number alone, and the naive forecast beside it.
import { formatUsd, type Micros } from '../../core/money.ts';
import { type Forecast, type ForecastDay, LEAST_DAYS } from '../../domain/money/forecast.ts';
import { HORIZON } from '../../domain/money/forecast-methods.ts';
import type { Runway } from '../../domain/money/runway.ts';
import type { Mode } from '../../domain/tools/tool.ts';
import type { Card } from '../card.ts';

export interface Outlook {
  mode: Mode;
  /** Days of history there are, market days in practice mode. */
  known: number;
  /** Names of the days ahead. */
  next: string[];
  /** Null while there is too little history. */
  revenue: Forecast | null;
  cost: Forecast | null;
  /** Offer spend, model and tool cost: what caps and budgets bound. */
  spend: Forecast | null;
}

/** What may still be spent, whose it is, and how long it lasts. */
export interface RunwayAhead {
  leftMicros: Micros;
  of: string;
  runway: Runway;
}

const unit = (mode: Mode): string => (mode === 'practice' ? 'market days' : 'days');
const money = (value: number): string => `$${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const range = ({ low, high }: { low: number; high: number }): string => `${money(low)} to ${money(high)}`;
const cents = (value: number): number => Math.round(value * 100) / 100;

const tooLittle = ({ known, mode }: Outlook): string => `too little history: ${known} ${unit(mode)} of the books, ${LEAST_DAYS} are needed`;

/** One line, for the digest. */
export function outlookWords(outlook: Outlook): string {
  const { revenue, cost, mode } = outlook;
  if (revenue === null || cost === null) return tooLittle(outlook);
  const side = (name: string, { total }: Forecast): string => `${name} ${money(total.value)} (80 %: ${range(total.within80)})`;
  return `next ${HORIZON} ${unit(mode)}: ${side('revenue', revenue)}, ${side('costs', cost)}`;
}

/** Beyond a year nobody plans by it. */
const LONGEST_DAYS = 365;

function runwayWords({ leftMicros, of, runway }: RunwayAhead, mode: Mode): string {
  const days = (value: number): string => (value > LONGEST_DAYS ? 'more than a year' : value.toFixed(0));
  const left = `${formatUsd(leftMicros)} left of ${of}`;
  if (leftMicros === 0n) return `none: ${left}`;
  if (runway.days > LONGEST_DAYS) return `more than ${LONGEST_DAYS} ${unit(mode)} at the spend expected, for ${left}`;
  return `${days(runway.days)} ${unit(mode)} at the spend expected (80 %: ${days(runway.low)} to ${days(runway.high)}), for ${left}`;
}

export function forecastCard(outlook: Outlook, ahead: RunwayAhead | null): Card {
  const { mode, revenue, cost, known, next } = outlook;
  const title = `Forecast, ${HORIZON} ${unit(mode)} (${mode})`;
  if (revenue === null || cost === null) return { title, tone: 'muted', text: `No forecast yet: ${tooLittle(outlook)}.` };
  const points = (of: (day: ForecastDay) => number) => revenue.days.map((day, step) => ({ x: next[step] ?? '', y: cents(of(day)) }));
  const naiveTotal = revenue.naive.reduce((total, value) => total + value, 0);
  return {
    title,
    tone: 'info',
    text: `From the last ${known} ${unit(mode)} of the books. Costs hold refunds, fees, spend, model and tool calls. A day's figure is the middle of what may come; the totals count rare large days too, and so are more than the sum of the middles where sales come in lumps. Naive: what the same weekday brought last.`,
    fields: [
      { label: `Revenue, ${HORIZON} ${unit(mode)}`, value: totalWords(revenue.total) },
      { label: `Costs, ${HORIZON} ${unit(mode)}`, value: totalWords(cost.total) },
      { label: 'Naive revenue', value: money(naiveTotal) },
      ...(ahead === null ? [] : [{ label: 'Runway', value: runwayWords(ahead, mode) }]),
    ],
    table: {
      columns: ['Day', 'Revenue', '80 %', '95 %', 'Naive', 'Costs', 'Costs 80 %', 'Costs 95 %'],
      rows: revenue.days.map((day, step) => {
        const costs = cost.days[step] ?? day;
        const naive = money(revenue.naive[step] ?? 0);
        return [
          next[step] ?? '',
          money(day.value),
          range(day.within80),
          range(day.within95),
          naive,
          money(costs.value),
          range(costs.within80),
          range(costs.within95),
        ];
      }),
    },
    chart: {
      kind: 'line',
      title: `Revenue ahead, USD, ${mode}`,
      series: [
        { name: 'Forecast', points: points((day) => day.value) },
        { name: '80 % from', points: points((day) => day.within80.low) },
        { name: '80 % to', points: points((day) => day.within80.high) },
        { name: 'Naive', points: revenue.naive.map((value, step) => ({ x: next[step] ?? '', y: cents(value) })) },
      ],
    },
  };
}

const totalWords = ({ value, within80, within95 }: ForecastDay): string =>
  `${money(value)}; 80 %: ${range(within80)}; 95 %: ${range(within95)}`;
