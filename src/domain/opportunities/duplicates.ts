// Whether two names mean one thing: normalised words, then trigrams as pg_trgm counts them (here in code: a server may lack the extension). Pure.

/** Words that tell nothing apart. */
const EMPTY = new Set(['a', 'an', 'and', 'for', 'in', 'of', 'on', 'our', 'the', 'to', 'with', 'your']);
/** pg_trgm's default is 0.3, for searching; two names that share this much are one thing. */
export const SAME = 0.6;

/** Lower case without accents, punctuation, filler words and plural endings. */
export function nameKey(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '' && !EMPTY.has(word));
  return words.map((word) => (word.length > 3 ? word.replace(/(?<=[^s])s$/, '') : word)).join(' ');
}

/** Of each word, with two blanks before and one behind it. */
function trigramsOf(key: string): Set<string> {
  const grams = new Set<string>();
  for (const word of key.split(' ').filter((part) => part !== '')) {
    const padded = [...`  ${word} `];
    for (let at = 0; at + 3 <= padded.length; at += 1) grams.add(padded.slice(at, at + 3).join(''));
  }
  return grams;
}

/** Shared trigrams over all trigrams, 0 to 1, of two keys of `nameKey`. */
export function similarity(one: string, other: string): number {
  const [a, b] = [trigramsOf(one), trigramsOf(other)];
  if (a.size === 0 || b.size === 0) return one === other && one !== '' ? 1 : 0;
  const shared = [...a].filter((gram) => b.has(gram)).length;
  return shared / (a.size + b.size - shared);
}

/** The one it is a duplicate of: the most alike, of those the oldest; null when none is alike enough. */
export function findSame<Known extends { id: number; name_key: string }>(key: string, known: readonly Known[]): Known | null {
  let best: Known | null = null;
  let most = SAME;
  for (const one of known) {
    const alike = one.name_key === key && key !== '' ? 1 : similarity(key, one.name_key);
    if (alike > most || (alike === most && (best === null || one.id < best.id))) [best, most] = [one, alike];
  }
  return best;
}
