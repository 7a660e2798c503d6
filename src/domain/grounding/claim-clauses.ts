// A claim in its clauses: which number is said of which thing.
import type { Mention } from './mentions.ts';
import type { SaidNumber } from './said-numbers.ts';

export interface Clause {
  at: number;
  end: number;
  things: Mention[];
  numbers: SaidNumber[];
}

const BREAK =
  /;|—| – |, (?:up|down|and|while|whereas|but|though|although|versus|compared)\b|,(?=\s)| (?:and|while|whereas|but|(?:even )?though|although|against|versus|vs\.?|compared (?:to|with))(?= )/gi;
const AGAINST = /^,? (?:up|down|compared|versus|vs|against|than)\b/i;
/** Speaks of another time than what was said before it. */
const OTHER_TIME =
  /\b(?:(?:day|week|month|quarter|year)s? (?:before|earlier|after|later|ago)|(?:previous|prior|preceding|following) (?:day|week|month|quarter|year)|last (?:week|month|quarter|year)|(?:up|down) from)\b/i;
const IN_ORDER = /\brespectively\b|\bin that order\b/i;

/** Pieces between the breaks; those without a number go with the next one, or with the last. */
function cut(claim: string, numbers: readonly SaidNumber[], things: readonly Mention[]): { at: number; end: number }[] {
  const pieces: { at: number; end: number }[] = [];
  let at = 0;
  const isInside = (place: number): boolean => [...numbers, ...things].some((part) => place > part.at && place < part.end);
  const hasNumber = (from: number, to: number): boolean => numbers.some((number) => number.at >= from && number.at < to);
  for (const match of claim.matchAll(BREAK)) {
    if (isInside(match.index) || !hasNumber(at, match.index)) continue;
    pieces.push({ at, end: match.index });
    at = match.index + match[0].length;
  }
  const last = pieces.at(-1);
  if (last === undefined || hasNumber(at, claim.length)) pieces.push({ at, end: claim.length });
  else last.end = claim.length;
  return pieces;
}

/** A clause that names no thing of its own speaks of the one before, or of the only ones there are. Days hold until another is named. */
export function toClauses(claim: string, numbers: readonly SaidNumber[], things: readonly Mention[]): Clause[] {
  const strong = things.filter((thing) => !thing.isDay);
  if (IN_ORDER.test(claim) && strong.length >= numbers.length && numbers.length > 1)
    return numbers.map((number, at) => ({ at: 0, end: claim.length, numbers: [number], things: strong.slice(at, at + 1) }));
  const clauses: Clause[] = [];
  for (const piece of cut(claim, numbers, things)) {
    const isIn = (part: { at: number }): boolean => part.at >= piece.at && part.at < piece.end;
    const own = things.filter(isIn);
    const before = clauses.at(-1)?.things ?? [];
    const named = own.some((thing) => !thing.isDay) ? [] : before.filter((thing) => !thing.isDay && !own.includes(thing));
    const isOther = OTHER_TIME.test(claim.slice(Math.max(0, piece.at - 8), piece.end));
    const days = isOther || own.some((thing) => thing.isDay) ? [] : before.filter((thing) => thing.isDay);
    clauses.push({ ...piece, numbers: numbers.filter(isIn), things: [...named, ...days, ...own] });
  }
  const [first] = clauses;
  const second = clauses[1];
  // What it is set against is another thing.
  const isAgainst = second !== undefined && first !== undefined && AGAINST.test(claim.slice(first.end, second.end));
  if (first !== undefined && first.things.length === 0 && clauses.length > 1 && !isAgainst) first.things = clauses[1]?.things ?? [];
  return clauses;
}
