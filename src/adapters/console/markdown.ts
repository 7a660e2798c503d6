// The small Markdown of cards and documents as safe HTML. Everything is escaped; unknown syntax stays text; time is linear in length.
import { clipText } from '../../core/visible-text.ts';
import { type Html, html, nothing } from './markup.ts';

const MAX_SHOWN = 200_000;
const SPAN = String.raw`(?:\\.|[^\\\n])`;
const INLINE = new RegExp(
  [
    String.raw`\\([!-/:-@[-${'`'}{-~])`,
    '`([^`\n]{1,1000})`',
    String.raw`\*\*(?=\S)(${SPAN}{1,1000}?)\*\*`,
    String.raw`\*(?=\S)((?:\\.|[^\\\n*]){1,1000})\*`,
    String.raw`(?<![\p{L}\p{N}_])_(?=\S)((?:\\.|[^\\\n_]){1,1000})_(?![\p{L}\p{N}_])`,
    String.raw`\[((?:\\.|[^\\\n\]]){1,300})\]\(([^()\s]{1,1000})\)`,
  ].join('|'),
  'gu',
);

/** Bold, italics, code and links of one line. */
export function renderInline(text: string, depth = 0): Html[] {
  if (depth > 4) return [html`${text}`];
  const parts: Html[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) parts.push(html`${text.slice(from, match.index)}`);
    parts.push(renderSpan(match, depth + 1));
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push(html`${text.slice(from)}`);
  return parts;
}

function renderSpan(match: RegExpExecArray, depth: number): Html {
  const [whole, escaped, code, bold, star, underscore, label, target] = match;
  if (escaped !== undefined) return html`${escaped}`;
  if (code !== undefined) return html`<code>${code}</code>`;
  if (bold !== undefined) return html`<strong>${renderInline(bold, depth)}</strong>`;
  const italics = star ?? underscore;
  if (italics !== undefined) return html`<em>${renderInline(italics, depth)}</em>`;
  return renderLink(whole, label ?? '', target ?? '', depth);
}

/** Our own pages by path; other sites only over https and with their host beside the words. */
function renderLink(whole: string, label: string, target: string, depth: number): Html {
  if (/^\/(?![/\\])[\w\-./?=&%#]*$/.test(target)) return html`<a href="${target}">${renderInline(label, depth)}</a>`;
  const url = URL.parse(target);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return html`${whole}`;
  return html`<a href="${url.href}" target="_blank" rel="noopener noreferrer nofollow">${renderInline(label, depth)}</a> <span class="host">(${url.host})</span>`;
}

interface Block {
  test: RegExp;
  render: (lines: string[]) => Html;
}

const stripped = (lines: string[], marker: RegExp) => lines.map((line) => line.replace(marker, ''));
const BULLET = /^\s{0,8}[-*•] +/;
const NUMBER = /^\s{0,8}\d{1,4}[.)] +/;
const QUOTE = /^> ?/;
const ROW = /^\s*\|.*\|\s*$/;
const HEADING = /^(#{1,4}) +/;

const BLOCKS: readonly Block[] = [
  { test: BULLET, render: (lines) => html`<ul>${stripped(lines, BULLET).map((line) => html`<li>${renderInline(line)}</li>`)}</ul>` },
  { test: NUMBER, render: (lines) => html`<ol>${stripped(lines, NUMBER).map((line) => html`<li>${renderInline(line)}</li>`)}</ol>` },
  { test: QUOTE, render: (lines) => html`<blockquote>${renderLines(stripped(lines, QUOTE))}</blockquote>` },
  { test: ROW, render: renderTable },
  {
    test: HEADING,
    render: (lines) =>
      html`${lines.map((line) => html`<h4 class="l${HEADING.exec(line)?.[1]?.length}">${renderInline(line.replace(HEADING, ''))}</h4>`)}`,
  },
];

/** Whole Markdown text. Longer than 200,000 characters is cut, with a note how much is missing. */
export function renderMarkdown(text: string): Html {
  const lines = clipText(text, MAX_SHOWN).replaceAll('\r\n', '\n').split('\n');
  const out: Html[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      at += 1;
      continue;
    }
    const end = line.startsWith('```') ? findFence(lines, at) : findEnd(lines, at);
    out.push(renderBlock(lines.slice(at, end)));
    at = end;
  }
  return out.length === 0 ? nothing : html`${out}`;
}

function blockOf(line: string): Block | undefined {
  return BLOCKS.find((block) => block.test.test(line));
}

function findFence(lines: readonly string[], start: number): number {
  const close = lines.findIndex((line, index) => index > start && line.startsWith('```'));
  return close === -1 ? lines.length : close + 1;
}

/** A block goes on while its lines are of the same kind; a paragraph ends at anything else. */
function findEnd(lines: readonly string[], start: number): number {
  const kind = blockOf(lines[start] ?? '');
  let end = start + 1;
  for (; end < lines.length; end += 1) {
    const line = lines[end] ?? '';
    if (line.trim() === '' || line.startsWith('```') || blockOf(line) !== kind) break;
  }
  return end;
}

function renderBlock(lines: string[]): Html {
  const first = lines[0] ?? '';
  if (first.startsWith('```'))
    return html`<pre tabindex="0"><code>${lines.slice(1, lines.at(-1)?.startsWith('```') ? -1 : undefined).join('\n')}</code></pre>`;
  return blockOf(first)?.render(lines) ?? html`<p>${renderLines(lines)}</p>`;
}

function renderLines(lines: readonly string[]): Html[] {
  return lines.map((line, index) => html`${index > 0 && html`<br>`}${renderInline(line)}`);
}

function renderTable(lines: string[]): Html {
  const rows = lines.map((line) =>
    line
      .trim()
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
  const ruled = rows[1]?.every((cell) => /^:?-+:?$/.test(cell)) ?? false;
  const head = ruled ? rows[0] : undefined;
  const body = ruled ? rows.slice(2) : rows;
  return html`<div class="scroll" tabindex="0"><table>
    ${head !== undefined && html`<thead><tr>${head.map((cell) => html`<th scope="col">${renderInline(cell)}</th>`)}</tr></thead>`}
    <tbody>${body.map((row) => html`<tr>${row.map((cell) => html`<td>${renderInline(cell)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}
