// Money as a page: 30 days as a chart, profit and loss of any part, broken down by any part; and caps and budgets as meters.

import type { Card } from '../../chat/card.ts';
import { budgetCard } from '../../chat/views/budget-card.ts';
import { limitName } from '../../chat/views/cap-card.ts';
import { dollars } from '../../chat/views/digest-card.ts';
import { type Breakdown, type RevenueFacts, revenueCard } from '../../chat/views/revenue-card.ts';
import type { Config } from '../../config.ts';
import { dayOf, daysUpTo } from '../../core/calendar.ts';
import { formatUsd } from '../../core/money.ts';
import type { Database } from '../../db/database.ts';
import type { BudgetUse } from '../../domain/money/budget-store.ts';
import type { ProfitAndLoss } from '../../domain/money/ledger-store.ts';
import { byKey, costOfSales, profitOf } from '../../domain/money/profit.ts';
import { DIMENSIONS, readSums, type Slice } from '../../domain/money/slice-store.ts';
import { readBudgets } from '../../flows/read-budgets.ts';
import { readRevenue } from '../../flows/read-revenue.ts';
import { renderCard } from './card-view.ts';
import { renderChart } from './chart.ts';
import { filterQuery, type LedgerFilter, readLedgerFilter, sliceOf } from './ledger-filter.ts';
import { type Html, html } from './markup.ts';
import { type Build, countOf } from './page-request.ts';

const CHART_DAYS = 30;
const PARTS: readonly Breakdown['dimension'][] = ['goal', 'experiment', 'offer', 'agent', 'tool', 'model', 'customer', 'day'];

/** The pages that need to know the configured caps. */
export function moneyPages(config: Config): Record<string, Build> {
  const deps = { mode: config.mode, config };
  return {
    '/money': async (c, frame, db) => {
      const filter = readLedgerFilter(c.req.query(), countOf(c, 'goal'));
      const slice = sliceOf({ ...filter, mode: filter.mode ?? frame.mode }) ?? { mode: frame.mode };
      const by = [...DIMENSIONS, 'customer' as const].find((one) => one === c.req.query('by')) ?? 'goal';
      const facts = await readRevenue(deps, db, { at: new Date(), slice, by });
      const place = { key: 'money', version: 0, csrf: frame.visitor.csrf };
      const body = html`<h1>Money</h1>${renderParts(filter, slice, by)}${renderChart(await readChart(db, slice, frame.timezone))}
        ${renderCard(revenueCard({ ...facts, by: null, unpriced: [] }), place)}
        ${renderCard(breakdownCard(facts, by), { ...place, key: 'parts' })}
        <p><a href="/commands/spend">Book an outside expense</a> · <a href="/budgets">Caps and budgets</a> · <a href="/ledger?mode=${slice.mode}">Ledger</a></p>`;
      return { title: 'Money', section: 'money', live: 'any', body };
    },
    '/budgets': async (_c, frame, db) => {
      const facts = await readBudgets(deps, db);
      const place = { key: 'budgets', version: 0, csrf: frame.visitor.csrf };
      const body = html`<h1>Caps and budgets</h1>
        ${facts.caps.flatMap(({ budgets }) => budgets).map(renderMeter)}
        ${renderCard(budgetCard(facts), place)}
        <p><a href="/commands/budget">Set a cap or a budget</a> · <a href="/money">Money</a></p>`;
      return { title: 'Budgets', section: 'budgets', live: 'any', body };
    },
  };
}

/** The rows of one breakdown; the sums stand above. */
function breakdownCard(facts: Omit<RevenueFacts, 'unpriced'>, by: string): Card {
  const { table, text = '' } = revenueCard({ ...facts, unpriced: [] });
  const notes = text.split('\n\n').filter((line) => /^(Shared|The \d+ largest)/.test(line));
  return {
    title: `By ${by}`,
    tone: 'info',
    ...(notes.length === 0 ? {} : { text: notes.join('\n\n') }),
    ...(table === undefined ? {} : { table }),
  };
}

async function readChart(db: Database, slice: Slice, timezone: string) {
  const days = daysUpTo(slice.to ?? dayOf(new Date(), timezone), CHART_DAYS);
  const sums = byKey(await readSums(db, { ...slice, from: slice.from ?? days[0], to: days.at(-1) }, 'day'));
  const series = (name: string, of: (day: ProfitAndLoss) => bigint) => ({
    name,
    points: days.map((day) => ({ x: day, y: dollars(of(sums.get(day) ?? NOTHING)) })),
  });
  return {
    kind: 'line' as const,
    title: `Revenue, costs and profit per day, USD, ${slice.mode}`,
    series: [series('Revenue', (day) => day.revenueMicros), series('Costs', costOfSales), series('Profit', profitOf)],
  };
}

const NOTHING: ProfitAndLoss = {
  revenueMicros: 0n,
  refundsMicros: 0n,
  disputesMicros: 0n,
  feesMicros: 0n,
  offerSpendMicros: 0n,
  modelCostMicros: 0n,
  toolCostMicros: 0n,
  expenseMicros: 0n,
  journals: 0,
  assumed: 0,
};

/** What the page is cut by, and tabs for what it is broken down by; every tab keeps the cut. */
function renderParts(filter: LedgerFilter, slice: Slice, by: string): Html {
  const link = (part: string): string => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(filterQuery({ ...filter, mode: slice.mode })))
      if (value !== null) search.set(name, String(value));
    search.set('by', part);
    return `/money?${search.toString()}`;
  };
  const field = (name: 'experiment' | 'offer' | 'agent' | 'tool' | 'model' | 'customer', label: string): Html =>
    html`<label>${label} <input name="${name}" size="10" value="${filter[name]}"></label>`;
  const day = (name: 'from' | 'to', label: string): Html =>
    html`<label>${label} <input type="date" name="${name}" value="${filter[name]}"></label>`;
  return html`<form class="filters" method="get" action="/money"><input type="hidden" name="by" value="${by}">
      <label>Money <select name="mode">${['practice', 'live'].map((mode) => html`<option${mode === slice.mode && html` selected`}>${mode}</option>`)}</select></label>
      <label>Goal <input name="goal" inputmode="numeric" pattern="[0-9]*" size="5" value="${filter.goalId}"></label>
      ${field('experiment', 'Experiment')}${field('offer', 'Offer')}${field('agent', 'Agent')}${field('tool', 'Tool')}${field('model', 'Model')}${field('customer', 'Customer')}${day('from', 'From')}${day('to', 'To')}<button type="submit" class="plain">Show</button></form>
    <nav class="tabs" aria-label="Broken down by">${PARTS.map((part) => html`<a href="${link(part)}"${part === by && html` aria-current="page"`}>by ${part}</a>`)}</nav>`;
}

function renderMeter({ mode, scope, name, usedMicros, limitMicros }: BudgetUse): Html {
  const percent = limitMicros === 0n ? 100 : Number((usedMicros * 100n) / limitMicros);
  const label = `${limitName(scope, name)} (${mode})`;
  return html`<div class="progress"><span>${label}</span><progress max="100" value="${Math.min(100, percent)}" aria-label="${label}"></progress><span>${percent} %: ${formatUsd(usedMicros)} of ${formatUsd(limitMicros)}${percent >= 100 ? ', reached' : percent >= 80 && ', nearly used'}</span></div>`;
}
