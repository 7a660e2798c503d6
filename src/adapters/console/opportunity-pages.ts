// The opportunities board and one opportunity: what stands where and why, and where it was found. Words of strangers are shown as text.
import type { Card } from '../../chat/card.ts';
import { conversionFields, reasonsOf, SOURCE_WORDS, scoreWords } from '../../chat/views/opportunity-card.ts';
import { standingLine } from '../../chat/views/standing-words.ts';
import type { Config } from '../../config.ts';
import { formatUsd } from '../../core/money.ts';
import { CSV_COLUMNS } from '../../domain/opportunities/csv.ts';
import {
  type Conversion,
  countConversion,
  type Evidence,
  findOpportunity,
  listEvidence,
  listOpportunities,
  type Opportunity,
} from '../../domain/opportunities/opportunity-store.ts';
import type { StandingBudget } from '../../domain/opportunities/standing-budget.ts';
import { drawOpportunity, waitsOf } from '../../flows/opportunities/change-opportunity.ts';
import { readStandingBudget } from '../../flows/standing-budget.ts';
import { renderButton, renderEntry } from './card-view.ts';
import { renderStatus } from './goal-pages.ts';
import { type Frame, renderTime } from './layout.ts';
import { type Html, html } from './markup.ts';
import { type Build, countOf, idOf } from './page-request.ts';

const PAGE = 50;
const EVIDENCE_SHOWN = 100;
const STATUSES = ['open', 'taken', 'closed', 'refused', 'merged'] as const;
type Status = Opportunity['status'];

export const opportunityPages = (config: Config): Record<string, Build> => ({
  '/opportunities': async (c, frame, db) => {
    const status = STATUSES.find((one) => one === c.req.query('status')) ?? 'open';
    const from = countOf(c, 'from') ?? 0;
    const rows = await listOpportunities(db, frame.mode, { status, limit: PAGE, offset: from });
    const conversion = await countConversion(db, frame.mode);
    const standing = await readStandingBudget({ mode: frame.mode, config }, db);
    const waits = waitsOf({ mode: frame.mode, config }, rows);
    const body = renderBoard(frame, { rows, waits, status, from, conversion, standing });
    return { title: 'Opportunities', section: 'opportunities', live: 'any', body };
  },
  '/opportunities/:id': async (c, frame, db) => {
    const one = await findOpportunity(db, frame.mode, idOf(c));
    if (one === undefined) return null;
    const card = await drawOpportunity({ mode: frame.mode, config }, db, one.id);
    const evidence = await listEvidence(db, one.id, EVIDENCE_SHOWN);
    return { title: one.name, section: 'opportunities', live: 'any', body: renderOpportunity(frame, { one, card, evidence }) };
  },
});

interface Board {
  rows: readonly Opportunity[];
  waits: ReadonlyMap<number, string>;
  status: Status;
  from: number;
  conversion: Conversion;
  standing: StandingBudget;
}

function renderBoard(frame: Frame, { rows, waits, status, from, conversion, standing }: Board): Html {
  const isOperator = frame.visitor.person.roles.has('operator');
  const place = { key: 'board', csrf: frame.visitor.csrf };
  return html`<h1>Opportunities</h1>
    <nav class="tabs" aria-label="Which opportunities">${STATUSES.map((one) => html`<a href="/opportunities${one !== 'open' && `?status=${one}`}"${one === status && html` aria-current="page"`}>${one}</a>`)}</nav>
    <dl class="fields wide">${conversionFields(conversion).map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
      <div><dt>Standing budget</dt><dd>${standingLine(standing)}</dd></div></dl>
    ${isOperator && html`<div class="buttons">${renderButton({ label: 'Scan now', command: 'scan', args: {}, style: 'primary' }, {}, place)}${renderButton({ label: 'Hand in an idea…', command: 'idea', args: { text: '' }, style: 'plain' }, {}, place)}</div>`}
    <div class="answer" id="a-board" aria-live="polite"></div>
    ${rows.length === 0 && html`<p class="empty">${from > 0 ? 'No more.' : `No opportunity is ${status}.`}</p>`}
    <ul class="rows">${rows.map((one) => renderRow(frame, one, waits.get(one.id)))}</ul>
    ${rows.length === PAGE && html`<p class="older"><a href="/opportunities?status=${status}&amp;from=${from + PAGE}">Further down</a></p>`}
    ${isOperator && renderTableForm(frame)}`;
}

function renderRow(frame: Frame, one: Opportunity, waits: string | undefined): Html {
  const [best, worst] = reasonsOf(one.score_parts);
  const price = one.price_micros === null ? '' : ` · ${formatUsd(one.price_micros)}`;
  return html`<li><a class="row" href="/opportunities/${one.id}"><span class="id">${scoreWords(one)}</span><span class="what">${one.name}</span>${one.status !== 'open' && renderStatus(one.status)}
    <span class="meta">#${one.id} · ${SOURCE_WORDS[one.source]}${price}${one.channel !== '' && ` · ${one.channel}`}${one.tainted && ' · words of strangers'} · ${renderTime(one.created_at, frame.timezone)}</span>
    <span class="meta">${one.reason !== null ? one.reason : best !== '' && html`for it: ${best} · against it: ${worst}`}${waits !== undefined && ` · not tried yet: ${waits}`}</span></a></li>`;
}

function renderTableForm(frame: Frame): Html {
  return html`<details><summary>Hand in a table</summary><form class="sheet-form" method="post" action="/do/idea" hx-post="/do/idea" hx-target="#a-table" hx-disable="find button">
    <input type="hidden" name="_csrf" value="${frame.visitor.csrf}">
    <label class="field"><span>CSV file</span><input type="file" accept=".csv,text/csv,text/plain" data-fills="table-words"></label>
    <label class="field"><span>or its lines</span><textarea id="table-words" name="csv" rows="6" required spellcheck="false" placeholder="name,price,channel"></textarea><small>The first line names the columns: ${CSV_COLUMNS.join(', ')}. At most 200 rows.</small></label>
    <button type="submit" class="primary">Hand in</button></form><div class="answer" id="a-table" aria-live="polite"></div></details>`;
}

function renderOpportunity(frame: Frame, { one, card, evidence }: { one: Opportunity; card: Card; evidence: readonly Evidence[] }): Html {
  return html`<p class="crumbs"><a href="/opportunities">Opportunities</a>${one.merged_into !== null && html` / the same as <a href="/opportunities/${one.merged_into}">#${one.merged_into}</a>`}</p>
    <h1 class="unseen">Opportunity ${one.id}</h1>
    <ol class="entries" id="opportunity-card">${renderEntry(card, { key: `op-${one.id}`, version: 0, csrf: frame.visitor.csrf })}</ol>
    <h2>Found at</h2>${evidence.length === 0 && html`<p class="empty">Nowhere.</p>`}
    <ul>${evidence.map(
      (
        place,
      ) => html`<li id="evidence-${place.id}"><strong>${place.kind}</strong> ${place.origin} <span class="meta">${place.opportunity_id !== one.id && html`<a href="/opportunities/${place.opportunity_id}">#${place.opportunity_id}</a> · `}${place.scan_id !== null && `scan ${place.scan_id} · `}${place.tool_call_id !== null && html`<a href="/calls/${place.tool_call_id}">call ${place.tool_call_id}</a> · `}${renderTime(place.created_at, frame.timezone)}</span>
      ${place.excerpt !== '' && html`<pre class="wrap">${place.excerpt}</pre>`}<code class="hash">${place.sha256}</code></li>`,
    )}</ul>`;
}
