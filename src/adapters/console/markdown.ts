// The small Markdown of cards and documents as safe HTML. Everything is escaped; unknown syntax stays text.
import { type Line, readLines, readSpans, type Span } from '../../chat/card-markup.ts';
import { clipText } from '../../core/visible-text.ts';
import { type Html, html, nothing } from './markup.ts';

const MAX_SHOWN = 200_000;
const DEEPEST_LABEL = 4;

/** Bold, italics, code and links of one line. */
export const renderInline = (text: string, depth = 0): Html[] => renderSpans(readSpans(text, depth), depth);

const renderSpans = (spans: readonly Span[], depth: number): Html[] => spans.map((span) => renderSpan(span, depth));

function renderSpan(span: Span, depth: number): Html {
  switch (span.kind) {
    case 'text':
      return html`${span.text}`;
    case 'code':
      return html`<code>${span.text}</code>`;
    case 'bold':
      return html`<strong>${renderSpans(span.spans, depth + 1)}</strong>`;
    case 'italic':
      return html`<em>${renderSpans(span.spans, depth + 1)}</em>`;
    case 'link':
      return renderLink(span, Math.min(DEEPEST_LABEL, depth) + 1);
  }
}

/** Our own pages by path; other sites with their host beside the words. */
function renderLink({ label, to }: Extract<Span, { kind: 'link' }>, depth: number): Html {
  if ('page' in to) return html`<a href="${to.page}">${renderInline(label, depth)}</a>`;
  return html`<a href="${to.url.href}" target="_blank" rel="noopener noreferrer nofollow">${renderInline(label, depth)}</a> <span class="host">(${to.url.host})</span>`;
}

/** Whole Markdown text. Longer than 200,000 characters is cut, with a note how much is missing. */
export function renderMarkdown(text: string): Html {
  const out: Html[] = [];
  let group: Line[] = [];
  // Lines of one kind are one list, table, quote or paragraph; a blank line ends it.
  for (const line of readLines(clipText(text, MAX_SHOWN))) {
    const isBlank = line.kind === 'plain' && line.text.trim() === '';
    if (group.length > 0 && (isBlank || line.kind === 'code' || line.kind !== group[0]?.kind)) {
      out.push(renderGroup(group));
      group = [];
    }
    if (!isBlank) group.push(line);
  }
  if (group.length > 0) out.push(renderGroup(group));
  return out.length === 0 ? nothing : html`${out}`;
}

const textsOf = (lines: readonly Line[]): string[] => lines.flatMap((line) => ('text' in line ? [line.text] : []));

function renderGroup(lines: readonly Line[]): Html {
  const [first] = lines;
  switch (first?.kind) {
    case 'code':
      return html`<pre tabindex="0"><code>${first.lines.join('\n')}</code></pre>`;
    case 'bullet':
      return html`<ul>${textsOf(lines).map((text) => html`<li>${renderInline(text)}</li>`)}</ul>`;
    case 'number':
      return html`<ol>${textsOf(lines).map((text) => html`<li>${renderInline(text)}</li>`)}</ol>`;
    case 'quote':
      return html`<blockquote>${renderBroken(textsOf(lines))}</blockquote>`;
    case 'heading':
      return html`${lines.map((line) => line.kind === 'heading' && html`<h4 class="l${line.level}">${renderInline(line.text)}</h4>`)}`;
    case 'row':
      return renderTable(lines.flatMap((line) => (line.kind === 'row' ? [line.cells] : [])));
    default:
      return html`<p>${renderBroken(textsOf(lines))}</p>`;
  }
}

const renderBroken = (texts: readonly string[]): Html[] =>
  texts.map((text, index) => html`${index > 0 && html`<br>`}${renderInline(text)}`);

function renderTable(rows: readonly string[][]): Html {
  const ruled = rows[1]?.every((cell) => /^:?-+:?$/.test(cell)) ?? false;
  const head = ruled ? rows[0] : undefined;
  const body = ruled ? rows.slice(2) : rows;
  return html`<div class="scroll" tabindex="0"><table>
    ${head !== undefined && html`<thead><tr>${head.map((cell) => html`<th scope="col">${renderInline(cell)}</th>`)}</tr></thead>`}
    <tbody>${body.map((row) => html`<tr>${row.map((cell) => html`<td>${renderInline(cell)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}
