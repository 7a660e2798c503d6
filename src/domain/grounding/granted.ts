// Numbers that need no figure of their own: whole periods, how many there are of what is spoken of, bounds by which others are counted.
import { figuresMeant, wordsOf } from './attributes.ts';
import type { Around } from './check-number.ts';
import { listOf } from './evidence-records.ts';
import { valuesAs } from './match-number.ts';
import type { SaidNumber } from './said-numbers.ts';
import type { Subject } from './subjects.ts';
import type { Unit } from './units.ts';

/** As many of these as there are in the next longer. */
const isPeriod = ({ dimension, factor }: Unit, value: number): boolean =>
  (dimension === 'months' && factor === 1 && value === 12) ||
  (dimension === 'time' && ((factor === 3600 && value === 24) || (factor === 86_400 && value === 7)));

/** A span of so many months may be told by its number where a figure is called so: after six months. */
const isSpan = ({ value, unit, isRatio }: SaidNumber, { records }: Around): boolean =>
  !isRatio &&
  unit !== null &&
  (isPeriod(unit, value) ||
    (unit.dimension === 'months' && records.some(({ figures }) => figures.some(({ about }) => about.includes(String(value))))));

/** `the other two links`, `all three sites`: how many there are is taken for granted, where some list is as long. */
function isPresupposed(
  { at, end, value, unit, bound, isRatio }: SaidNumber,
  { claim, records }: Around,
  { records: subject }: Subject,
): boolean {
  if (unit !== null || isRatio || bound !== 'exact' || !Number.isInteger(value) || value < 2 || value > 100) return false;
  const before = DEFINITE.exec(claim.slice(0, at))?.[1]?.toLowerCase();
  if (before === undefined || !/^ \p{L}|^[,:]/u.test(claim.slice(end)) || /^ (?:percent|per|times|and|out)\b/.test(claim.slice(end)))
    return false;
  const wanted = before === 'other' ? value + 1 : value;
  if (subject.some(({ figures }) => figures.some((figure) => figure.value === value && figure.unit === null))) return true;
  const sizes = [
    ...Map.groupBy(subject, listOf).values(),
    ...Map.groupBy(
      records.filter(({ isOld }) => !isOld),
      listOf,
    ).values(),
  ].map(({ length }) => length);
  return (
    sizes.some((size) => (before === 'all' ? size === wanted : size >= wanted && size > 1 && wanted <= MOST_TAKEN)) ||
    sizes.includes(wanted)
  );
}
/** `only two below 400`, `none over $100`, `all of them under a minute`: how many lie beyond a bound. */
function isFilter(said: SaidNumber, { claim, records }: Around, { records: subject }: Subject): boolean {
  if (said.bound === 'exact' || said.bound === 'about') return false;
  const quantifier = QUANTIFIER.exec(claim)?.[0]?.toLowerCase();
  if (quantifier === undefined) return false;
  const isBeyond = (value: number): boolean =>
    said.bound === 'over'
      ? value > said.value
      : said.bound === 'atLeast'
        ? value >= said.value
        : said.bound === 'under'
          ? value < said.value
          : value <= said.value;
  const near = wordsOf(claim);
  const lists = Map.groupBy(
    subject.filter(({ isText }) => !isText),
    listOf,
  );
  return [...lists.keys()].some((list) => {
    const members = records.filter((record) => !record.isOld && !record.isText && listOf(record) === list);
    const meant = figuresMeant(members, near, said).filter(({ score, figure }) => score > 0.25 && figure.about.at(-1) !== 'many');
    const many = meant.filter(({ figure }) => valuesAs(said.unit, figure).some(isBeyond)).length;
    if (meant.length < 2) return false;
    if (/^(?:none|no|neither|nothing)$/.test(quantifier)) return many === 0;
    return /^(?:all|every|each|both|throughout|always)$/.test(quantifier) ? many === meant.length : many > 0 && many < meant.length;
  });
}
const QUANTIFIER =
  /\b(?:none|no|neither|nothing|all|every|each|both|throughout|always|only|just|two|three|four|five|six|seven|eight|nine|ten)\b/i;

const DEFINITE =
  /\b(the|these|those|other|all|last|first|next|our|your|its|their|his|her)(?: (?:most recent|latest|other|remaining|best|top|first|last|next|open|closed))? $/i;
const MOST_TAKEN = 12;

/** A number that is the id of something: `tickets 90211 and 90220`. */
const isThing = ({ at, value, unit, shown, isRatio }: SaidNumber, { claim, records }: Around): boolean =>
  unit === null &&
  !isRatio &&
  /^\d{3,}$/.test(shown) &&
  !/\b(?:is|was) $/.test(claim.slice(0, at)) &&
  records.some(({ own }) => own.has(`#${value}`));

export const isGranted = (number: SaidNumber, around: Around, whole: Subject): boolean =>
  isSpan(number, around) || isThing(number, around) || isFilter(number, around, whole) || isPresupposed(number, around, whole);
