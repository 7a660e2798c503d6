// States, yes-or-no fields and negations against what the records say of the thing.
import { figuresMeant, wordsOf } from './attributes.ts';
import type { Finding } from './check-claim.ts';
import type { EvidenceRecord, Label } from './evidence-records.ts';
import { plainOf, STATES, spokenOf } from './states.ts';
import { meanings, sameness } from './words.ts';

const NOT =
  /\b(?:not|never|no longer|isn['’]t|wasn['’]t|aren['’]t|didn['’]t|hasn['’]t|haven['’]t|doesn['’]t|don['’]t|won['’]t|shouldn['’]t|cannot|can['’]t|failed to|neither|nor|none|no|without|yet to)\b/i;
const NONE = /\b(?:no|zero|without(?: any)?|never(?: had)?(?: an?y?)?) ((?:\p{L}+ ){0,2}\p{L}+)/giu;
const NONE_OF = /^(?:none|no|neither|not one)\b/i;
/** Keys of states: where there is one, other words of the record are no states. */
const STATUS = /^(?:status|state|stage|outcome|result|conclusion|health|phase|fulfilment|fulfillment|availability)$/;

export function checkStates(claim: string, subject: readonly EvidenceRecord[]): Finding[] {
  // Of none it is said by other rules; and who paid so much is in no state.
  if (/^\W*no\b/i.test(claim)) return [];
  const said = plainOf(claim.replace(/\bpaid (?=(?:\w+ )?[$€£\d])/gi, ' '));
  const hasStatus = subject.some(({ labels }) => labels.some(({ about }) => about.some((word) => STATUS.test(word))));
  const parts = claim.split(/[;:—,]| (?:but|and|while|because) /);
  for (const row of STATES) {
    const spoken = spokenOf(row, said, false);
    if (spoken.size !== 1) continue;
    const part = parts.find((each) => spokenOf(row, plainOf(each), false).size > 0) ?? claim;
    const isDenied = NOT.test(part) && !/\bnot only\b/i.test(claim);
    const states = subject.flatMap(({ labels }) =>
      labels
        .filter(({ words, about }) => words.length <= 3 && about.length > 0 && (!hasStatus || about.some((word) => STATUS.test(word))))
        .map(({ value }) => value),
    );
    const known = states.flatMap((value) => [...spokenOf(row, value, true)]);
    if (known.length === 0) continue;
    const [place = 0] = spoken;
    const isWrong = isDenied ? known.every((each) => each === place) : !known.includes(place);
    if (isWrong)
      return [
        {
          shown: row[place]?.split('|')[0] ?? '',
          verdict: 'contradicted',
          why: `the record says ${states.find((value) => spokenOf(row, value, true).size > 0)?.trim()}`,
        },
      ];
  }
  return [];
}

const isCategory = ({ words, value }: Label): boolean => words.length > 0 && words.length <= 3 && !/\d/.test(value);

/** A category that other records of the list have under a word, where this one has another. */
export function checkCategories(claim: string, subject: readonly EvidenceRecord[], all: readonly EvidenceRecord[]): Finding[] {
  if (NOT.test(claim) || subject.length === 0) return [];
  const said = plainOf(claim);
  const has = ({ words }: Label): boolean =>
    words.length > 0 && words.every((word) => meanings(said).some((other) => sameness(word, other) >= 0.95));
  const lists = new Set(subject.map(({ list }) => list));
  const others = all.filter((record) => lists.has(record.list) && !subject.includes(record));
  for (const label of others.flatMap(({ labels }) => labels)) {
    if (!isCategory(label) || label.about.length === 0 || label.about[0] === 'name' || !has(label)) continue;
    const own = subject.flatMap(({ labels }) => labels.filter(({ about }) => about.join() === label.about.join()));
    if (
      own.length === 0 ||
      own.length < subject.length ||
      own.some((each) => has(each) || each.value.includes(label.value) || label.value.includes(each.value))
    )
      continue;
    if (own.some((each) => each.words.some((word) => meanings(said).includes(word)))) continue;
    return [{ shown: label.value.trim(), verdict: 'contradicted', why: `the record says ${own[0]?.value.trim()}` }];
  }
  return [];
}

/** `available: false` against "is available". */
export function checkFlags(claim: string, subject: readonly EvidenceRecord[]): Finding[] {
  const said = meanings(claim);
  const names = (about: readonly string[]): boolean => {
    const telling = about.filter((word) => word.length > 2);
    return telling.length > 0 && telling.every((word) => said.some((other) => sameness(word, other) >= 0.7));
  };
  const flags = subject.flatMap(({ labels }) => labels).filter(({ value, about }) => /^(?:true|false)$/.test(value) && names(about));
  if (flags.length === 0) return [];
  const values = new Set(flags.map(({ value }) => value));
  const isNone = NONE_OF.test(claim);
  const isDenied = NOT.test(claim.replace(/shouldn['’]t \w+/i, ''));
  const isWrong = isNone ? values.has('true') : values.size === 1 && values.has('true') === isDenied;
  if (!isWrong || (/\b(?:some|\w+ of)\b/i.test(claim) && !isNone)) return [];
  return [{ shown: flags[0]?.about.join(' ') ?? '', verdict: 'contradicted', why: `the record says ${[...values][0]}` }];
}

/** "No orders" where the record counts some. */
export function checkNone(claim: string, subject: readonly EvidenceRecord[]): Finding[] {
  return [...claim.matchAll(NONE)].flatMap((match) => {
    const near = wordsOf((match[1] ?? '').split(/\b(?:in|at|on|for|from|to|is|are|was|were|has|have|left|this|so)\b/)[0] ?? '');
    const meant = figuresMeant(
      subject.filter(({ isText }) => !isText),
      near,
      null,
    ).filter(({ score }) => score > 0.5);
    return meant.length > 0 && meant.every(({ figure }) => figure.value !== 0)
      ? [
          {
            shown: match[0],
            verdict: 'contradicted' as const,
            why: `a record says ${meant[0]?.figure.about.join(' ')} ${meant[0]?.figure.value}`,
          },
        ]
      : [];
  });
}

const DENIED =
  /\b(?:not|never|isn['’]t|wasn['’]t|aren['’]t|weren['’]t|didn['’]t|doesn['’]t|don['’]t|haven['’]t|hasn['’]t|no longer)(?: (?:been|be|yet|being|fully|currently))? (\p{L}{4,})/iu;

/** Prose that says of a thing what the claim denies. */
export function checkDenied(claim: string, texts: readonly EvidenceRecord[]): Finding[] {
  const [word] = meanings(DENIED.exec(claim)?.[1] ?? '');
  if (word === undefined) return [];
  const telling = texts.filter(({ isText, words }) => isText && meanings(words).some((other) => sameness(word, other) >= 0.95));
  if (
    telling.length === 0 ||
    telling.some(({ words }) =>
      / (?:not|no|never|none|nor|t|neither|without|un\w+|due|will|planned|plans|expected|until|yet|would) /.test(words),
    )
  )
    return [];
  return [{ shown: word, verdict: 'contradicted', why: 'a record says that it is so' }];
}

/** None of them, in a list where one says so. */
export function checkNoneOf(claim: string, all: readonly EvidenceRecord[]): Finding[] {
  if (!NONE_OF.test(claim)) return [];
  const said = meanings(claim);
  const found = all
    .flatMap(({ labels }) => labels)
    .find(
      ({ words, about }) =>
        words.length > 0 &&
        about.length > 0 &&
        about[0] !== 'name' &&
        words.length <= 2 &&
        !/name|place|city|location|region|title|id/.test(about.join(' ')) &&
        said.includes(words[0] ?? '') &&
        said.slice(-3).includes(words[0] ?? ''),
    );
  return found === undefined ? [] : [{ shown: found.words[0] ?? '', verdict: 'contradicted', why: `a record says ${found.value.trim()}` }];
}
