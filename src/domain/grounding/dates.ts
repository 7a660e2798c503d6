// Days as records and people write them: 2026-11-22, 22 November 2026, Nov 22nd, November 2026. A part not said is not compared.

export interface DayPattern {
  year: number | null;
  /** Null where only a year, a weekday or a time was said. */
  month: number | null;
  day: number | null;
  /** `monday` … where only that was said. */
  weekday?: string;
  /** Minutes after midnight, where a time was said. */
  minutes?: number;
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

/** Between the days of a range or a list that share one month. */
const NEXT_DAY = `(?: ?[-–] ?| to | and | or | through |, )(?:the )?`;
const FORMS: readonly (readonly [RegExp, Reading])[] = [
  [/\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b/g, (m) => ({ year: Number(m[3]), month: Number(m[2]), day: Number(m[1]) })],
  [
    new RegExp(`\\b(?:the )?${DAY}(?=${NEXT_DAY}\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${MONTH}\\b\\.?,?(?: (\\d{4})\\b)?)`, 'gi'),
    (m) => ({ year: yearOf(m[3]), month: monthOf(m[2]), day: Number(m[1]) }),
  ],
  [/\b(\d{4})-(\d{2})-(\d{2})(?!\d)/g, (m) => ({ year: Number(m[1]), month: Number(m[2]), day: Number(m[3]) })],
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
    /\b(January|February|March|April|June|July|August|September|October|November|December)\b|\b(?:[Ii]n|[Ff]rom|to|of|and|[Bb]etween|[Dd]uring|[Ss]ince|than|[Ll]ast|until|[Ff]or|on|against) (May)\b(?! (?:be|have|not))/g,
    (m) => ({ year: null, month: monthOf(m[1] ?? m[2]), day: null }),
  ],
  [
    /\bthe (\d{1,2})(?:st|nd|rd|th)\b(?! (?:\w+est|most|time|percentile|place|quarter|century|day|floor|item|row)\b)/gi,
    (m) => ({ year: null, month: null, day: Number(m[1]) }),
  ],
  [
    new RegExp(
      `\\bthe (${ORDINALS.slice(12)
        .toSorted((a, b) => b.length - a.length)
        .join('|')
        .replaceAll('-', '[- ]')})\\b(?! (?:time|place|century|percentile|floor|item|row))`,
      'gi',
    ),
    (m) => ({ year: null, month: null, day: ordinalOf(m[1]) }),
  ],
  [
    /(?<![\d:.])(\d{1,2}):(\d{2})(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d\d:\d\d)?(?: ?([ap])\.?m\b\.?)?/gi,
    (m) => timeOf(Number(m[1]), Number(m[2]), m[3]),
  ],
  [/\b(\d{1,2}) ?([ap])\.?m\b\.?/gi, (m) => timeOf(Number(m[1]), 0, m[2])],
  [
    /\b(Halloween|Christmas Eve|Christmas(?: Day)?|Boxing Day|New Year['’]s Eve|New Year['’]s Day|Valentine['’]s Day)\b/g,
    (m) => FEASTS[(m[1] ?? '').replace('’', "'").replace(' Day', '')] ?? { year: null, month: null, day: null },
  ],
  [
    /\b(half|quarter|five|ten|twenty|twenty-five) (past|to) (one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?: in the (morning|afternoon|evening))?/gi,
    (m) => spokenTime(m),
  ],
  [
    /\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: o['’]clock(?: in the (morning|afternoon|evening))?| in the (morning|afternoon|evening))/gi,
    (m) => spokenTime([m[0], '', 'past', m[1] ?? '', m[2] ?? m[3]] as unknown as RegExpMatchArray),
  ],
  [
    /\b(?:(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?=[ ,.] ?(?:\d|[A-Z])))\b/g,
    (m) => ({ year: null, month: null, day: null, weekday: weekdayNamed(m[1] ?? m[2] ?? '') }),
  ],
];

const feast = (month: number, day: number): DayPattern => ({ year: null, month, day });
const FEASTS: Record<string, DayPattern> = {
  Halloween: feast(10, 31),
  'Christmas Eve': feast(12, 24),
  Christmas: feast(12, 25),
  Boxing: feast(12, 26),
  "New Year's Eve": feast(12, 31),
  "New Year's": feast(1, 1),
  "Valentine's": feast(2, 14),
};

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const weekdayNamed = (word: string): string => WEEKDAYS.find((day) => day.startsWith(word.toLowerCase())) ?? '';

function timeOf(hours: number, minutes: number, half: string | undefined): DayPattern {
  const base = half === undefined ? hours : (hours % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  return { year: null, month: null, day: null, minutes: base * 60 + minutes };
}

const HOURS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');
const PAST: Record<string, number> = { half: 30, quarter: 15, five: 5, ten: 10, twenty: 20, 'twenty-five': 25 };

/** `ten past eight in the evening`. */
function spokenTime([, part = '', side, hour = '', when]: RegExpMatchArray): DayPattern {
  const off = PAST[part.toLowerCase()] ?? 0;
  const late = when !== undefined && when.toLowerCase() !== 'morning';
  const minutes = ((HOURS.indexOf(hour.toLowerCase()) % 12) + (late ? 12 : 0)) * 60 + (side === 'to' ? -off : off);
  return { year: null, month: null, day: null, minutes };
}

const isPossible = ({ month, day, minutes = 0 }: DayPattern): boolean =>
  (month === null || (month >= 1 && month <= 12)) && (day === null || (day >= 1 && day <= 31)) && minutes < 1440;

/** A weekday beside its date is checked with it. */
const isBesideDate = (rest: string, end: number, found: readonly FoundDay[]): boolean =>
  found.some((other) => other.month !== null && other.at >= end && /^,? (?:the )?$/.test(rest.slice(0, other.at - end)));

const MAY_BE_DAY =
  /\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|day|past|to |clock|in the|teenth|twent|halloween|christmas|new year/i;

/** The days a text names, in their order; the fuller reading wins where two overlap, and a time goes with the day it is written on. */
export function findDays(text: string): FoundDay[] {
  const found: FoundDay[] = [];
  if (!MAY_BE_DAY.test(text)) return found;
  for (const [form, read] of FORMS) for (const match of text.matchAll(form)) addDay(found, text, match, read(match));
  return found.toSorted((a, b) => a.at - b.at);
}

function addDay(found: FoundDay[], text: string, match: RegExpExecArray, day: DayPattern): void {
  const [at, end] = [match.index, match.index + match[0].trimEnd().length];
  // `5.3.1 may have` names no month.
  if (/\bmay\b/.test(match[0]) || !isPossible(day) || found.some((other) => at < other.end && other.at < end)) return;
  if (day.weekday !== undefined && isBesideDate(text.slice(end), end, found)) return;
  const written = day.minutes === undefined ? undefined : found.find((other) => other.end === at - 1 && /[T ]/.test(text[at - 1] ?? ''));
  if (written === undefined) found.push({ ...day, at, end, shown: match[0].trim() });
  else Object.assign(written, { minutes: day.minutes, end });
}

const fits = (said: number | null, recorded: number | null): boolean => said === null || recorded === null || said === recorded;

/** Whether a day that was said may be the day that is recorded. */
export function isSameDay(said: DayPattern, recorded: DayPattern): boolean {
  if (said.weekday !== undefined) return weekdayOf(recorded) === said.weekday;
  if (said.month === null && said.day === null) return said.minutes === recorded.minutes;
  if (recorded.month === null) return false;
  const isTime = said.minutes === undefined || recorded.minutes === undefined || said.minutes === recorded.minutes;
  return isTime && fits(said.month, recorded.month) && fits(said.day, recorded.day) && fits(said.year, recorded.year);
}

/** The weekday of a full day, `monday` … in English; null when a part is missing. */
export function weekdayOf(day: DayPattern): string | null {
  if (day.weekday !== undefined) return day.weekday;
  if (day.year === null || day.day === null || day.month === null) return null;
  return WEEKDAYS[new Date(Date.UTC(day.year, day.month - 1, day.day)).getUTCDay()] ?? null;
}

/** Minutes since 1970 of a full day, with its time; null when a part is missing. */
export const minuteOf = ({ year, month, day, minutes = 0 }: DayPattern): number | null =>
  year === null || month === null || day === null ? null : Date.UTC(year, month - 1, day) / 60_000 + minutes;
