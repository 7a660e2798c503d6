// Silence, times, and who may say yes: everything unknown means no.
import { describe, expect, test } from 'vitest';
import { usd } from '../../src/core/money.ts';
import { approverRule, canEverComplete, mayVote } from '../../src/domain/approvals/approver-rule.ts';
import { maySilenceApprove, type SilenceInput } from '../../src/domain/approvals/silence.ts';
import { expandRoles, type Person, type Role } from '../../src/domain/people/role.ts';

describe('silence', () => {
  const harmless: SilenceInput = { level: 'low', reversible: true, amountMicros: 0n, reach: 'nobody', kind: 'act' };

  test('approves what is low, reversible, free and seen by nobody', () => {
    expect(maySilenceApprove(harmless)).toBe(true);
    expect(maySilenceApprove({ ...harmless, kind: 'plan' })).toBe(true);
  });

  test.for<[string, Partial<Record<keyof SilenceInput, unknown>>]>([
    ['medium risk', { level: 'medium' }],
    ['high risk', { level: 'high' }],
    ['critical risk', { level: 'critical' }],
    ['unknown risk', { level: null }],
    ['a misspelt level', { level: 'Low' }],
    ['no level', { level: undefined }],
    ['what cannot be undone', { reversible: false }],
    ['what may not be undone', { reversible: null }],
    ['a truthy word instead of true', { reversible: 'yes' }],
    ['a micro-dollar', { amountMicros: 1n }],
    ['money coming back', { amountMicros: -1n }],
    ['an unknown amount', { amountMicros: null }],
    ['a number as amount', { amountMicros: 0 }],
    ['customers', { reach: 'customers' }],
    ['the public', { reach: 'public' }],
    ['unknown reach', { reach: null }],
    ['an unknown kind of request', { kind: 'other' }],
  ])('never approves %s', ([, overrides]) => {
    expect(maySilenceApprove({ ...harmless, ...overrides } as SilenceInput)).toBe(false);
  });
});

describe('how many must say yes', () => {
  const caps = { twoPersonAboveMicros: usd(100), typeAmountAboveMicros: usd(50) };

  test.for<[bigint, 1 | 2, boolean]>([
    [0n, 1, false],
    [usd(50), 1, false],
    [usd(50) + 1n, 1, true],
    [usd(100), 1, true],
    [usd(100) + 1n, 2, true],
  ])('live, %d micro-dollars: %d people, typed amount %s', ([amountMicros, needed, typeAmount]) => {
    expect(approverRule({ mode: 'live', amountMicros, ...caps })).toEqual({ needed, typeAmount });
  });

  test('both rules are off in practice, and on in a mode nobody knows', () => {
    expect(approverRule({ mode: 'practice', amountMicros: usd(5000), ...caps })).toEqual({ needed: 1, typeAmount: false });
    expect(approverRule({ mode: 'other' as never, amountMicros: usd(5000), ...caps })).toEqual({ needed: 2, typeAmount: true });
  });
});

describe('who may say yes', () => {
  const person = (name: string, roles: Role[] = ['approver'], platformId = `console:${name}`): Person => ({
    platformId,
    person: name,
    roles: expandRoles(roles),
  });
  const one = { needed: 1, typeAmount: false } as const;
  const two = { needed: 2, typeAmount: true } as const;
  const vote = (voter: Person, votes: string[], rule: { needed: 1 | 2; typeAmount: boolean }, givenByPerson = 'giver') =>
    mayVote({ voter, votes, rule, givenByPerson }).kind;

  test('only an approver; an owner, an operator, a viewer and a stranger may not', () => {
    expect(vote(person('ann'), [], one)).toBe('counts');
    for (const roles of [['owner'], ['operator'], ['viewer'], []] as Role[][]) expect(vote(person('ann', roles), [], one)).toBe('refused');
  });

  test('an agent or a model has no vote, whatever role it was given', () => {
    for (const id of ['agent:generalist', 'model:gpt', 'generalist', '', 'console:', 'tool:slack:T1/U1'])
      expect(vote(person('x', ['approver'], id), [], one)).toBe('refused');
    for (const id of ['slack:T1/U1', 'discord:123', 'console:owner']) expect(vote(person('x', ['approver'], id), [], one)).toBe('counts');
  });

  test('below the two-person amount the goal’s giver may say yes alone, if an approver', () => {
    expect(vote(person('giver'), [], one)).toBe('counts');
    expect(vote(person('giver', ['operator']), [], one)).toBe('refused');
  });

  test('above it the second is another person than the first and than the giver', () => {
    expect(vote(person('ann'), [], two)).toBe('counts');
    expect(vote(person('ann'), ['ann'], two)).toBe('refused');
    expect(vote(person('ann', ['approver'], 'slack:T1/U1'), ['ann'], two)).toBe('refused');
    expect(vote(person('giver'), ['ann'], two)).toBe('refused');
    expect(vote(person('bob'), ['ann'], two)).toBe('counts');
    expect(vote(person('giver'), [], two)).toBe('counts');
    expect(vote(person('ann'), ['giver'], two)).toBe('counts');
  });

  test('a refusal says why', () => {
    expect(mayVote({ voter: person('giver'), votes: ['ann'], rule: two, givenByPerson: 'giver' })).toEqual({
      kind: 'refused',
      why: 'The second approver must be another person than the one who gave the goal.',
    });
  });

  test('no more votes count than are needed', () => {
    expect(vote(person('cat'), ['ann'], one)).toBe('refused');
    expect(vote(person('cat'), ['ann', 'bob'], two)).toBe('refused');
  });

  test('a request that too few people could complete is known beforehand, and agrees with the votes', () => {
    const people = ['giver', 'ann', 'bob'];
    for (let mask = 0; mask < 8; mask += 1) {
      const approverPersons = people.filter((_, index) => mask & (1 << index));
      for (const rule of [one, two]) {
        const orders = approverPersons.flatMap((first) => approverPersons.map((second) => [first, second] as const));
        const counts = (name: string, votes: string[]) => vote(person(name), votes, rule) === 'counts';
        const possible =
          rule.needed === 1
            ? approverPersons.some((name) => counts(name, []))
            : orders.some(([first, second]) => counts(first, []) && counts(second, [first]));
        expect(canEverComplete({ approverPersons, rule, givenByPerson: 'giver' }), `${approverPersons} for ${rule.needed}`).toBe(possible);
      }
    }
    expect(canEverComplete({ approverPersons: ['ann', 'ann'], rule: two, givenByPerson: 'giver' })).toBe(false);
  });
});
