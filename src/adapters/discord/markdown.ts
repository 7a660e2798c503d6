// The small Markdown of cards as Discord's. Rebuilt from what was read, never passed through: what is not markup for us is none there.
import { makeVisible } from '../../core/visible-text.ts';

/** Where our own pages are found from outside; null when they are not. */
export type PublicUrl = string | null;

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
const OWN_PAGE = /^\/(?![/\\])[\w\-./?=&%#]*$/;

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

function renderInline(text: string, publicUrl: PublicUrl, depth = 0): string {
  if (depth > 3) return escapeData(text);
  let out = '';
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    out += escapeData(text.slice(from, match.index)) + renderSpan(match, publicUrl, depth + 1);
    from = match.index + match[0].length;
  }
  return out + escapeData(text.slice(from));
}

function renderSpan(match: RegExpExecArray, publicUrl: PublicUrl, depth: number): string {
  const [whole, escaped, code, bold, star, underscore, label, target] = match;
  if (escaped !== undefined) return escapeData(escaped);
  if (code !== undefined) return `\`${codeText(code)}\``;
  if (bold !== undefined) return `**${renderInline(bold, publicUrl, depth)}**`;
  const italics = star ?? underscore;
  if (italics !== undefined) return `*${renderInline(italics, publicUrl, depth)}*`;
  return renderLink(whole, label ?? '', target ?? '', publicUrl);
}

/** Our own pages open where they can be reached; another site's address is shown beside the words, never behind them. */
function renderLink(whole: string, label: string, target: string, publicUrl: PublicUrl): string {
  const words = escapeData(label.replace(/\\([!-/:-@[-`{-~])/g, '$1'));
  if (OWN_PAGE.test(target)) return publicUrl === null ? `${words} (console: ${escapeData(target)})` : `[${words}](${publicUrl}${target})`;
  const url = URL.parse(target);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return escapeData(whole);
  return `${words} (${escapeData(url.href)})`;
}

function renderLine(line: string, publicUrl: PublicUrl): string {
  const bullet = /^(\s{0,8})[-*•] +(.*)$/.exec(line);
  if (bullet !== null) return `${(bullet[1] ?? '').slice(0, 4)}- ${renderInline(bullet[2] ?? '', publicUrl)}`;
  const numbered = /^\s{0,8}(\d{1,4})[.)] +(.*)$/.exec(line);
  if (numbered !== null) return `${numbered[1]}. ${renderInline(numbered[2] ?? '', publicUrl)}`;
  const quote = /^> ?(.*)$/.exec(line);
  if (quote !== null) return `> ${escapeLineStart(renderInline(quote[1] ?? '', publicUrl))}`;
  const heading = /^#{1,4} +(.*)$/.exec(line);
  if (heading !== null) return `**${renderInline(heading[1] ?? '', publicUrl)}**`;
  return escapeLineStart(renderInline(line, publicUrl));
}

/** Whole Markdown text of a card; time is linear in its length. */
export function renderMarkdown(text: string, publicUrl: PublicUrl): string {
  const out: string[] = [];
  let code: string[] | null = null;
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const fence = line.startsWith('```');
    if (fence && code === null) code = [];
    else if (fence && code !== null) {
      out.push(codeBlock(code.join('\n')));
      code = null;
    } else if (code !== null) code.push(line);
    else out.push(renderLine(line, publicUrl));
  }
  if (code !== null) out.push(codeBlock(code.join('\n')));
  return out.join('\n').trim();
}

export function codeBlock(text: string): string {
  return `\`\`\`\n${codeText(text)}\n\`\`\``;
}

/** A field's value or a cell: plain data, except that a whole value may be a link to our own page or a moment. */
export function renderValue(value: string, publicUrl: PublicUrl): string {
  const link = /^\[([^\]\n]{1,300})\]\((\/(?![/\\])[\w\-./?=&%#]*)\)$/.exec(value);
  if (link !== null) return renderLink(value, link[1] ?? '', link[2] ?? '', publicUrl);
  const seconds = isMoment(value) ? Math.floor(Date.parse(value) / 1000) : Number.NaN;
  // Discord shows it in the reader's own time zone, and counts down by itself.
  if (Number.isFinite(seconds)) return `<t:${seconds}:f> (<t:${seconds}:R>)`;
  return escapeLineStart(escapeData(value.replace(/\s+/g, ' ').trim()));
}

export function isMoment(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
}
