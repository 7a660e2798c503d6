// Profit and loss of a slice of the books; every figure leads to its postings.
import { formatMoney } from '../../core/currency.ts';
import { formatUsd, type Micros, shareOut } from '../../core/money.ts';
import type { Burn } from '../../domain/money/burn.ts';
import type { ProfitAndLoss } from '../../domain/money/ledger-store.ts';
import { costOfSales, marginsOf, netRevenueOf, profitOf, toProfitAndLoss } from '../../domain/money/profit.ts';
import type { Dimension, Slice } from '../../domain/money/slice-store.ts';
import type { CustomerFacts } from '../../flows/read-customers.ts';
import type { Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';
import { burnFields } from './burn-words.ts';
import { cohortTable, customerFields } from './customers-part.ts';

export interface RevenueFacts {
  slice: Slice;
  sums: ProfitAndLoss;
  /** Live money beside practice money: told, never added. */
  live: ProfitAndLoss | null;
  by: Breakdown | null;
  /** Money in other currencies, in no sum. */
  foreign: readonly { currency: string; netMicros: Micros }[];
  /** Models without a stated price. */
  unpriced: readonly string[];
  /** Null where customers belong to no such slice. */
  customers: CustomerFacts | null;
  /** Whether the table is of customers who came back. */
  byCohort: boolean;
  /** Of the whole mode; null for a part of it. */
  burn: Burn | null;
}

export interface Breakdown {
  dimension: Dimension | 'customer';
  rows: ReadonlyMap<string, ProfitAndLoss>;
  /** How many rows there are, the ones left out counted too. */
  total: number;
}

const MOST_ROWS = 50;

/** The console's page with the postings of a slice, or of one account in it. */
export function ledgerPath(slice: Slice, account?: string): string {
  const { goalId, ...same } = slice;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...same, goal: goalId, account })) if (value !== undefined) search.set(name, String(value));
  return `/ledger?${search.toString().replaceAll('+', '%20')}`;
}

export function revenueCard(facts: RevenueFacts): Card {
  const { slice, sums, by, customers, byCohort } = facts;
  const profit = profitOf(sums);
  return {
    title: `Revenue${sliceWords(slice)} (${slice.mode})`,
    tone: profit > 0n ? 'good' : profit < 0n ? 'bad' : 'muted',
    text: revenueText(facts, profit),
    fields: [
      ...amountsOf(sums).map(([label, amount]) => ({ label, value: formatUsd(amount) })),
      ...shareFields(sums),
      ...(facts.burn === null ? [] : burnFields(facts.burn)),
      ...(customers === null ? [] : customerFields(customers)),
    ],
    table: byCohort && customers !== null ? cohortTable(customers) : by === null ? accountTable(slice, sums) : breakdownTable(slice, by),
  };
}

function revenueText({ slice, sums, live, by, foreign, unpriced }: RevenueFacts, profit: Micros): string {
  const hidden = by === null ? 0 : by.total - MOST_ROWS;
  return [
    sums.journals === 0
      ? `**$0.00: nothing has been earned or spent${slice.goalId === undefined && slice.from === undefined ? '' : ' here'} in ${slice.mode} mode.**`
      : `**${profit < 0n ? 'Loss' : 'Profit'}: ${formatUsd(profit)}**, from ${sums.journals} journals.`,
    sums.assumed > 0 ? assumedWords(sums.assumed, unpriced) : '',
    live === null || live.journals === 0 ? '' : liveWords(live, unpriced),
    foreign.length > 0
      ? `In other currencies, in no sum here, net of fees: ${foreign.map(({ currency, netMicros }) => formatMoney(netMicros, currency)).join(', ')}.`
      : '',
    hidden > 0 ? `The ${MOST_ROWS} largest of ${by?.total} rows are shown; narrow it down for the rest.` : '',
    by === null ? '' : sharedWords(by),
    `[Every posting](${ledgerPath(slice)})`,
  ]
    .filter((line) => line !== '')
    .join('\n\n');
}

/** Live money beside practice money: told, never added. */
function liveWords(live: ProfitAndLoss, unpriced: readonly string[]): string {
  const cost = formatUsd(live.modelCostMicros + live.toolCostMicros);
  return `Live money, kept apart: model and tool calls cost ${cost}.${live.assumed > 0 ? ` ${assumedWords(live.assumed, unpriced)}` : ''}`;
}

/** Assumed figures stay in the books; the line to add makes the next ones exact. */
function assumedWords(count: number, unpriced: readonly string[]): string {
  const line = unpriced.map((model) => `"${model}":{"input":…,"output":…}`).join(',');
  const add = unpriced.length === 0 ? '' : ` Add to prices in JUG_MODELS, in dollars per million tokens: ${escapeMarkdown(line, 500)}`;
  return `**${count} model call${count === 1 ? ' is' : 's are'} booked at an assumed amount.**${add}`;
}

function sliceWords(slice: Slice): string {
  const days =
    slice.from === undefined && slice.to === undefined
      ? ''
      : slice.from === slice.to
        ? ` on ${slice.from}`
        : `${slice.from === undefined ? '' : ` from ${slice.from}`}${slice.to === undefined ? '' : ` to ${slice.to}`}`;
  const parts = (['experiment', 'offer', 'agent', 'tool', 'model', 'customer'] as const).flatMap((name) =>
    slice[name] === undefined ? [] : [` of ${name} ${plainLine(String(slice[name]), 60)}`],
  );
  return `${slice.goalId === undefined ? '' : ` of goal ${slice.goalId}`}${parts.join('')}${days}`;
}

const share = (value: number | null, none: string): string => (value === null ? none : `${(value * 100).toFixed(1)} %`);

function shareFields(sums: ProfitAndLoss): NonNullable<Card['fields']> {
  const margins = marginsOf(sums);
  return [
    { label: 'Gross margin (after fees and offer spend)', value: share(margins.gross, 'none: no revenue') },
    { label: 'Net margin (after every cost)', value: share(margins.net, 'none: no revenue') },
    { label: 'ROI (profit on what was put in)', value: share(margins.roi, 'none: nothing put in') },
  ];
}

/** Label, amount as people read it, and the account that it is the sum of. */
function amountsOf(sums: ProfitAndLoss): [label: string, amount: Micros, account?: string][] {
  return [
    ['Revenue', sums.revenueMicros, 'revenue'],
    ['Refunds', -sums.refundsMicros, 'refunds'],
    ['Disputes', -sums.disputesMicros, 'disputes'],
    ['Fees', -sums.feesMicros, 'fees'],
    ['Offer spend', -sums.offerSpendMicros, 'offer_spend'],
    ['Model cost', -sums.modelCostMicros, 'model_cost'],
    ['Tool cost', -sums.toolCostMicros, 'tool_cost'],
    ['Outside expenses', -sums.expenseMicros, 'expense'],
    [profitOf(sums) < 0n ? 'Loss' : 'Profit', profitOf(sums)],
  ];
}

function accountTable(slice: Slice, sums: ProfitAndLoss): NonNullable<Card['table']> {
  return {
    columns: ['', 'Amount', 'Rows'],
    rows: amountsOf(sums).map(([label, amount, account]) => [label, formatUsd(amount), `[postings](${ledgerPath(slice, account)})`]),
  };
}

/** The costs of no goal, which every goal bears a part of. */
const sharedOf = ({ dimension, rows }: Breakdown): Micros => (dimension === 'goal' ? costOfSales(rows.get('') ?? toProfitAndLoss([])) : 0n);

const sharedWords = (by: Breakdown): string =>
  sharedOf(by) === 0n
    ? ''
    : `Shared costs, booked to no goal: ${formatUsd(sharedOf(by))}. Each goal bears a part by the key of its own costs; without any, goals bear equal parts.`;

/** The goal's part of the shared costs, and its profit after it. */
function sharedCells(by: Breakdown): ReadonlyMap<string, string[]> {
  const goals = [...by.rows].filter(([key]) => key !== '');
  const parts = shareOut(
    sharedOf(by),
    goals.map(([, sums]) => costOfSales(sums)),
  );
  return new Map(
    goals.map(([key, sums], index) => [key, [formatUsd(-(parts[index] ?? 0n)), formatUsd(profitOf(sums) - (parts[index] ?? 0n))]]),
  );
}

function breakdownTable(slice: Slice, by: Breakdown): NonNullable<Card['table']> {
  const { dimension } = by;
  const isShared = sharedOf(by) !== 0n;
  const cells = isShared ? sharedCells(by) : new Map<string, string[]>();
  const entries = [...by.rows];
  const size = ([, sums]: [string, ProfitAndLoss]): Micros => {
    const profit = profitOf(sums);
    return profit < 0n ? -profit : profit;
  };
  // Days in their order, the newest ones; all else by what matters most.
  const shown =
    dimension === 'day'
      ? entries.slice(-MOST_ROWS)
      : entries.toSorted((a, b) => (size(a) === size(b) ? 0 : size(a) < size(b) ? 1 : -1)).slice(0, MOST_ROWS);
  return {
    columns: [
      dimension === 'day' ? 'Day' : `${dimension[0]?.toUpperCase()}${dimension.slice(1)}`,
      'Revenue, net',
      'Costs',
      'Profit',
      'ROI',
      ...(isShared ? ['Shared costs', 'After shared'] : []),
      'Rows',
    ],
    rows: shown.map(([key, sums]) => [
      key === '' ? `no ${dimension}` : plainLine(key, 80),
      formatUsd(netRevenueOf(sums)),
      formatUsd(netRevenueOf(sums) - profitOf(sums)),
      formatUsd(profitOf(sums)),
      share(marginsOf(sums).roi, ''),
      ...(isShared ? (cells.get(key) ?? ['', '']) : []),
      key === '' ? '' : `[postings](${ledgerPath(narrow(slice, dimension, key))})`,
    ]),
  };
}

function narrow(slice: Slice, dimension: Breakdown['dimension'], key: string): Slice {
  if (dimension === 'day') return { ...slice, from: key, to: key };
  if (dimension === 'goal') return { ...slice, goalId: Number(key) };
  if (dimension === 'experiment') return { ...slice, experiment: Number(key) };
  return { ...slice, [dimension]: key };
}
