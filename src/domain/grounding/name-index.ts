// Which records each name is in: by its words, and by numbers that are names.
import type { EvidenceRecord } from './evidence-records.ts';

/** Which records each name is in. */
export interface NameIndex {
  own: ReadonlyMap<string, ReadonlySet<EvidenceRecord>>;
  context: ReadonlyMap<string, ReadonlySet<EvidenceRecord>>;
  /** Words of records' keys: they name figures, not things. */
  keys: ReadonlySet<string>;
  /** Names that are numbers or ranges of them, as they may be written. */
  numeric: readonly { pattern: RegExp; records: Set<EvidenceRecord> }[];
}

const isNumeric = (word: string): boolean => /^(?:\d+|under|over|below|above|less|more|than|to|and|up|plus|usd|eur|gbp)$/.test(word);

/** `60-120`, `over 120`, `$120` as the names of rows. */
function numericNames(records: readonly EvidenceRecord[]): NameIndex['numeric'] {
  const found = new Map<string, Set<EvidenceRecord>>();
  for (const record of records) {
    const [label] = record.labels;
    const words = label?.value.trim().split(' ') ?? [];
    if (label === undefined || !words.every(isNumeric) || !words.some((word) => /\d/.test(word))) continue;
    if (words.length > 1 || label.about[0] === 'name') found.set(label.value, (found.get(label.value) ?? new Set()).add(record));
  }
  return [...found].map(([value, held]) => ({
    pattern: new RegExp(`(?<![\\d.,])[$€£]?${value.trim().split(' ').join('(?: ?[-–] ?| to | and | )')}(?![\\d]|[.,]\\d)`, 'gi'),
    records: held,
  }));
}

export function indexNames(records: readonly EvidenceRecord[]): NameIndex {
  const [own, context] = [new Map<string, Set<EvidenceRecord>>(), new Map<string, Set<EvidenceRecord>>()];
  const add = (to: Map<string, Set<EvidenceRecord>>, name: string, record: EvidenceRecord): void => {
    const found = to.get(name);
    if (found === undefined) to.set(name, new Set([record]));
    else found.add(record);
  };
  const keys = new Set<string>();
  for (const record of records) {
    for (const name of record.own) add(own, name, record);
    for (const name of record.context) add(context, name, record);
    if (!record.isText) for (const { about } of record.figures) for (const word of about) keys.add(word);
  }
  return { own, context, keys, numeric: numericNames(records) };
}
