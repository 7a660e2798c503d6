// Cuts secrets out of text before it is written anywhere: by shape, by their encodings, and by exact value where we hold them.
// Runs on every log line, so each costlier look stands behind a cheap one.
import { KEYS, looksSecret, MASK, NAMED_SHAPES } from './secret-shapes.ts';

/** Shorter values would cut ordinary words out of every line. */
const SHORTEST_SECRET = 8;
/** No shape of a key is shorter. */
const SHORTEST_RUN = 16;
/** Inside a run: base64 or hex, also over the ends of lines. */
const ENCODED = /[\w+/-]{20,}(?:(?:\\+r|\r)?(?:\\+n|\n)[\w+/-]+)*/g;
/** Programs that wrap base64 do so at 64 or 76 characters. */
const WRAPPED_LINE = 60;
const LINE_ENDS = /\\+[rn]|[\r\n]/g;
const LINE_END = /(?:\\+r|\r)?(?:\\+n|\n)(?=[\w+/-])/y;
const HEX_ONLY = /^(?:[0-9a-f]{2}){10,}$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Words joined by dashes, underscores or slashes: what paths and names are made of, and base64 of 20 letters never is. */
const WORDS = /^[/_-]*(?:[a-z]{1,24}|[A-Z]{1,24}|\d{1,10})(?:[/_-]+(?:[a-z]{1,24}|[A-Z]{1,24}|\d{1,10}))*$/;
const PERCENT = /(?:[\w.~!*()-]*%[0-9A-Fa-f]{2}){1,2000}[\w.~!*()-]*/g;

const known = new Set<string>();
let knownPattern: RegExp | null = null;

/** All the ways a known value may be written down: as it is, in JSON, in a URL, in hex, and in base64 at each of its three alignments. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const inner = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    // The first and last characters also depend on the neighbours; what is between them does not.
    const start = shift === 0 ? 0 : shift + 1;
    const end = (shift + bytes.length) % 3 === 0 ? text.length : text.length - 1;
    return text.slice(start, end);
  });
  const web = encodeURIComponent(value.toWellFormed());
  const forms = [value, JSON.stringify(value).slice(1, -1), web, web.replace(/%../g, (code) => code.toLowerCase())];
  forms.push(bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...inner);
  forms.push(...inner.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')), ...inner.map((text) => text.replaceAll('/', '\\/')));
  return forms.filter((form) => form.length >= SHORTEST_SECRET);
}

/** From now on this exact value and its encoded forms are cut from all text. Values under 8 characters are ignored. */
export function registerSecret(value: string): void {
  if (value.length < SHORTEST_SECRET) return;
  for (const form of formsOf(value)) known.add(form);
  // The longest first, so that a form which contains another is cut whole.
  const forms = [...known].sort((a, b) => b.length - a.length).map((form) => form.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  knownPattern = new RegExp(forms.join('|'), 'g');
}

function decodings(run: string): Buffer[] {
  if (HEX_ONLY.test(run)) return [Buffer.from(run, 'hex')];
  // What stands before the secret (a path, a name) may have shifted it.
  return [0, 1, 2, 3].map((shift) => Buffer.from(run.slice(shift), 'base64'));
}

/** Text inside the bytes: a hash or an id decodes to noise, which has no long stretch of plain characters. */
function hasText(bytes: Buffer): boolean {
  let stretch = 0;
  for (const byte of bytes) {
    stretch = byte >= 0x20 && byte < 0x7f ? stretch + 1 : 0;
    if (stretch >= SHORTEST_SECRET) return true;
  }
  return false;
}

function isSecret(bytes: Buffer): boolean {
  if (!hasText(bytes)) return false;
  const text = bytes.toString('latin1');
  return looksSecret(text) || (knownPattern !== null && text.search(knownPattern) >= 0);
}

function hidesSecret(run: string): boolean {
  return !UUID.test(run) && !WORDS.test(run) && decodings(run.replace(LINE_ENDS, '')).some(isSecret);
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8, or cut short: the bytes one by one are good enough to look at.
    return text.replace(/%([0-9A-Fa-f]{2})/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  }
}

function cutNamed(text: string): string {
  let out = text;
  for (const { hint, shapes } of NAMED_SHAPES) {
    if (!hint.test(out)) continue;
    for (const { pattern, replacement } of shapes) out = out.replace(pattern, replacement);
  }
  return out;
}

function cutRun(run: string): string {
  return run.replace(KEYS, MASK).replace(ENCODED, (part) => (hidesSecret(part) ? MASK : part));
}

/** What follows a backslash where JSON writes a line's end or a control character: it belongs to no secret behind it. */
const ESCAPE = /u[0-9A-Fa-f]{4}|[bfnrt]/y;

/** How many characters at `at` are the rest of an escape. */
function escapeLength(text: string, at: number): number {
  if (text[at - 1] !== '\\') return 0;
  ESCAPE.lastIndex = at;
  return ESCAPE.exec(text)?.[0].length ?? 0;
}

/** A run but for the first `kept` characters, the rest of an escape; with them only where they make the secret, as `C:\npm_…` does. */
function cutBehindEscape(run: string, kept: number): string {
  if (kept === 0) return cutRun(run);
  const rest = run.slice(kept);
  const cut = cutRun(rest);
  return cut === rest ? cutRun(run) : run.slice(0, kept) + cut;
}

/** The characters of keys and encodings: letters, digits and `_-.+/=:`. */
const IN_RUN = new Uint8Array(65_536);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.+/=:') IN_RUN[character.charCodeAt(0)] = 1;

/** Where the run that goes on at `from` ends; a wrapped block goes on behind the end of its line. */
function endOfRun(text: string, from: number): number {
  let end = from;
  let lineStart = from - SHORTEST_RUN;
  for (;;) {
    while (end < text.length && IN_RUN[text.charCodeAt(end)] === 1) end += 1;
    if (end - lineStart < WRAPPED_LINE) return end;
    LINE_END.lastIndex = end;
    if (!LINE_END.test(text)) return end;
    lineStart = LINE_END.lastIndex;
    end = lineStart;
  }
}

/** Looks only into long runs of key characters, and finds them in jumps: a gap 16 characters on rules out all before it (Boyer & Moore 1977). */
function cutRuns(text: string): string {
  let out = '';
  let copied = 0;
  let start = 0;
  while (start + SHORTEST_RUN <= text.length) {
    let at = start + SHORTEST_RUN - 1;
    while (at >= start && IN_RUN[text.charCodeAt(at)] === 1) at -= 1;
    if (at >= start) {
      start = at + 1;
      continue;
    }
    const end = endOfRun(text, start + SHORTEST_RUN);
    const run = text.slice(start, end);
    const cut = cutBehindEscape(run, escapeLength(text, start));
    if (cut !== run) {
      out += text.slice(copied, start) + cut;
      copied = end;
    }
    start = end + 1;
  }
  return copied === 0 ? text : out + text.slice(copied);
}

const cutPercent = (part: string, at: number, text: string): string =>
  looksSecret(decodePercent(part)) ? part.slice(0, escapeLength(text, at)) + MASK : part;

/** The text without secrets, each replaced by `[secret]`. Time linear in its length; text without secrets comes back unchanged. */
export function redactText(text: string): string {
  const unknown = knownPattern === null ? text : text.replace(knownPattern, MASK);
  // Before the shapes, which would cut a secret at its first escaped character and leave the rest.
  const plain = unknown.includes('%') ? unknown.replace(PERCENT, cutPercent) : unknown;
  return cutRuns(cutNamed(plain));
}
