// Units as people and records write them; a value in its base unit can be compared with any other of its dimension.

export interface Unit {
  dimension: string;
  factor: number;
  offset?: number;
  /** What the word may mean as well: pounds of money, or of mass. */
  or?: Unit;
}

const unit = (dimension: string, factor: number, offset = 0): Unit => ({ dimension, factor, offset });

const TABLE: readonly (readonly [words: string, unit: Unit])[] = [
  ['$ us$ usd dollar dollars bucks', unit('money', 1)],
  ['cent cents', unit('money any', 0.01)],
  ['micros', unit('money any', 1e-6)],
  ['€ eur euro euros', unit('money eur', 1)],
  ['£ gbp quid', unit('money gbp', 1)],
  ['pound pounds', { ...unit('money gbp', 1), or: unit('mass', 453.592_37) }],
  ['pence penny p', unit('money gbp', 0.01)],
  ['¥ jpy yen', unit('money jpy', 1)],
  ['aud a$ au$', unit('money aud', 1)],
  ['cad c$ ca$', unit('money cad', 1)],
  ['nzd nz$', unit('money nzd', 1)],
  ['chf francs', unit('money chf', 1)],
  ['sek kronor', unit('money sek', 1)],
  ['nok', unit('money nok', 1)],
  ['kroner', unit('money any', 1)],
  ['dkk', unit('money dkk', 1)],
  ['pln zloty', unit('money pln', 1)],
  ['inr ₹ rupees', unit('money inr', 1)],
  ['cny yuan', unit('money cny', 1)],
  ['% percent pct pp', unit('share', 0.01)],
  ['gib', unit('bytes', 1024 ** 3)],
  ['mib', unit('bytes', 1024 ** 2)],
  ['ms millis millisecond milliseconds', unit('time', 0.001)],
  ['s sec secs second seconds', unit('time', 1)],
  ['minute minutes mins', unit('time', 60)],
  ['h hr hrs hour hours', unit('time', 3600)],
  ['day days', unit('time', 86_400)],
  ['week weeks', unit('time', 604_800)],
  ['month months', unit('months', 1)],
  ['year years', unit('months', 12)],
  ['mg', unit('mass', 1e-3)],
  ['g gram grams', unit('mass', 1)],
  ['kg kilogram kilograms kilo kilos', unit('mass', 1000)],
  ['lb lbs', unit('mass', 453.592_37)],
  ['oz ounce ounces', unit('mass', 28.349_5)],
  ['tonne tonnes', unit('mass', 1e6)],
  ['mm', unit('length', 1e-3)],
  ['cm', unit('length', 0.01)],
  ['m metre metres meter meters', unit('length', 1)],
  ['m² m2 sqm sqms', unit('area', 1)],
  ['ft² sqft', unit('area', 0.092_903_04)],
  ['km kilometre kilometres kilometer kilometers', unit('length', 1000)],
  ['mile miles mi', unit('length', 1609.344)],
  ['ft foot feet', unit('length', 0.3048)],
  ['inch inches', unit('length', 0.0254)],
  ['ml', unit('volume', 1e-3)],
  ['l litre litres liter liters', unit('volume', 1)],
  ['byte bytes', unit('bytes', 1)],
  ['kb', unit('bytes', 1e3)],
  ['mb', unit('bytes', 1e6)],
  ['gb', unit('bytes', 1e9)],
  ['tb', unit('bytes', 1e12)],
  ['kmh kph km/h kilometres_per_hour kilometers_per_hour', unit('speed', 1 / 3.6)],
  ['m/s mps metres_per_second meters_per_second', unit('speed', 1)],
  ['mph miles_per_hour', unit('speed', 0.447_04)],
  ['°c celsius', unit('temperature', 1)],
  ['°f fahrenheit', unit('temperature', 5 / 9, -160 / 9)],
];

const BY_WORD = new Map(TABLE.flatMap(([words, found]) => words.split(' ').map((word) => [word, found] as const)));
/** One letter after an underscore in a key is a unit only where it can't be a word. */
const KEY_ONLY = new Map<string, Unit>([
  ['c', unit('temperature', 1)],
  ['f', unit('temperature', 5 / 9, -160 / 9)],
]);
/** Units that differ only in which currency is meant, where one of them leaves it open, are the same. */
export const isSameDimension = (a: Unit, b: Unit): boolean =>
  a.dimension === b.dimension ||
  (a.dimension.startsWith('money') && b.dimension.startsWith('money') && [a, b].some(({ dimension }) => dimension === 'money any'));

/** Units also at the front of a key: `km_from_prev`. */
const CLEAR = new Set(
  'km usd eur gbp kg seconds minutes hours days cents micros percent pct mb gb tb bytes miles euros dollars'.split(' '),
);
const SHARE_KEYS = new Set(['rate', 'share', 'ratio', 'fraction', 'probability']);

/** What the word after (or the sign before) a number makes of it. */
export const findUnit = (word: string): Unit | null => BY_WORD.get(word.toLowerCase().replaceAll(' ', '_')) ?? null;

/** @param words of a record's key, in their order: `priceMicros`, `duration_ms`, `temp_c`. */
export function unitOfKey(words: readonly string[]): Unit | null {
  const last = words.at(-1) ?? '';
  if (words.length === 1 && !['usd', 'eur', 'gbp', 'percent', 'hours', 'minutes', 'seconds', 'cents'].includes(last))
    return SHARE_KEYS.has(last) ? unit('share', 1) : null;
  if (SHARE_KEYS.has(last)) return unit('share', 1);
  // Milliseconds don't blow.
  if (last === 'ms' && words.some((word) => /^(?:wind|gust|speed|velocity)s?$/.test(word))) return unit('speed', 1);
  return KEY_ONLY.get(last) ?? BY_WORD.get(last) ?? (CLEAR.has(words[0] ?? '') ? (BY_WORD.get(words[0] ?? '') ?? null) : null);
}

export const toBase = (value: number, of: Unit): number => value * of.factor + (of.offset ?? 0);
