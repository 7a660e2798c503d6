// What the web is searched for: a few plain questions, taken in turns so that every scan asks something else. Pure.

const QUERIES: readonly string[] = [
  'small digital products people pay for',
  'printable templates that sell well',
  'simple paid tools small shops ask for',
  'spreadsheet templates people buy',
  'niche newsletters with paying subscribers',
  'what do freelancers pay to have done for them online',
  'underserved hobby niches with paying customers',
  'data sets small companies buy',
  'short practical guides people pay for',
  'automation services small online shops need',
];

/** @param turn counts the scans @param learned questions our own results suggest; they come first */
export function queriesOf(turn: number, count: number, learned: readonly string[] = []): string[] {
  const all = [...learned, ...QUERIES];
  const from = learned.length > 0 ? 0 : (turn * count) % all.length;
  return Array.from({ length: Math.min(count, all.length) }, (_, index) => all[(from + index) % all.length] ?? '');
}
