// Days as records and people write them: 2026-11-22, 22 November 2026, Nov 22nd, November 2026. A part not said is not compared.

export interface DayPattern {
  year: number | null;
  month: number;
  day: number | null;
}

export interface FoundDay extends DayPattern {
  at: number;
  end: number;
  shown: string;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const ORDINALS = (
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth ' +
  'twentieth twenty-first twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first'
).split(' ');
/** The longer word first: twenty-first before first. */
const ORDINAL = ORDINALS.toSorted((a, b) => b.length - a.length)
  .join('|')
  .replaceAll('-', '[- ]');
const DAY = `(\\d{1,2})(?:st|nd|rd|th)?`;

type Reading = (parts: RegExpMatchArray) => DayPattern;

const monthOf = (word: string | undefined): number => MONTHS.indexOf((word ?? '').slice(0, 3).toLowerCase()) + 1;
const yearOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
const ordinalOf = (text: string | undefined): number => ORDINALS.indexOf((text ?? '').toLowerCase().replace(' ', '-')) + 1;

const FORMS: readonly (readonly [RegExp, Reading])[] = [
  [/\b(\d{4})-(\d{2})-(\d{2})\b/g, (m) => ({ year: Number(m[1]), month: Number(m[2]), day: Number(m[3]) })],
  [/\b(\d{4})\/(\d{1,2})\/(\d{1,2})\b/g, (m) => ({ year: Number(m[1]), month: Number(m[2]), day: Number(m[3]) })],
  [
    new RegExp(`\\b(?:the )?${DAY}(?: of)? ${MONTH}\\b\\.?,?(?: (\\d{4})\\b)?`, 'gi'),
    (m) => ({ year: yearOf(m[3]), month: monthOf(m[2]), day: Number(m[1]) }),
  ],
  [
    new RegExp(`\\b(?:the )?(${ORDINAL})(?: of)? ${MONTH}\\b\\.?,?(?: (\\d{4})\\b)?`, 'gi'),
    (m) => ({ year: yearOf(m[3]), month: monthOf(m[2]), day: ordinalOf(m[1]) }),
  ],
  [
    new RegExp(`\\b${MONTH}\\.? (?:the )?(${ORDINAL})\\b,?(?: (\\d{4})\\b)?`, 'gi'),
    (m) => ({ year: yearOf(m[3]), month: monthOf(m[1]), day: ordinalOf(m[2]) }),
  ],
  [
    new RegExp(`\\b${MONTH}\\.? (?:the )?${DAY}\\b(?!\\d),?(?: (\\d{4})\\b)?`, 'gi'),
    (m) => ({ year: yearOf(m[3]), month: monthOf(m[1]), day: Number(m[2]) }),
  ],
  [new RegExp(`\\b${MONTH}\\.?,? (\\d{4})\\b`, 'gi'), (m) => ({ year: Number(m[2]), month: monthOf(m[1]), day: null })],
  [/\b(\d{4})-(\d{2})\b/g, (m) => ({ year: Number(m[1]), month: Number(m[2]), day: null })],
  [
    /\bin (january|february|march|april|may|june|july|august|september|october|november|december)\b/gi,
    (m) => ({ year: null, month: monthOf(m[1]), day: null }),
  ],
];

/** The days a text names, in their order; the fuller reading wins where two overlap. */
export function findDays(text: string): FoundDay[] {
  const found: FoundDay[] = [];
  for (const [form, read] of FORMS) {
    for (const match of text.matchAll(form)) {
      const at = match.index;
      const end = at + match[0].trimEnd().length;
      const day = read(match);
      if (day.month < 1 || day.month > 12 || (day.day !== null && (day.day < 1 || day.day > 31))) continue;
      if (found.some((other) => at < other.end && other.at < end)) continue;
      found.push({ ...day, at, end, shown: match[0].trim() });
    }
  }
  return found.toSorted((a, b) => a.at - b.at);
}

/** Whether a day that was said may be the day that is recorded. */
export const isSameDay = (said: DayPattern, recorded: DayPattern): boolean =>
  said.month === recorded.month &&
  (said.day === null || recorded.day === null || said.day === recorded.day) &&
  (said.year === null || recorded.year === null || said.year === recorded.year);

/** The weekday of a full day, `monday` … in English; null when a part is missing. */
export function weekdayOf(day: DayPattern): string | null {
  if (day.year === null || day.day === null) return null;
  const names = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
  return names[new Date(Date.UTC(day.year, day.month - 1, day.day)).getUTCDay()] ?? null;
}
