// Whether a number as it was said is the number as it is recorded: rounded to what is shown, converted, with the right sign.
import type { Figure } from './evidence-records.ts';
import type { SaidNumber } from './said-numbers.ts';
import { findUnit, isSameDimension, toBase, type Unit } from './units.ts';
import { sameness } from './words.ts';

/** `about` allows this much; `over 250` is not said of 900. */
const ABOUT = 0.06;
const ABOUT_PART = 0.1;
const FAR = 1.6;
export const FALLING =
  /\b(?:loss(?:es)?|lost|lose|losing|negative|minus|in the red|deficit|fell|fall(?:s|en)?|drop(?:s|ped)?|declin\w+|decreas\w+|down|shrank|shrunk|lower|worse|overdrawn|overdraft|in debt|shortfall)\b/i;
export const RISING =
  /\b(?:profit(?:s|able)?|gain(?:s|ed)?|earn(?:s|ed|ing)?|rose|ris(?:e|es|en|ing)|grew|grown|increas\w+|up|positive|surplus|in credit|in the black|paid (?:you|us)|received|climb\w+|improv\w+)\b/i;
/** Figures whose sign says something. */
const SIGNED = ['profit', 'change', 'growth', 'delta', 'margin', 'balance', 'difference', 'trend', 'return', 'roi', 'variance', 'result'];
const COUNTS =
  'order visitor customer count many task call item conversion click session user view impression visit ticket issue comment star fork seat unit download subscriber signup quantity qty employee day hour minute'.split(
    ' ',
  );
/** Keys whose plain numbers are percentages. */
const PERCENTAGES =
  /^(?:percent|pct|rate|share|growth|change|discount|margin|probability|humidity|progress|complete|completion|utili[sz]ation|occupancy|coverage|tax|vat|interest|yield|uptime|battery|ctr|cvr|roi|conversion|score|increase|decrease|open|bounce|churn|retention|inflation)$/;

const isMoney = (unit: Unit | null): boolean => unit?.dimension.startsWith('money') ?? false;

/** The values a recorded number may have in the unit it was said in; none when the two can't be compared, more where the record leaves it open. */
export function valuesAs(said: Unit | null, figure: Figure): number[] {
  const { value, unit } = figure;
  if (said === null) return unit === null || unit.factor === 1 ? [value] : [toBase(value, unit), value];
  if (unit === null) return bareValuesAs(said, figure);
  const meant = [said, ...(said.or === undefined ? [] : [said.or])].filter((each) => isSameDimension(unit, each));
  return meant.map((each) => (toBase(value, unit) - (each.offset ?? 0)) / each.factor);
}

function bareValuesAs(said: Unit, { value, about, isProse }: Figure): number[] {
  // Prose says its units.
  if (isProse === true && (said.dimension === 'share' || isMoney(said))) return [];
  if (said.dimension === 'share') {
    const isPercentage = about.some((word) => PERCENTAGES.test(word));
    return Math.abs(value) <= 1 && (isPercentage || !Number.isInteger(value))
      ? [value * 100, value]
      : isPercentage || !Number.isInteger(value)
        ? [value]
        : [];
  }
  if (!isMoney(said)) return [value];
  // A bare count is no money.
  return about.some((word) => COUNTS.some((count) => sameness(count, word) === 1)) ? [] : [value / said.factor];
}

/** Rounded to the place shown, or within the bound that was said. */
export function isSaidOf(said: Pick<SaidNumber, 'value' | 'place' | 'bound'>, recorded: number): boolean {
  const { value, place, bound } = said;
  const difference = Math.abs(recorded - value);
  const slack = place / 2 + Math.abs(value) * 1e-9;
  switch (bound) {
    case 'exact':
      return difference <= slack;
    case 'about':
      return difference <= Math.max(slack, Math.abs(value) * (value < 1 ? ABOUT_PART : ABOUT), Math.abs(value) < 100 ? 0.7 * place : 0);
    case 'over':
      return recorded > value && recorded <= value * FAR;
    case 'under':
      return recorded < value && recorded * FAR >= value;
    case 'atLeast':
      return recorded >= value && recorded <= value * FAR;
    case 'atMost':
      return recorded <= value && recorded * FAR >= value;
  }
}

export const isSigned = ({ about }: Figure): boolean => about.some((word) => SIGNED.some((signed) => sameness(word, signed) >= 0.9));

/** A loss is not said of a gain, nor a gain of a loss. */
function fitsSign(
  said: SaidNumber,
  clause: string,
  recorded: number,
  { isSigned: tellsSign, trend }: { isSigned: boolean; trend: Figure['trend'] },
): boolean {
  if (said.isNegative) return recorded < 0;
  const falls = FALLING.test(clause);
  // Prose tells the sign in words.
  if (trend === 'falls') return falls || !RISING.test(clause);
  if (trend === 'rises' && falls && !RISING.test(clause)) return false;
  if (recorded < 0) return falls || !RISING.test(clause);
  return !(tellsSign && recorded > 0 && falls && !RISING.test(clause.replace(/\bup to\b/gi, '')) && !/\bfrom\b/i.test(clause));
}

/** So much a pound is not so much a kilo. */
function isPerOther(said: string | undefined, recorded: string | undefined): boolean {
  const [a, b] = [said, recorded].map((word) => (word === undefined ? null : findUnit(word)));
  if (a == null || b == null) return false;
  const of = [a.or ?? a, b.or ?? b] as const;
  return of[0].dimension === of[1].dimension && of[0].factor !== of[1].factor;
}

/** @param clause the words around the number, for its sign */
export function isFigure(said: SaidNumber, figure: Figure, clause: string): boolean {
  if (isPerOther(said.per, figure.per)) return false;
  return valuesAs(said.unit, figure).some((recorded) => {
    if (!fitsSign(said, clause, recorded, { isSigned: isSigned(figure) && figure.trend === undefined, trend: figure.trend })) return false;
    // A bound may be repeated from where it stands.
    if (figure.isProse === true && recorded === said.value) return true;
    return isSaidOf(said, said.isNegative ? recorded : recorded < 0 ? -recorded : recorded);
  });
}

/** A value reckoned from records, in their unit. */
export const isReckoned = (said: SaidNumber, value: number, unit: Unit | null): boolean =>
  valuesAs(said.unit, { about: [], value, unit }).some((recorded) => isSaidOf(said, Math.abs(recorded)));
