// Who may say yes to a request, and how many must. Counts people, not accounts, and fails closed.
import type { Micros } from '../../core/money.ts';
import type { Person } from '../people/role.ts';
import type { Mode } from '../tools/tool.ts';

export interface ApproverRule {
  needed: 1 | 2;
  /** The approver types the amount instead of only pressing a button. */
  typeAmount: boolean;
}

/** Both amount rules hold in live mode only: practice money needs no second person. */
export function approverRule(input: {
  mode: Mode;
  amountMicros: Micros;
  twoPersonAboveMicros: Micros;
  typeAmountAboveMicros: Micros;
}): ApproverRule {
  if (input.mode === 'practice') return { needed: 1, typeAmount: false };
  return {
    needed: input.amountMicros > input.twoPersonAboveMicros ? 2 : 1,
    typeAmount: input.amountMicros > input.typeAmountAboveMicros,
  };
}

/** Platforms that vouch for a human. An agent or a model has no such id, and so never a vote. */
const HUMAN_PLATFORMS = /^(?:slack|discord|console):./;

export type Vote = { kind: 'counts' } | { kind: 'refused'; why: string };

const refused = (why: string): Vote => ({ kind: 'refused', why });

/**
 * Whether this yes counts. The one who gave the goal may be the only approver of a small amount, or the first of two;
 * the second is another person than the first and than the giver.
 * @param votes the people who have said yes so far.
 */
export function mayVote(input: { voter: Person; votes: readonly string[]; rule: ApproverRule; givenByPerson: string }): Vote {
  const { voter, votes, rule, givenByPerson } = input;
  if (!HUMAN_PLATFORMS.test(voter.platformId) || !voter.roles.has('approver')) return refused('Only an approver can decide this.');
  if (votes.includes(voter.person)) return refused('You have approved this already; another person must say yes too.');
  if (votes.length >= rule.needed) return refused('This has all the approvals it needs.');
  const isSecond = votes.length === 1;
  if (isSecond && voter.person === givenByPerson) {
    return refused('The second approver must be another person than the one who gave the goal.');
  }
  return { kind: 'counts' };
}

/** Whether the approvers there are could ever complete a request; if not, it is refused when asked. */
export function canEverComplete(input: { approverPersons: Iterable<string>; rule: ApproverRule; givenByPerson: string }): boolean {
  const people = new Set(input.approverPersons);
  if (input.rule.needed === 1) return people.size >= 1;
  return people.size >= 2 && [...people].some((person) => person !== input.givenByPerson);
}
