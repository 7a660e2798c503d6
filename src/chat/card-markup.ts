// The small Markdown of cards and documents, read once for every surface: lines first, then the spans of a line. Pure, time linear in length.
// Unknown syntax is text. What a surface shows of it, and how data is kept from becoming markup there, is that surface's own matter.

export type Span =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'bold' | 'italic'; spans: Span[] }
  /** `label` as it was written, for surfaces that allow markup in it; `words` without any. */
  | { kind: 'link'; label: string; words: string; to: LinkTarget };

/** One of our own pages, or another site over https; anything else is no link. */
export type LinkTarget = { page: string } | { url: URL };

export type Line =
  | { kind: 'bullet'; indent: number; text: string }
  | { kind: 'number'; number: string; text: string }
  | { kind: 'quote' | 'plain'; text: string }
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'row'; cells: string[] }
  | { kind: 'code'; lines: string[] };

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
const DEEPEST = 4;
const PAGE = /^\/(?![/\\])[\w\-./?=&%#]*$/;

/** Bold, italics, code and links of one line. An escaped sign joins the words around it. */
export function readSpans(text: string, depth = 0): Span[] {
  if (depth > DEEPEST) return [{ kind: 'text', text }];
  const spans: Span[] = [];
  let plain = '';
  let from = 0;
  const flush = (): void => {
    if (plain !== '') spans.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (const match of text.matchAll(INLINE)) {
    plain += text.slice(from, match.index);
    from = match.index + match[0].length;
    const span = match[1] === undefined ? readSpan(match, depth + 1) : null;
    if (span === null) plain += match[1] ?? match[0];
    else {
      flush();
      spans.push(span);
    }
  }
  plain += text.slice(from);
  flush();
  return spans;
}

function readSpan([, , code, bold, star, underscore, label = '', target = '']: RegExpExecArray, depth: number): Span | null {
  if (code !== undefined) return { kind: 'code', text: code };
  if (bold !== undefined) return { kind: 'bold', spans: readSpans(bold, depth) };
  const italics = star ?? underscore;
  if (italics !== undefined) return { kind: 'italic', spans: readSpans(italics, depth) };
  const to = readTarget(target);
  return to === null ? null : { kind: 'link', label, words: unescapeMarkup(label), to };
}

function readTarget(target: string): LinkTarget | null {
  if (PAGE.test(target)) return { page: target };
  const url = URL.parse(target);
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? { url } : null;
}

/** Words without the backslashes of their escaped signs. */
export const unescapeMarkup = (text: string): string => text.replace(/\\([!-/:-@[-`{-~])/g, '$1');

/** Every line of a text; what stands between two fences is one. A fence that is never closed ends with the text. */
export function readLines(text: string): Line[] {
  const lines: Line[] = [];
  let code: string[] | null = null;
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const isFence = line.startsWith('```');
    if (isFence && code === null) code = [];
    else if (isFence && code !== null) {
      lines.push({ kind: 'code', lines: code });
      code = null;
    } else if (code !== null) code.push(line);
    else lines.push(readLine(line));
  }
  if (code !== null) lines.push({ kind: 'code', lines: code });
  return lines;
}

function readLine(line: string): Line {
  const [bullet, indent = ''] = /^(\s{0,8})[-*•] +/.exec(line) ?? [];
  if (bullet !== undefined) return { kind: 'bullet', indent: indent.length, text: line.slice(bullet.length) };
  const [number, digits = ''] = /^\s{0,8}(\d{1,4})[.)] +/.exec(line) ?? [];
  if (number !== undefined) return { kind: 'number', number: digits, text: line.slice(number.length) };
  const [quote] = /^> ?/.exec(line) ?? [];
  if (quote !== undefined) return { kind: 'quote', text: line.slice(quote.length) };
  if (/^\s*\|.*\|\s*$/.test(line)) return { kind: 'row', cells: readCells(line) };
  const [heading, marks = ''] = /^(#{1,4}) +/.exec(line) ?? [];
  if (heading !== undefined) return { kind: 'heading', level: marks.length, text: line.slice(heading.length) };
  return { kind: 'plain', text: line };
}

const readCells = (line: string): string[] =>
  line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** A field's value or a cell is plain data, except that a whole value may be a link to one of our own pages. */
export function readOwnLink(value: string): { words: string; page: string } | null {
  const [, words, page] = /^\[([^\]\n]{1,300})\]\((\/(?![/\\])[\w\-./?=&%#]*)\)$/.exec(value) ?? [];
  return words === undefined || page === undefined ? null : { words, page };
}

/** A whole value that is a moment, like 2026-11-23T00:15:00Z: surfaces tell it in words or in the reader's own time. */
export const isMoment = (value: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
