// What a value of a record means by its key: a time, an amount of a currency, an id.
import type { DayPattern } from './dates.ts';
import type { EvidenceRecord, Figure } from './evidence-records.ts';
import { nameTokens } from './name-tokens.ts';
import type { Fields } from './text-shapes.ts';
import { findUnit, type Unit } from './units.ts';

/** What one piece of a currency is worth in another is no amount of it. */
export const RATES = /\b(?:rates|fx|exchange)\b/i;
const INSTANT =
  /^(?:at|on|created|updated|time|timestamp|ts|date|start|started|end|ended|expires|expiry|due|until|since|last|modified|paid|opened|closed)$/;

/** Seconds or milliseconds since 1970 under a word for a time: a day in UTC. */
export function instantOf(value: number, words: readonly string[]): DayPattern | null {
  if (!Number.isInteger(value) || !words.some((word) => INSTANT.test(word))) return null;
  const millis = value >= 1e9 && value < 4e9 ? value * 1000 : value >= 1e12 && value < 4e12 ? value : null;
  if (millis === null) return null;
  const date = new Date(millis);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    minutes: date.getUTCHours() * 60 + date.getUTCMinutes(),
  };
}

export const isAlike = (a: Fields, b: Fields): boolean =>
  Object.keys(a).length > 2 && Object.keys(a).filter((key) => key in b).length * 2 > Object.keys(a).length;

const REGIONS = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** The country that two letters under a word for one stand for. */
export const regionIn = (text: string, about: readonly string[]): string | null =>
  /^[A-Z]{2}$/.test(text) && about.some((word) => /^(?:country|nation|land|market)$/.test(word)) ? (REGIONS.of(text) ?? null) : null;

/** `{ half_life: 8.02, unit: "days" }`: the unit of the numbers beside it. */
function unitBeside(value: Fields): Unit | null {
  const said = value['unit'] ?? value['units'] ?? value['uom'];
  return typeof said === 'string' ? findUnit(said) : null;
}

/** The ids in a text that is about one thing, or two. */
export function idsOf(text: string): string[] {
  const ids = new Set(nameTokens(text).flatMap(({ text: name }) => (/\d{3}/.test(name) && /\p{L}/u.test(name) ? [name] : [])));
  return ids.size <= 2 ? [...ids] : [];
}

const AMOUNTS = new Set('amount total subtotal fee net gross price refunded refund balance paid due tax value cost'.split(' '));

/** Payment processors write the code of a currency small where amounts are in its smallest unit. */
function inCurrency(figure: Figure, currency: string): Figure {
  const unit = findUnit(currency);
  if (unit === null || figure.unit !== null || !figure.about.concat('amount').some((word) => AMOUNTS.has(word))) return figure;
  if (figure.about.length > 0 && !figure.about.some((word) => AMOUNTS.has(word))) return figure;
  const isSmallest = /^[a-z]{3}$/.test(currency) && Number.isInteger(figure.value);
  return { ...figure, unit: isSmallest ? { ...unit, factor: unit.factor / 100 } : unit };
}

/** Numbers take the unit and the currency that stand beside them; the currency also those that lie deeper. */
export function inUnitsBeside(value: Fields, into: EvidenceRecord, deeper: readonly EvidenceRecord[]): void {
  const unit = unitBeside(value);
  if (unit !== null) into.figures = into.figures.map((figure) => (figure.unit === null ? { ...figure, unit } : figure));
  const { currency } = value;
  if (typeof currency === 'string')
    for (const record of [into, ...deeper]) record.figures = record.figures.map((figure) => inCurrency(figure, currency));
}

/** Keys of numbers that tell one thing from another. */
export const NAMING = new Set(
  'id number day week month quarter year version no nr rank goal task order round issue run invoice ticket pr room chapter page level line'.split(
    ' ',
  ),
);
