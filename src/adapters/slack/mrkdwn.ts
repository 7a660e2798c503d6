// The small Markdown of cards → Slack's mrkdwn. Data stays what it is: no mention, no link and no style comes out of it.
import { makeVisible } from '../../core/visible-text.ts';

/** Between a sign and its neighbours it keeps Slack from reading the sign as style; it shows nothing. */
const GUARD = '\u200B';

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
  return makeVisible(text)
    .split('\n')
    .map((line) => renderLine(line, publicUrl));
}

function renderLine(line: string, publicUrl: PublicUrl): string {
  const [, lead = '', rest = line] = /^(\s{0,8}[-•] +|\s{0,8}\* +|#{1,4} +|> ?)?(.*)$/su.exec(line) ?? [];
  const words = renderInline(rest, publicUrl);
  if (lead.startsWith('#')) return words === '' ? '' : `*${words}*`;
  if (lead.startsWith('>')) return `&gt; ${words}`;
  return lead === '' ? words : `${lead.replace(/[-*•] +$/, '• ')}${words}`;
}

function renderInline(text: string, publicUrl: PublicUrl, depth = 0): string {
  if (depth > 4) return literal(text);
  const parts: string[] = [];
  let plain = '';
  let from = 0;
  const flush = () => {
    parts.push(literal(plain));
    plain = '';
  };
  for (const match of text.matchAll(INLINE)) {
    plain += text.slice(from, match.index);
    from = match.index + match[0].length;
    // Escaped signs join the plain text around them, so that a name with an escaped underscore stays one word.
    if (match[1] !== undefined) plain += match[1];
    else {
      flush();
      parts.push(renderSpan(match, publicUrl, depth + 1));
    }
  }
  plain += text.slice(from);
  flush();
  return parts.join('');
}

function renderSpan(match: RegExpExecArray, publicUrl: PublicUrl, depth: number): string {
  const [whole, , code, bold, star, underscore, label, target] = match;
  if (code !== undefined) return `\`${escapeControl(code)}\``;
  if (bold !== undefined) return `*${renderInline(bold, publicUrl, depth)}*`;
  const italics = star ?? underscore;
  if (italics !== undefined) return `_${renderInline(italics, publicUrl, depth)}_`;
  return renderLink(label ?? '', target ?? '', publicUrl) ?? literal(whole);
}

/** Our own pages by path; other sites only over https and with their whole address shown: words never hide where they lead. */
function renderLink(label: string, target: string, publicUrl: PublicUrl): string | null {
  const words = literal(label.replace(/\\([!-/:-@[-`{-~])/g, '$1')).replaceAll('|', '/');
  if (/^\/(?![/\\])[\w\-./?=&%#]*$/.test(target)) return publicUrl === null ? words : `<${address(target, publicUrl)}|${words}>`;
  const url = URL.parse(target);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return null;
  return `${words} (<${address(url.href)}>)`;
}

const address = (path: string, base?: string): string => escapeControl(new URL(path, base).href.replace(/[|<>]/g, encodeURIComponent));

/** A field's value: plain, except that a whole value written as a link to one of our own pages is a link. */
export function renderValue(value: string, publicUrl: PublicUrl): string {
  const link = /^\[([^\]\n]{1,300})\]\((\/(?![/\\])[\w\-./?=&%#]*)\)$/.exec(value);
  return link === null ? literal(value) : (renderLink(link[1] ?? '', link[2] ?? '', publicUrl) ?? literal(value));
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
