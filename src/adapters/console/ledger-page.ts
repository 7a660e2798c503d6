// The books: what a selection comes to by account, every journal of it with its postings, and the check that all postings sum to zero.
import { formatUsd } from '../../core/money.ts';
import type { readAccounts, readBalance } from '../../domain/money/slice-store.ts';
import { type Frame, nextPage, renderOlder, renderTime } from './layout.ts';
import { ACCOUNTS, filterQuery, type LedgerFilter } from './ledger-filter.ts';
import type { listJournals, listPostings } from './ledger-page-store.ts';
import { type Html, html } from './markup.ts';

export const LEDGER_PAGE = 50;

export interface LedgerParts {
  filter: LedgerFilter;
  journals: Awaited<ReturnType<typeof listJournals>>;
  postings: Awaited<ReturnType<typeof listPostings>>;
  balance: Awaited<ReturnType<typeof readBalance>>;
  /** Null without a mode: there is no sum over both. */
  accounts: Awaited<ReturnType<typeof readAccounts>> | null;
  /** Lines about the customers of the selection; null where it is not about them. */
  customers: readonly { label: string; value: string }[] | null;
}

export function renderLedger(frame: Frame, { filter, journals, postings, balance, accounts, customers }: LedgerParts): Html {
  return html`<h1>Ledger</h1>
    ${renderFilters(filter)}
    <p class="balance">${balance.length === 0 ? 'No entries yet.' : balance.map((sum) => (sum.sumMicros === 0n ? html`<span class="plus">✓ Balanced</span>: ${sum.postings} postings in ${sum.currency} sum to ${formatUsd(0n)}. ` : html`<span class="minus">✗ Broken</span>: ${sum.currency} postings sum to ${formatUsd(sum.sumMicros)}. `))}</p>
    ${accounts !== null && renderAccounts(filter, accounts)}
    ${customers !== null && customers.length > 0 && renderCustomers(customers)}
    <p><a href="${linkTo('/ledger.csv', filter)}" download>Download these postings (CSV)</a></p>
    ${journals.length === 0 && html`<p class="empty">Nothing matches.</p>`}
    <div class="journals">${journals.map((journal) =>
      renderJournal(
        frame,
        journal,
        postings.filter((posting) => posting.journal_id === journal.id),
      ),
    )}</div>
    ${renderOlder('/ledger', filterQuery(filter), nextPage(journals, LEDGER_PAGE))}`;
}

function linkTo(path: string, filter: LedgerFilter): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(filterQuery(filter))) if (value !== null) search.set(name, String(value));
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

function renderFilters(filter: LedgerFilter): Html {
  const field = (name: 'experiment' | 'offer' | 'agent' | 'tool' | 'model' | 'customer', label: string): Html =>
    html`<label>${label} <input name="${name}" size="10" value="${filter[name]}"></label>`;
  const day = (name: 'from' | 'to', label: string): Html =>
    html`<label>${label} <input type="date" name="${name}" value="${filter[name]}"></label>`;
  return html`<form class="filters" method="get" action="/ledger">
      ${renderSelect('mode', 'Mode', ['practice', 'live'], filter.mode)}${renderSelect('account', 'Account', ACCOUNTS, filter.account)}
      <label>Goal <input name="goal" inputmode="numeric" pattern="[0-9]*" size="5" value="${filter.goalId}"></label>
      ${field('experiment', 'Experiment')}${field('offer', 'Offer')}${field('agent', 'Agent')}${field('tool', 'Tool')}${field('model', 'Model')}${field('customer', 'Customer')}${day('from', 'From')}${day('to', 'To')}<button type="submit" class="plain">Filter</button>
    </form>`;
}

function renderSelect(name: string, label: string, choices: readonly string[], chosen: string | null): Html {
  return html`<label>${label} <select name="${name}"><option value="">all</option>${choices.map((choice) => html`<option value="${choice}"${choice === chosen && html` selected`}>${choice.replaceAll('_', ' ')}</option>`)}</select></label>`;
}

/** The totals of the selection; each leads to its own postings. */
function renderAccounts(filter: LedgerFilter, accounts: NonNullable<LedgerParts['accounts']>): Html {
  const shown = accounts.filter(({ account }) => filter.account === null || account === filter.account);
  if (shown.length === 0) return html``;
  return html`<table class="sums"><caption class="meta">What this selection comes to</caption><thead><tr><th scope="col">Account</th><th scope="col" class="num">Debit</th><th scope="col" class="num">Credit</th><th scope="col" class="num">Postings</th></tr></thead>
    <tbody>${shown.map(({ account, sumMicros, postings }) => html`<tr><th scope="row"><a href="${linkTo('/ledger', { ...filter, account })}">${account.replaceAll('_', ' ')}</a></th><td class="num">${sumMicros >= 0n && formatUsd(sumMicros)}</td><td class="num">${sumMicros < 0n && formatUsd(-sumMicros)}</td><td class="num">${postings}</td></tr>`)}</tbody></table>`;
}

function renderCustomers(lines: readonly { label: string; value: string }[]): Html {
  return html`<table class="sums"><caption class="meta">Customers who first paid in this selection</caption><tbody>${lines.map(({ label, value }) => html`<tr><th scope="row">${label}</th><td>${value}</td></tr>`)}</tbody></table>`;
}

function renderJournal(frame: Frame, journal: LedgerParts['journals'][number], postings: LedgerParts['postings']): Html {
  return html`<section class="journal"><header><span class="id">#${journal.id}</span> <strong>${journal.kind.replaceAll('_', ' ')}</strong> ${journal.memo} <span class="mode ${journal.mode}">${journal.mode}</span>
      <span class="meta">${renderTime(journal.occurred_at, frame.timezone)}${journal.goal_id !== null && html` · <a href="/goals/${journal.goal_id}">goal #${journal.goal_id}</a>`}${journal.task_id !== null && html` · <a href="/tasks/${journal.task_id}">task #${journal.task_id}</a>`}${journal.tool_call_id !== null && html` · <a href="/calls/${journal.tool_call_id}">call #${journal.tool_call_id}</a>`}${(journal.model ?? journal.tool) !== null && html` · ${journal.model ?? journal.tool}`}${journal.assumed && ' · assumed price'} · ${journal.source} ${journal.external_id}</span></header>
    <table class="sums"><thead><tr><th scope="col">Account</th><th scope="col" class="num">Debit</th><th scope="col" class="num">Credit</th><th scope="col"></th></tr></thead>
    <tbody>${postings.map(({ account, amount_micros: amount, currency }) => html`<tr><th scope="row">${account.replaceAll('_', ' ')}</th><td class="num">${amount > 0n && formatUsd(amount)}</td><td class="num">${amount < 0n && formatUsd(-amount)}</td><td class="meta">${currency}</td></tr>`)}</tbody></table></section>`;
}
