// Numbers in words: two hundred and fifty is 250.

export const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
export const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
export const SCALES: Record<string, number> = {
  hundred: 100,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
  k: 1e3,
  m: 1e6,
  mn: 1e6,
  bn: 1e9,
  b: 1e9,
  dozen: 12,
};
/** The value of spelled-out words, null for none: `two hundred and fifty` is 250. */
export function readWords(text: string): number | null {
  let total = 0;
  let part = 0;
  const words = text
    .toLowerCase()
    .split(/[ -]+/)
    .filter((word) => !['and', 'a', 'an'].includes(word));
  for (const word of words) {
    const one = word === 'twice' ? 2 : ONES.indexOf(word);
    const scale = SCALES[word];
    if (one >= 0) part += one;
    else if (TENS.includes(word)) part += (TENS.indexOf(word) + 2) * 10;
    else if (scale === 100 || scale === 12) part = Math.max(part, 1) * scale;
    else if (scale !== undefined) {
      total += Math.max(part, 1) * scale;
      part = 0;
    } else return null;
  }
  return total + part;
}
