// From the bytes of a page to text that is safe to store and to show: the right charset, no control characters, a length limit.
// HTML goes on to html-text.ts.

const BYTE_ORDER_MARKS: readonly [string, readonly number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** The HTML standard looks for `<meta charset>` in the first 1024 bytes. */
const META_SCAN_BYTES = 1024;

/** What cannot be seen but changes what is read: controls but tab and newline, bidirectional overrides, invisible tag characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** The media type of a Content-Type header without its parameters, in lower case; '' when there is none. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function charsetOfMeta(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, META_SCAN_BYTES));
  const label = /<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]+)/i.exec(head)?.[1];
  // A page whose meta could be read byte by byte is not UTF-16, whatever it claims (HTML standard, same rule).
  return label !== undefined && /^utf-?16/i.test(label) ? 'utf-8' : label;
}

function charsetOf(bytes: Uint8Array, header: string | undefined, isHtml: boolean): string {
  const mark = BYTE_ORDER_MARKS.find(([, signature]) => signature.every((byte, index) => bytes[index] === byte));
  if (mark !== undefined) return mark[0];
  const declared = /;\s*charset\s*=\s*["']?([\w.:-]+)/i.exec(header ?? '')?.[1];
  return declared ?? (isHtml ? charsetOfMeta(bytes) : undefined) ?? 'utf-8';
}

/** Decodes by byte order mark, header, `<meta>`, else UTF-8; what doesn't decode becomes U+FFFD, an unknown charset is read as UTF-8. */
export function decodeText(bytes: Uint8Array, header: string | undefined, isHtml: boolean): string {
  try {
    return new TextDecoder(charsetOf(bytes, header, isHtml)).decode(bytes);
  } catch {
    return new TextDecoder('utf-8').decode(bytes);
  }
}

/** Without invisible characters and with `\n` as the only line end. */
export function cleanText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(INVISIBLE, '');
}

/** At most `limit` UTF-16 units, never half a character. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const splitsPair = /[\ud800-\udbff]/.test(text.charAt(limit - 1));
  return text.slice(0, splitsPair ? limit - 1 : limit);
}
