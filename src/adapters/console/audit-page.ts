// The audit trail with filters, and how far the chain of hashes reaches.
import type { AuditQuery, listAuditRows, readSealState } from './audit-page-store.ts';
import { renderButton } from './card-view.ts';
import { type Frame, nextPage, renderOlder, renderTime } from './layout.ts';
import { type Html, html } from './markup.ts';

export const AUDIT_PAGE = 100;
const PAGES: Record<string, string> = {
  goal: '/goals/',
  task: '/tasks/',
  approval: '/approvals/',
  document: '/documents/',
  tool_call: '/calls/',
  call: '/calls/',
};

export interface AuditParts {
  query: AuditQuery;
  rows: Awaited<ReturnType<typeof listAuditRows>>;
  seal: Awaited<ReturnType<typeof readSealState>>;
}

export function renderAudit(frame: Frame, { query, rows, seal }: AuditParts): Html {
  return html`<h1>Audit</h1>
    <p>${seal.head === null ? 'Nothing sealed yet' : html`Sealed up to entry #${seal.head.audit_id} (${seal.head.seq} in the chain, head <span class="hash short" title="${seal.head.hash}">${seal.head.hash}</span>, ${renderTime(seal.head.sealed_at, frame.timezone)})`}; ${seal.unsealed} waiting for their seal.</p>
    <div class="buttons">${renderButton({ label: 'Verify the chain', command: 'audit', args: {}, style: 'plain' }, {}, { key: 'audit', csrf: frame.visitor.csrf })}</div><div class="answer" id="a-audit" aria-live="polite"></div>
    <form class="filters" method="get" action="/audit">
      <label>Actor <input name="actor" size="16" value="${query.actor}"></label><label>Action <input name="action" size="16" value="${query.action}"></label>
      <label>Subject <input name="kind" size="10" value="${query.subjectKind}"></label><label>Number <input name="id" size="5" inputmode="numeric" pattern="[0-9]*" value="${query.subjectId}"></label><button type="submit" class="plain">Filter</button></form>
    ${rows.length === 0 && html`<p class="empty">Nothing matches.</p>`}
    <ol class="trail">${rows.map(
      (
        row,
      ) => html`<li><details><summary><span class="id">#${row.id}</span> <strong>${row.action.replaceAll('_', ' ')}</strong> ${renderSubject(row.subject_kind, row.subject_id)} <span class="meta">${row.actor} · ${row.mode} · ${renderTime(row.at, frame.timezone)} · ${row.hash === null ? 'not sealed yet' : html`sealed ${row.seq}`}</span></summary>
      <pre tabindex="0">${row.detail}</pre>${row.hash !== null && html`<p class="hash">${row.hash}</p>`}</details></li>`,
    )}</ol>
    ${renderOlder('/audit', { actor: query.actor, action: query.action, kind: query.subjectKind, id: query.subjectId }, nextPage(rows, AUDIT_PAGE))}`;
}

function renderSubject(kind: string, id: number | null): Html {
  const path = PAGES[kind];
  const words = `${kind.replaceAll('_', ' ')}${id === null ? '' : ` #${id}`}`;
  return path === undefined || id === null ? html`${words}` : html`<a href="${path}${id}">${words}</a>`;
}
