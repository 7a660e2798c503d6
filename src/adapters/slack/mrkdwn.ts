// The small Markdown of cards → Slack's mrkdwn. Data stays what it is: no mention, no link and no style comes out of it.
import { type Line, type LinkTarget, readLines, readOwnLink, readSpans, type Span, unescapeMarkup } from '../../chat/card-markup.ts';
import { makeVisible } from '../../core/visible-text.ts';

/** Between a sign and its neighbours it keeps Slack from reading the sign as style; it shows nothing. */
const GUARD = '\u200B';

/** Our console's address for links to our own pages; null when it has none that others can open. */
export type PublicUrl = string | null;

/** `& < >` as Slack wants them: without them no mention and no link can be written. */
export function escapeControl(text: string): string {
  return makeVisible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Text shown sign by sign: `*`, `_`, `~`, backticks, quotes and emoji names in it are no markup. */
export function literal(text: string): string {
  return escapeControl(text)
    .replace(/[*_~`]+/g, (signs, at: number, whole: string) => (isWithinWord(whole, at, signs.length) ? signs : guard(signs)))
    .replace(/:(?=[\w+'-]+:)/g, `:${GUARD}`)
    .replace(/^&gt;/gm, `${GUARD}&gt;`);
}

const guard = (signs: string): string => `${GUARD}${[...signs].join(GUARD)}${GUARD}`;

/** A name like a_b or 2*3 starts no style. */
function isWithinWord(whole: string, at: number, length: number): boolean {
  const isWord = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}]/u.test(sign);
  return isWord(whole[at - 1]) && isWord(whole[at + length]);
}

/** Every line of a card's text by itself, so that it can be split between lines. */
export function renderLines(text: string, publicUrl: PublicUrl): string[] {
  return readLines(makeVisible(text)).flatMap((line) => renderLine(line, publicUrl));
}

function renderLine(line: Line, publicUrl: PublicUrl): string[] {
  switch (line.kind) {
    case 'code':
      return line.lines.map((code) => (code.trim() === '' ? '' : codeOf(code.replaceAll('`', "'"))));
    case 'row':
      return [`| ${line.cells.map((cell) => renderInline(cell, publicUrl)).join(' | ')} |`];
    case 'bullet':
      return [`${' '.repeat(line.indent)}• ${renderInline(line.text, publicUrl)}`];
    case 'number':
      return [`${line.number}. ${renderInline(line.text, publicUrl)}`];
    case 'quote':
      return [`&gt; ${renderInline(line.text, publicUrl)}`];
    case 'heading':
      return [line.text.trim() === '' ? '' : `*${renderInline(line.text, publicUrl)}*`];
    case 'plain':
      return [renderInline(line.text, publicUrl)];
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
      return `*${renderSpans(span.spans, publicUrl)}*`;
    case 'italic':
      return `_${renderSpans(span.spans, publicUrl)}_`;
    case 'link':
      return renderLink(span.words, span.to, publicUrl);
  }
}

const codeOf = (text: string): string => `\`${escapeControl(text)}\``;

/** Our own pages by path; other sites with their whole address shown: words never hide where they lead. */
function renderLink(label: string, to: LinkTarget, publicUrl: PublicUrl): string {
  const words = literal(label).replaceAll('|', '/');
  if ('url' in to) return `${words} (<${address(to.url.href)}>)`;
  return publicUrl === null ? words : `<${address(to.page, publicUrl)}|${words}>`;
}

const address = (path: string, base?: string): string => escapeControl(new URL(path, base).href.replace(/[|<>]/g, encodeURIComponent));

/** A field's value: plain, except that a whole value written as a link to one of our own pages is a link. */
export function renderValue(value: string, publicUrl: PublicUrl): string {
  const link = readOwnLink(value);
  return link === null ? literal(value) : renderLink(unescapeMarkup(link.words), link, publicUrl);
}

/** Never inside an entity, a link or a character. */
const ATOM = /<[^<>]*>|&(?:amp|lt|gt);|[\s\S]/gu;
const CUT_NOTE = '… (shortened)';

/** At most `max` characters of finished mrkdwn or escaped text, with a visible note where something is missing. */
export function clipRendered(text: string, max: number): string {
  if (text.length <= max) return text;
  const [first = ''] = splitRendered(text, Math.max(1, max - CUT_NOTE.length));
  return max <= CUT_NOTE.length ? first.slice(0, max) : first + CUT_NOTE;
}

/** Pieces of at most `max` characters that together are the text. */
export function splitRendered(text: string, max: number): string[] {
  if (text.length <= max) return [text];
  const pieces: string[] = [];
  let piece = '';
  for (const [atom] of text.matchAll(ATOM)) {
    for (const part of atom.length > max ? (atom.match(new RegExp(`[\\s\\S]{1,${max}}`, 'gu')) ?? []) : [atom]) {
      if (piece.length + part.length > max) {
        pieces.push(piece);
        piece = '';
      }
      piece += part;
    }
  }
  return piece === '' ? pieces : [...pieces, piece];
}
