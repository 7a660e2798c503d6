// One tool call as it is: arguments, risk factors, approval, result, receipt, hashes.
import { formatUsd } from '../../core/money.ts';
import type { FactorRow } from '../../db/tables/states.ts';
import { renderStatus } from './goal-pages.ts';
import { type Frame, renderTime } from './layout.ts';
import { type Html, html } from './markup.ts';
import type { CallRow } from './task-page-store.ts';

export function renderFactors(factors: readonly FactorRow[], score: number, level: string): Html {
  return html`<table class="factors"><caption>Risk <strong class="risk ${level}">${level}</strong> (${score.toFixed(2)})</caption>
    <tbody>${factors.map((factor) => html`<tr${factor.contribution === 0 && html` class="none"`}><th scope="row">${factor.name}</th><td class="num">${factor.contribution > 0 && '+'}${factor.contribution.toFixed(2)}</td><td>${factor.note}</td></tr>`)}</tbody></table>`;
}

function renderLong(callId: number, part: 'arguments' | 'output', text: string, length: number): Html {
  return html`<pre tabindex="0">${text}</pre>${length > text.length && html`<p class="meta">${length.toLocaleString('en')} characters in all: <a href="/calls/${callId}/${part}">read the whole</a></p>`}`;
}

export function renderCall(call: CallRow, frame: Pick<Frame, 'timezone'>, isOpen: boolean): Html {
  return html`<details class="call" id="call-${call.id}"${isOpen && html` open`}><summary><span class="id">#${call.id}</span> <strong>${call.tool}</strong> ${renderStatus(call.status)}
      <span class="meta">${call.amount_micros > 0n && `${formatUsd(call.amount_micros)} ${call.payee === null ? '' : `to ${call.payee}`} · `}risk ${call.risk_level} · ${renderTime(call.started_at ?? call.created_at, frame.timezone)}</span></summary>
    ${call.effect !== null && html`<p>${call.effect}</p>`}
    ${call.tool === 'publish_page' && html`<p><a href="/pages/preview/${call.id}">See the page as visitors will</a></p>`}
    <h4>Arguments</h4>${renderLong(call.id, 'arguments', call.arguments_text, call.arguments_length)}
    ${renderFactors(call.factors, call.risk_score, call.risk_level)}
    ${call.output_text !== null && html`<h4>Result</h4>${renderLong(call.id, 'output', call.output_text, call.output_length ?? 0)}`}
    ${call.error !== null && html`<p class="problem">${call.error}</p>`}
    <dl class="fields">
      <div><dt>Act</dt><dd>${call.act} · touches ${call.touches}${call.tainted && ' · from untrusted text'}</dd></div>
      <div><dt>Tool version</dt><dd>${call.tool_version}</dd></div>
      ${call.approval_id !== null && html`<div><dt>Approval</dt><dd><a href="/approvals/${call.approval_id}">#${call.approval_id}</a></dd></div>`}
      ${call.grant_id !== null && html`<div><dt>Standing grant</dt><dd>#${call.grant_id}</dd></div>`}
      ${call.receipt !== null && html`<div><dt>Receipt</dt><dd>${call.receipt}</dd></div>`}
      ${call.spent_micros !== null && html`<div><dt>Spent</dt><dd>${formatUsd(call.spent_micros)}</dd></div>`}
      <div><dt>Idempotency key</dt><dd class="hash">${call.idempotency_key}</dd></div>
      ${call.request_hash !== null && html`<div><dt>Request SHA-256</dt><dd class="hash">${call.request_hash}</dd></div>`}
    </dl></details>`;
}
