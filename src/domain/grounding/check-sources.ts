// What nobody told: results of calls that failed, rumours that no record holds, names that belong to another record.
import type { Finding } from './check-claim.ts';
import { findDays } from './dates.ts';
import { type EvidenceRecord, type Label, listOf } from './evidence-records.ts';
import type { Mention } from './mentions.ts';
import { isOrdinary } from './ordinary-words.ts';
import { recordsOf } from './subjects.ts';
import { meanings, phraseOf, sameness } from './words.ts';

/** Words with which a failure is told as one. */
export const TELLS_FAILURE =
  /\b(?:could(?: not|n['’]t)|can(?:not|['’]t)|unable|fail(?:s|ed|ure|ing)?|error\w*|unavailable|timed? ?out|permission|denied|did(?: not|n['’]t) (?:answer|respond|work|return|load|go through)|was(?: not|n['’]t) able|don['’]t (?:have|know)|do not (?:have|know)|no access|not (?:available|accessible|reachable|verif\w+|confirm\w*|known)|unreachable|refused|rejected|forbidden|rate.limit\w*|unknown|down|returned (?:an?|the) \d{3})\b/i;
const HEDGE =
  /\b(?:reportedly|allegedly|rumou?rs?|rumou?red|supposedly|apparently|presumably|said to be|thought to be|believed to|possibly|probably|perhaps|maybe|likely|seems? to|appears? to|sources? say|word is|i believe|i think|may have|might have|could have|may be|might be|suggests?|insiders?)\b/i;
const HEDGED_ENOUGH = 0.5;

export function checkUntold(claim: string, untold: ReadonlySet<string>): Finding[] {
  if (untold.size === 0 || TELLS_FAILURE.test(claim)) return [];
  const found = meanings(claim).find((word) => [...untold].some((other) => sameness(word, other) >= 0.9));
  return found === undefined ? [] : [{ shown: found, verdict: 'unverified', why: 'the call that would have told failed' }];
}

/** A hedge excuses nothing: what is rumoured must be recorded too. */
export function checkHedged(claim: string, vocabulary: readonly string[]): Finding[] {
  const hedge = HEDGE.exec(claim);
  if (hedge === null) return [];
  const words = meanings(claim.replace(hedge[0], ' ')).filter((word) => word.length > 2 && !/^\d/.test(word) && !/^\p{Lu}/u.test(word));
  const recorded = words.filter((word) => vocabulary.some((other) => sameness(word, other) >= 0.7));
  if (words.length === 0 || recorded.length / words.length >= HEDGED_ENOUGH) return [];
  return [{ shown: hedge[0], verdict: 'unverified', why: 'no tool result says so' }];
}

const QUOTED = /[“"]([^“”"]{8,})[”"]|(?<=[\s(:])[‘']((?:[^‘’']|['’](?=\p{L})){12,})[’'](?=[\s.,;:!?)]|$)/gu;

/** What is told as somebody's words must be their words. */
export function checkQuoted(claim: string, said: string): Finding[] {
  return [...claim.matchAll(QUOTED)].flatMap(([shown, double, single]) => {
    const phrase = phraseOf((double ?? single ?? '').replace(/\[[^\]]*\]/g, ' '));
    const isLong = phrase.trim().split(' ').length >= 4;
    return !isLong || said.includes(phrase) ? [] : [{ shown, verdict: 'unverified' as const, why: 'nobody said so in these words' }];
  });
}

/** Keys that say who did what, and the words for it. */
const ROLES: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^(?:author|reporter|creator|created|opened|from|sender|submitter|requester)$/,
    /\b(?:reported|opened|filed|created|raised|wrote|written|authored|submitted|sent|requested|started) by $/i,
  ],
  [
    /^(?:assignee|assigned|owner|handler|responsible|agent|rep)$/,
    /\b(?:assigned to|owned by|handled by|looked after by|managed by|with) $/i,
  ],
  [/^(?:manager|supervisor|boss)$/, /\b(?:managed by|reports? to) $/i],
];

/** Under a word for a role a record has one name, and the claim gives it to another name of that record. */
export function checkRoles(claim: string, mentions: readonly Mention[]): Finding[] {
  return mentions.flatMap((mention) => {
    const [record] = mention.records;
    if (mention.isDay || mention.isAddress || mention.isWeak || mention.records.size !== 1 || record === undefined || record.isText)
      return [];
    const own = labelOf(mention, record);
    if (own === undefined) return [];
    const before = claim.slice(0, mention.at);
    const said = meanings(
      /(?:^|\b(?:the|its|their|his|her|our) )(\p{L}{3,}(?: \p{L}{3,})?) (?:is|was|are|were) $/iu.exec(before)?.[1] ?? '',
    );
    const isSaid = ({ about }: Label): boolean =>
      (said.length > 0 && about.length > 0 && about.every((word) => said.some((other) => sameness(word, other) >= 0.9))) ||
      ROLES.some(([key, words]) => about.some((word) => key.test(word)) && words.test(before));
    const other = record.labels.find((label) => label !== own && label.about.join() !== own.about.join() && isSaid(label) && !isSaid(own));
    if (other === undefined || meanings(mention.shown).some((word) => other.words.includes(word))) return [];
    return [
      { shown: mention.shown, verdict: 'contradicted' as const, why: `the record says ${other.about.join(' ')} ${other.value.trim()}` },
    ];
  });
}

/** The label of a record in which a mention stands. */
const labelOf = (mention: Mention, record: EvidenceRecord): Label | undefined => {
  const words = meanings(mention.shown);
  return record.labels.find(
    (label) => words.length > 0 && words.some((word) => label.words.some((other) => sameness(word, other) >= 0.95)),
  );
};

/** It is all that a field says, or most of it. */
const isCategory = ({ shown, records }: Mention): boolean =>
  [...records].some(({ labels }) =>
    labels.some(
      ({ about, words }) =>
        words.length <= 2 &&
        words.includes(meanings(shown)[0] ?? '') &&
        (words.length === 1 || !/subject|title|name|text|note|desc|message|item/.test(about.join(' '))),
    ),
  );

const NOT = /\b(?:not|never|no|n['’]t|\w+n['’]t|neither|nor|without)\b/i;
const COMPARES = /\b(?:than|versus|vs\.?|whereas|while|respectively|compared|both|as (?:many|much|heavy|long|large|high))\b/i;

/** Two names said of one thing must meet in a record: a title and the author of another do not. */
export function checkTogether(claim: string, mentions: readonly Mention[], isName: (mention: Mention) => boolean): Finding[] {
  if (COMPARES.test(claim)) return [];
  const named = mentions.filter(
    (mention) =>
      !mention.isDay &&
      !(mention.isWeak && NOT.test(claim)) &&
      findDays(mention.shown).length === 0 &&
      isName(mention) &&
      mention.records.size > 0 &&
      !(mention.isWeak && /^\p{Ll}/u.test(mention.shown) && isOrdinary(mention.shown) && !isCategory(mention)),
  );
  const meets = (a: Mention, b: Mention): boolean => !recordsOf(a, claim).isDisjointFrom(recordsOf(b, claim));
  for (const [a, b] of named.flatMap((a, at) => named.slice(at + 1).map((b) => [a, b] as const))) {
    // Of more than two, those that meet by way of a third are told of together.
    if (meets(a, b) || named.some((third) => third !== a && third !== b && meets(a, third) && meets(third, b))) continue;
    const [first, second] = [recordsOf(a, claim), recordsOf(b, claim)];
    const one = [...first].find((record) => [...second].some((other) => listOf(other) === listOf(record)));
    const other = [...second].find((record) => one !== undefined && listOf(record) === listOf(one));
    if (one === undefined || other === undefined) continue;
    const isSaidAsOne = one.isText
      ? isOneStatement(`${a.shown.slice(-2)}${claim.slice(a.end, b.at)}`.replace(/^(?!['’]s)../, ''))
      : a.isAddress || b.isAddress || !isSameRole(labelOf(a, one), labelOf(b, other));
    if (!isSaidAsOne) continue;
    return [{ shown: `${a.shown} … ${b.shown}`, verdict: 'contradicted', why: 'no record holds both' }];
  }
  return [];
}

const isOneStatement = (between: string): boolean =>
  /\b(?:by|of|is|was|were)\b|^['’]s /.test(between) && between.split(/\s+/).length < 8 && !/[,;]|\band\b/.test(between);

/** Of more words a label is a sentence. */
const LONG = 5;
const isSameRole = (a: Label | undefined, b: Label | undefined): boolean =>
  a === undefined || b === undefined || a.about.join() === b.about.join() || a.words.length > LONG || b.words.length > LONG;
