// A deliverable: its text, its versions, and where each figure comes from.
import type { Json } from '../../core/canonical-json.ts';
import type { Figure } from '../../domain/documents/figures.ts';
import type { findDocumentRow, findVersion, listVersions } from './document-page-store.ts';
import { type Frame, renderTime } from './layout.ts';
import { renderMarkdown } from './markdown.ts';
import { type Html, html, nothing } from './markup.ts';

export interface DocumentParts {
  document: NonNullable<Awaited<ReturnType<typeof findDocumentRow>>>;
  versions: Awaited<ReturnType<typeof listVersions>>;
  shown: NonNullable<Awaited<ReturnType<typeof findVersion>>>;
}

export function renderDocument(frame: Frame, { document, versions, shown }: DocumentParts): Html {
  return html`<p class="crumbs"><a href="/goals/${document.goal_id}">#${document.goal_id} ${document.goal_title}</a> / <a href="/tasks/${document.task_id}">task #${document.task_id}</a></p>
    <h1>${document.title}</h1>
    <p class="meta">version ${shown.version} · ${document.mode} · ${renderTime(shown.created_at, frame.timezone)} · written by <a href="/calls/${shown.tool_call_id}">call #${shown.tool_call_id}</a></p>
    <div class="columns"><article class="document text">${renderMarkdown(shown.body)}</article><aside>
      ${renderFigures(shown.figures)}
      <section class="panel"><h2>Versions</h2><ul>${versions.map((version) => html`<li><a href="/documents/${document.id}?version=${version.version}"${version.version === shown.version && html` aria-current="page"`}>Version ${version.version}</a> <span class="meta">${renderTime(version.created_at, frame.timezone)}</span></li>`)}</ul></section>
      <details><summary>SHA-256</summary><p class="hash">${shown.sha256}</p></details>
    </aside></div>`;
}

/** Each figure as the document shows it, with the recorded call it was read from. */
function renderFigures(figures: Json): Html {
  const rows = Array.isArray(figures) ? figures.filter(isFigure) : [];
  if (rows.length === 0) return nothing;
  return html`<section class="panel"><h2>Figures and sources</h2><ul class="figures">${rows.map(
    ({ shown, callId, path }) =>
      html`<li><strong>${shown}</strong> from <a href="/calls/${callId}">call #${callId}</a> <span class="meta">${path}</span></li>`,
  )}</ul></section>`;
}

function isFigure(row: Json): row is Figure & Record<string, Json> {
  return (
    typeof row === 'object' && row !== null && !Array.isArray(row) && typeof row['shown'] === 'string' && typeof row['callId'] === 'number'
  );
}
