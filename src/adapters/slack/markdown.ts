// The small Markdown of cards → the standard Markdown that Slack's streams take. Rebuilt from what was read: data is no mention, link or style.
// A text that goes on is rendered to a text that goes on, line by line.
import { type Line, type LinkTarget, readLines, readSpans, type Span } from '../../chat/card-markup.ts';
import { makeVisible } from '../../core/visible-text.ts';
import { escapeControl, type PublicUrl } from './mrkdwn.ts';

/** Between a sign and its neighbours it keeps Slack from reading a name between colons as an emoji. */
const GUARD = '\u200B';

export const renderMarkdown = (text: string, publicUrl: PublicUrl): string =>
  readLines(makeVisible(text))
    .flatMap((line) => renderLine(line, publicUrl))
    .join('\n');

function renderLine(line: Line, publicUrl: PublicUrl): string[] {
  switch (line.kind) {
    case 'code':
      return line.lines.map(codeOf);
    case 'row':
      return [`\\| ${line.cells.map((cell) => renderInline(cell, publicUrl)).join(' \\| ')} \\|`];
    case 'bullet':
      return [`${' '.repeat(Math.min(4, line.indent))}- ${renderInline(line.text, publicUrl)}`];
    case 'number':
      return [`${line.number}. ${renderInline(line.text, publicUrl)}`];
    case 'quote':
      return [`&gt; ${renderInline(line.text, publicUrl)}`];
    case 'heading':
      return [`**${renderInline(line.text, publicUrl)}**`];
    case 'plain':
      return [escapeLineStart(renderInline(line.text, publicUrl))];
  }
}

const renderInline = (text: string, publicUrl: PublicUrl): string => renderSpans(readSpans(text), publicUrl);

const renderSpans = (spans: readonly Span[], publicUrl: PublicUrl): string => spans.map((span) => renderSpan(span, publicUrl)).join('');

function renderSpan(span: Span, publicUrl: PublicUrl): string {
  switch (span.kind) {
    case 'text':
      return literal(span.text);
    case 'code':
      return codeOf(span.text);
    case 'bold':
      return `**${renderSpans(span.spans, publicUrl)}**`;
    case 'italic':
      return `*${renderSpans(span.spans, publicUrl)}*`;
    case 'link':
      return renderLink(span.words, span.to, publicUrl);
  }
}

/** Shown sign by sign. */
const literal = (text: string): string =>
  escapeControl(text)
    .replace(/[\\`*_~[\]()#|!]/g, '\\$&')
    .replace(/:(?=[\w+'-]+:)/g, `:${GUARD}`);

const codeOf = (text: string): string => (text.trim() === '' ? '' : `\`${escapeControl(text.replaceAll('`', "'"))}\``);

/** Our own pages where they can be reached; of another site the whole address is shown beside the words. */
function renderLink(label: string, to: LinkTarget, publicUrl: PublicUrl): string {
  const words = literal(label);
  if ('url' in to) return `${words} (${literal(to.url.href)})`;
  return publicUrl === null ? words : `[${words}](${new URL(to.page, publicUrl).href})`;
}

/** What would open a list or a rule there. */
const escapeLineStart = (text: string): string => text.replace(/^(\s*)([-+=])/, '$1\\$2').replace(/^(\s*\d+)([.)])(?=\s)/, '$1\\$2');
