// The small Markdown of cards as Discord's. Rebuilt from what was read, never passed through: what is not markup for us is none there.
import {
  isMoment,
  type Line,
  type LinkTarget,
  readLines,
  readOwnLink,
  readSpans,
  type Span,
  unescapeMarkup,
} from '../../chat/card-markup.ts';
import { makeVisible } from '../../core/visible-text.ts';

/** Where our own pages are found from outside; null when they are not. */
export type PublicUrl = string | null;

/**
 * Data as it is: no markup, no mention, no link behind other words. The mention of everybody is broken apart by an invisible character,
 * because it has no other escape.
 */
export function escapeData(text: string): string {
  return makeVisible(text)
    .replace(/[\\`*_~|[\]()<>#]/g, '\\$&')
    .replace(/@(?=everyone|here)/gi, '@\u200B');
}

/** Words that open a list, a quote or small print at the start of a line. */
function escapeLineStart(text: string): string {
  return text.replace(/^(\s*)([-+])(?=\s|\\?#)/, '$1\\$2').replace(/^(\s*\d+)\.(?=\s)/, '$1\\.');
}

/** Inside code nothing is markup, but nothing can be escaped either; whoever copies it out shall not ping or be misled by it. */
export function codeText(text: string): string {
  return makeVisible(text)
    .replaceAll('`', "'")
    .replaceAll('](', '] (')
    .replace(/<(?=[@#])/g, '<\u200B')
    .replace(/@(?=everyone|here)/gi, '@\u200B');
}

/** As many whole lines, from the first one on, as fit into `room` characters. */
export function takeLines(lines: readonly string[], room: number): string {
  let used = 0;
  const end = lines.findIndex((line) => {
    used += line.length + 1;
    return used > room;
  });
  return lines.slice(0, end === -1 ? lines.length : end).join('\n');
}

const renderInline = (text: string, publicUrl: PublicUrl): string => renderSpans(readSpans(text), publicUrl);

const renderSpans = (spans: readonly Span[], publicUrl: PublicUrl): string => spans.map((span) => renderSpan(span, publicUrl)).join('');

function renderSpan(span: Span, publicUrl: PublicUrl): string {
  switch (span.kind) {
    case 'text':
      return escapeData(span.text);
    case 'code':
      return `\`${codeText(span.text)}\``;
    case 'bold':
      return `**${renderSpans(span.spans, publicUrl)}**`;
    case 'italic':
      return `*${renderSpans(span.spans, publicUrl)}*`;
    case 'link':
      return renderLink(span.words, span.to, publicUrl);
  }
}

/** Our own pages open where they can be reached; another site's address is shown beside the words, never behind them. */
function renderLink(label: string, to: LinkTarget, publicUrl: PublicUrl): string {
  const words = escapeData(label);
  if ('url' in to) return `${words} (${escapeData(to.url.href)})`;
  return publicUrl === null ? `${words} (console: ${escapeData(to.page)})` : `[${words}](${publicUrl}${to.page})`;
}

function renderLine(line: Line, publicUrl: PublicUrl): string {
  switch (line.kind) {
    case 'code':
      return codeBlock(line.lines.join('\n'));
    case 'row':
      return escapeLineStart(`| ${line.cells.map((cell) => renderInline(cell, publicUrl)).join(' | ')} |`);
    case 'bullet':
      return `${' '.repeat(Math.min(4, line.indent))}- ${renderInline(line.text, publicUrl)}`;
    case 'number':
      return `${line.number}. ${renderInline(line.text, publicUrl)}`;
    case 'quote':
      return `> ${escapeLineStart(renderInline(line.text, publicUrl))}`;
    case 'heading':
      return `**${renderInline(line.text, publicUrl)}**`;
    case 'plain':
      return escapeLineStart(renderInline(line.text, publicUrl));
  }
}

/** Whole Markdown text of a card; time is linear in its length. */
export const renderMarkdown = (text: string, publicUrl: PublicUrl): string =>
  readLines(text)
    .map((line) => renderLine(line, publicUrl))
    .join('\n')
    .trim();

export function codeBlock(text: string): string {
  return `\`\`\`\n${codeText(text)}\n\`\`\``;
}

/** A field's value or a cell: plain data, except that a whole value may be a link to our own page or a moment. */
export function renderValue(value: string, publicUrl: PublicUrl): string {
  const link = readOwnLink(value);
  if (link !== null) return renderLink(unescapeMarkup(link.words), link, publicUrl);
  const seconds = isMoment(value) ? Math.floor(Date.parse(value) / 1000) : Number.NaN;
  // Discord shows it in the reader's own time zone, and counts down by itself.
  if (Number.isFinite(seconds)) return `<t:${seconds}:f> (<t:${seconds}:R>)`;
  return escapeLineStart(escapeData(value.replace(/\s+/g, ' ').trim()));
}
