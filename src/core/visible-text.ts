// Makes characters visible that hide or reorder text: bidirectional controls, zero-width, control and tag characters.
// Only for showing: what is stored and hashed stays byte-equal.

/** A joiner or a variation selector inside an emoji is how the emoji is written, not a trick. */
const EMOJI_PART = String.raw`(?<=\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}]?)\uFE0F|(?<=\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}]?\uFE0F?)\u200D(?=\p{Extended_Pictographic})`;

const HIDDEN = [
  String.raw`[\u0000-\u0008\u000B-\u001F\u007F-\u009F]`, // controls; tab and newline stay
  String.raw`[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]`, // bidirectional
  String.raw`[\u00AD\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200D\u2028\u2029\u2060-\u2065\u206A-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB]`, // zero-width
  String.raw`[\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]`, // musical formatting, tags, variation selectors that smuggle bytes
  String.raw`\p{Surrogate}`, // lone halves
].join('|');

const PATTERN = new RegExp(`(${EMOJI_PART})|${HIDDEN}`, 'gu');

/** `a\u202Eb` reads `a⟦U+202E⟧b`. Newlines and tabs stay; a Windows line end becomes a newline. */
export function makeVisible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(PATTERN, (found: string, emojiPart: string | undefined) => {
    if (emojiPart !== undefined) return found;
    const code = found.codePointAt(0) ?? 0;
    return `⟦U+${code.toString(16).toUpperCase().padStart(4, '0')}⟧`;
  });
}

/** Cuts at `max` UTF-16 units, never inside a pair, and says how much is missing. */
export function clipText(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(max - 1)) ? max - 1 : max;
  return `${text.slice(0, end)}… (${(text.length - end).toLocaleString('en')} more characters)`;
}
