// What a number is said to be of: the words beside it that some record uses for a figure.
import type { EvidenceRecord, Figure } from './evidence-records.ts';
import type { SaidNumber } from './numbers.ts';
import { canon, meanings } from './words.ts';

/** Between a word and its number: "revenue was $5", "a price of $5", "revenue rose to $5"; not "units at $5". */
const LINK =
  /^\W*(?:(?:is|was|were|are|of|to|at|about|around|over|under|roughly|nearly|almost|approximately|reached|totall?ed|totals?|came|stood|stands|amounts?|amounted|hit|only|just|equals?|more|less|than|least|most|an?|the|has|had|been|now|rose|fell|grew|went|up|down|exactly|rate|total|average|its|value|in|all|by|increased|decreased|dropped|climbed|from)\W*)*$/i;

/** The words a set of records uses for its figures. */
const vocabulary = (records: readonly EvidenceRecord[]): Set<string> =>
  new Set(records.flatMap(({ figures }) => figures.flatMap(({ about }) => about)));

const firstKnown = (words: readonly string[], known: ReadonlySet<string>, canons: ReadonlySet<string>): string | null =>
  words.find((word) => known.has(word) || canons.has(canon(word))) ?? null;

/**
 * The word a number belongs to: the next known one after it, up to the following number, else the last one before it that is linked to it.
 * @returns null when the claim does not say; then no figure is excluded.
 */
export function attributeOf(
  claim: string,
  number: SaidNumber,
  neighbours: { before: number; after: number },
  records: readonly EvidenceRecord[],
): string | null {
  const known = vocabulary(records);
  const canons = new Set([...known].map(canon));
  const following =
    claim
      .slice(number.end, neighbours.after)
      .split(/[,;:()—]|\b(?:from|at|for|and|with|per|in|on|by|while|when|after|before|against|than|out)\b/i)[0] ?? '';
  const next = firstKnown(meanings(following), known, canons);
  if (next !== null) return next;
  const before = claim.slice(neighbours.before, number.at);
  const words = [...before.matchAll(/[\p{L}_'’-]+/gu)];
  for (const match of words.toReversed()) {
    const found = firstKnown(meanings(match[0]), known, canons);
    if (found === null) continue;
    return LINK.test(before.slice(match.index + match[0].length)) ? found : null;
  }
  return null;
}

/** The figures a word stands for: those that use the very word, else those that use one of its meaning. All, when no word was said. */
export function figuresOf(figures: readonly Figure[], attribute: string | null): readonly Figure[] {
  if (attribute === null) return figures;
  const exact = figures.filter(({ about }) => about.includes(attribute));
  return exact.length > 0 ? exact : figures.filter(({ about }) => about.some((word) => canon(word) === canon(attribute)));
}
