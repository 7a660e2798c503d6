// Kinds of reckoning of two terms, and the words that say them. A hit counts only where so few pairs were tried that it is hardly by chance.
import { isReckoned, isSaidOf } from './match-number.ts';
import type { SaidNumber } from './said-numbers.ts';
import { areAlike, inUnitOf, isShare, type Term, windowOf } from './terms.ts';
import { toBase, type Unit } from './units.ts';

/** An exchange is told by its currencies, hardly by chance. */
const EXCHANGED = 5;
const SUMS =
  /\b(?:totall?\w*|sum\w*|altogether|combined|together|overall|in all|across|collectively|both|add(?:s|ed|ing)? up|between them|plus|and|all|with|net|entire|whole|come to|comes to|came to|each)\b/i;
const DIFFERS =
  /\b(?:more|less|fewer|higher|lower|greater|differen\w*|gap|ahead|behind|increas\w+|decreas\w+|grew|growth|grown|rose|rise|risen|fell|fall\w*|drop\w*|declin\w+|up|down|chang\w+|left|leav\w+|remain\w*|unspent|unused|free|room|exceed\w*|below|above|over|under|longer|shorter|cheaper|dearer|pricier|saves?d?|saving|apart|net|profit|margin|short|gained|lost|improv\w+|extra|additional|spread|lowered|raised|cut|raising|after|before|minus|without|excluding|not|another|added|keep|kept|took off|shed|narrow\w+|widen\w+|climb\w*|jump\w*|slid|shrank|shrunk|\w{3,}er than|by|missed|still|ago|later|earlier|slipp\w+)\b/i;
const RATES =
  /\b(?:rates?|ratio|per|(\w+) for \1|percent|share|of|in|out of|conver\w+|margin|roi|return|each|every|average\w*|full|times|as|account\w*|works? out|unused|complete|used|apiece|a piece|a head|makes? up|twice|half|third|quarter|double\w*|triple\w*|through|portion|utili[sz]\w+|on average|worked out)\b|%/i;
const MULTIPLIES =
  /\b(?:worth|cost\w*|total\w*|over|represent\w*|come to|comes to|came to|works? out|a year|annual\w*|yearly|a month|monthly|full|owe\w*|makes?|would|value\w*|weighted|adds? up|altogether|in all|bill\w*|per|a week|for|if|at|pay\w*|buys?|gets?|earn\w*|is about|equals?|expected)\b/i;

type Kind = 'exchange' | 'sum' | 'difference' | 'change' | 'ratio' | 'rate' | 'product';
const CUES: Record<Kind, RegExp> = {
  exchange: /./,
  sum: SUMS,
  difference: DIFFERS,
  change: DIFFERS,
  ratio: RATES,
  rate: RATES,
  product: MULTIPLIES,
};

/** Rates say how much of their own currency one of the base is. */
function isExchanged(said: SaidNumber, amount: Term, rate: Term): boolean {
  const [from, to] = [codeOf(amount.unit), codeOf(said.unit)];
  if (from === null || to === null || from === to || rate.unit !== null || rate.value === 0 || said.unit === null) return false;
  const of = rate.key.split(/[ |]/);
  if (of.includes(from)) return isReckoned(said, amount.value / rate.value, said.unit);
  return of.includes(to) && isReckoned(said, amount.value * rate.value, said.unit);
}

const codeOf = (unit: Unit | null): string | null =>
  unit === null || !unit.dimension.startsWith('money') ? null : unit.dimension === 'money' ? 'usd' : unit.dimension.slice(6);

/** Either over the other, and what is left of one. */
function isRatioOf(said: SaidNumber, a: Term, b: Term): boolean {
  const other = inUnitOf(a, b);
  const isComparable = areAlike(a.unit, b.unit) || a.unit === null || b.unit === null;
  if (!(isShare(said) || said.isRatio) || !isComparable || other === 0 || a.value === 0) return false;
  const scale = isShare(said) ? 100 : 1;
  return [a.value / other, other / a.value].some((ratio) => [ratio, 1 - ratio].some((of) => of > 0 && isSaidOf(said, of * scale)));
}

const isPlain = (said: SaidNumber): boolean => !isShare(said) && !said.isRatio;

/** So much for each of the other. */
function isRateOf(said: SaidNumber, a: Term, b: Term): boolean {
  const alike = areAlike(a.unit, b.unit);
  const of = (x: Term, y: number): boolean => y !== 0 && isReckoned(said, x.value / y, alike ? null : x.unit);
  return isPlain(said) && (of(a, alike ? inUnitOf(a, b) : b.value) || of(b, a.value));
}

function isProductOf(said: SaidNumber, a: Term, b: Term): boolean {
  const isOfClaim = [a, b].some(({ key }) => key === 'claim');
  if (!isPlain(said) || (isOfClaim && said.unit?.dimension.startsWith('money') !== true)) return false;
  const [of, times] = a.unit === null || (a.unit.dimension === 'share' && b.unit !== null) ? [b, a] : [a, b];
  if (times.unit !== null && times.unit.dimension !== 'share') return false;
  const factor = times.unit === null ? times.value : toBase(times.value, times.unit);
  return isReckoned(said, of.value * factor, of.unit) || (times.unit !== null && isReckoned(said, of.value * (1 - factor), of.unit));
}

const isChangeOf = (said: SaidNumber, a: Term, b: Term): boolean =>
  isShare(said) &&
  [inUnitOf(a, b), a.value].some((of) => of !== 0 && isSaidOf(said, (Math.abs(a.value - inUnitOf(a, b)) / Math.abs(of)) * 100));

type Test = (said: SaidNumber, a: Term, b: Term) => boolean;

const TESTS: Record<Kind, Test> = {
  sum: (said, a, b) => areAlike(a.unit, b.unit) && isReckoned(said, a.value + inUnitOf(a, b), a.unit),
  difference: (said, a, b) => areAlike(a.unit, b.unit) && isReckoned(said, a.value - inUnitOf(a, b), a.unit),
  change: (said, a, b) => areAlike(a.unit, b.unit) && isChangeOf(said, a, b),
  ratio: isRatioOf,
  rate: isRateOf,
  exchange: (said, a, b) => isExchanged(said, a, b) || isExchanged(said, b, a),
  product: isProductOf,
};

const kindsFor = (said: SaidNumber): readonly Kind[] =>
  said.isRatio ? ['ratio'] : isShare(said) ? ['ratio', 'change', 'difference'] : ['difference', 'sum', 'rate', 'product', 'exchange'];

/** Whether some pair gives the number, and so few pairs that it is hardly by chance. */
export function isOfPairs(
  said: SaidNumber,
  pairs: readonly (readonly [Term, Term])[],
  claim: string,
  limits: { cued: number; plain: number },
): boolean {
  const window = windowOf(said);
  return kindsFor(said).some((kind) => {
    const limit = kind === 'exchange' ? EXCHANGED : CUES[kind].test(claim) ? limits.cued : limits.plain;
    return pairs.length * window <= limit && pairs.some(([a, b]) => TESTS[kind](said, a, b));
  });
}
