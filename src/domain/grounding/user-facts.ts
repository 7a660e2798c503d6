// What the user said: it may be repeated as theirs, and reckoned with.
import { figuresMeant, type Near } from './attributes.ts';
import type { EvidenceRecord } from './evidence-records.ts';
import { isReckoned, isSaidOf } from './match-number.ts';
import { findNumbers } from './numbers.ts';
import { wantsShare } from './reckoned.ts';
import type { SaidNumber } from './said-numbers.ts';
import { toBase } from './units.ts';

/** What the user said may be repeated where it is said to be theirs, or to be what was asked. */
const OF_USER = /\b(?:you|your|asked|question|budget|target|goal|limit|request\w*|within|fits?|threshold|wanted|mentioned)\b/i;
/** Of theirs, or of as many of the same as they spoke of: `80 lamps`. */
export const isUsersWord = (claim: string, question: string): boolean =>
  OF_USER.test(claim) ||
  findNumbers(question).some(
    ({ at, end }) => claim.includes(question.slice(at, end + 5).trim()) && /\p{L}/u.test(question.slice(end, end + 5)),
  );

export const isOfUser = (number: SaidNumber, question: string): boolean =>
  question !== '' &&
  findNumbers(question).some(
    (asked) => asked.value === number.value && (asked.unit?.dimension ?? null) === (number.unit?.dimension ?? null),
  );

/** What the user said against what is recorded: so much under your budget, so much for your twelve seats. */
export const isReckonedWithUser = (said: SaidNumber, own: readonly EvidenceRecord[], near: readonly Near[], question: string): boolean =>
  findNumbers(question).some((asked) =>
    figuresMeant(own, near, null).some(({ figure: { value, unit } }) => {
      const theirs = asked.unit !== null && unit !== null ? toBase(asked.value, asked.unit) / unit.factor : asked.value;
      if (said.isRatio || wantsShare(said)) return theirs !== 0 && isSaidOf(said, (value / theirs) * (said.isRatio ? 1 : 100));
      return isReckoned(said, theirs - value, unit) || (asked.unit === null && isReckoned(said, theirs * value, unit));
    }),
  );
