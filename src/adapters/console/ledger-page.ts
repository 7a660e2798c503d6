// The books: every journal with its postings, and the check that all of them sum to zero.
import { formatUsd } from '../../core/money.ts';
import { type Frame, nextPage, renderOlder, renderTime } from './layout.ts';
import type { LedgerQuery, listJournals, listPostings, sumPostings } from './ledger-page-store.ts';
import { type Html, html } from './markup.ts';

export const LEDGER_PAGE = 50;
export const ACCOUNTS = ['cash', 'processor', 'model_payable', 'revenue', 'refunds', 'fees', 'offer_spend', 'model_cost', 'tool_cost'];

export interface LedgerParts {
  query: LedgerQuery;
  journals: Awaited<ReturnType<typeof listJournals>>;
  postings: Awaited<ReturnType<typeof listPostings>>;
  sums: Awaited<ReturnType<typeof sumPostings>>;
}

export function renderLedger(frame: Frame, { query, journals, postings, sums }: LedgerParts): Html {
  return html`<h1>Ledger</h1>
    <form class="filters" method="get" action="/ledger">
      ${renderSelect('mode', 'Mode', ['practice', 'live'], query.mode)}${renderSelect('account', 'Account', ACCOUNTS, query.account)}
      <label>Goal <input name="goal" inputmode="numeric" pattern="[0-9]*" size="5" value="${query.goalId}"></label><button type="submit" class="plain">Filter</button>
    </form>
    <p class="balance">${sums.length === 0 ? 'No entries yet.' : sums.map((sum) => (sum.sum_micros === 0n ? html`<span class="plus">✓ Balanced</span>: ${sum.postings} postings in ${sum.currency} sum to ${formatUsd(0n)}. ` : html`<span class="minus">✗ Broken</span>: ${sum.currency} postings sum to ${formatUsd(sum.sum_micros)}. `))}</p>
    ${journals.length === 0 && html`<p class="empty">Nothing matches.</p>`}
    <div class="journals">${journals.map((journal) =>
      renderJournal(
        frame,
        journal,
        postings.filter((posting) => posting.journal_id === journal.id),
      ),
    )}</div>
    ${renderOlder('/ledger', { mode: query.mode, account: query.account, goal: query.goalId }, nextPage(journals, LEDGER_PAGE))}`;
}

function renderSelect(name: string, label: string, choices: readonly string[], chosen: string | null): Html {
  return html`<label>${label} <select name="${name}"><option value="">all</option>${choices.map((choice) => html`<option value="${choice}"${choice === chosen && html` selected`}>${choice.replaceAll('_', ' ')}</option>`)}</select></label>`;
}

function renderJournal(frame: Frame, journal: LedgerParts['journals'][number], postings: LedgerParts['postings']): Html {
  return html`<section class="journal"><header><span class="id">#${journal.id}</span> <strong>${journal.kind.replaceAll('_', ' ')}</strong> ${journal.memo} <span class="mode ${journal.mode}">${journal.mode}</span>
      <span class="meta">${renderTime(journal.occurred_at, frame.timezone)}${journal.goal_id !== null && html` · <a href="/goals/${journal.goal_id}">goal #${journal.goal_id}</a>`}${journal.task_id !== null && html` · <a href="/tasks/${journal.task_id}">task #${journal.task_id}</a>`}${journal.tool_call_id !== null && html` · <a href="/calls/${journal.tool_call_id}">call #${journal.tool_call_id}</a>`}${(journal.model ?? journal.tool) !== null && html` · ${journal.model ?? journal.tool}`}${journal.assumed && ' · assumed price'} · ${journal.source} ${journal.external_id}</span></header>
    <table class="sums"><thead><tr><th scope="col">Account</th><th scope="col" class="num">Debit</th><th scope="col" class="num">Credit</th><th scope="col"></th></tr></thead>
    <tbody>${postings.map(({ account, amount_micros: amount, currency }) => html`<tr><th scope="row">${account.replaceAll('_', ' ')}</th><td class="num">${amount > 0n && formatUsd(amount)}</td><td class="num">${amount < 0n && formatUsd(-amount)}</td><td class="meta">${currency}</td></tr>`)}</tbody></table></section>`;
}
