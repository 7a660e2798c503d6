// Whether a plan can be done, from its tasks, the tools, their services, money and time; and that its confidence follows what came.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FeasibilityInput, judgeFeasibility } from '../../src/domain/goals/feasibility.ts';

const task = (key: string, kind: string, dependsOn: string[] = []) => ({
  key,
  kind,
  dependsOn,
  expectedCostUsd: kind === 'launch' ? 10 : 0,
});
type Health = { service: string | null; restMs: number };
const well: Health = { service: null, restMs: 0 };
const NOW = new Date('2026-11-23T04:00:00Z');
const input = (over: Partial<FeasibilityInput> = {}): FeasibilityInput => ({
  tasks: [task('look', 'research'), task('sell', 'launch', ['look'])],
  ways: new Map([
    ['research', [['web_fetch'], ['offers']]],
    ['launch', [['sell', 'results'], ['link']]],
  ]),
  tools: new Map<string, Health>([
    ['web_fetch', well],
    ['sell', { service: 'market', restMs: 0 }],
    ['results', { service: 'market', restMs: 0 }],
  ]),
  deadline: null,
  now: NOW,
  typicalMs: new Map(),
  outcomes: new Map(),
  wasAsked: false,
  waitedMs: 0,
  ...over,
});
const resting = (restMs: number) =>
  new Map<string, Health>([
    ['web_fetch', well],
    ['sell', { service: 'market', restMs }],
    ['results', { service: 'market', restMs }],
  ]);
const MINUTE = 60_000;

test.for<[string, Partial<FeasibilityInput>, string]>([
  ['all is there', {}, 'proceed'],
  [
    'half of a way is missing',
    {
      tools: new Map([
        ['web_fetch', well],
        ['sell', well],
      ]),
    },
    'reject',
  ],
  ['a kind that nobody knows', { tasks: [task('sing', 'sing')] }, 'reject'],
  ['its only service rests', { tools: resting(20_000) }, 'retry_later'],
  ['another way is at hand', { tools: new Map([...resting(20_000), ['link', well]]) }, 'proceed'],
  ['it has rested for long', { tools: resting(20_000), waitedMs: 11 * MINUTE }, 'defer'],
  ['it has rested for days', { tools: resting(20_000), waitedMs: 2 * 24 * 60 * MINUTE }, 'reject'],
  ['it rests, and the deadline comes first', { tools: resting(20_000), deadline: new Date(NOW.getTime() + 30_000) }, 'reject'],
  [
    'the deadline is too near',
    {
      typicalMs: new Map([
        ['research', 5 * MINUTE],
        ['launch', 20 * MINUTE],
      ]),
      deadline: new Date(NOW.getTime() + 10 * MINUTE),
    },
    'ask',
  ],
  [
    'and a person said to try',
    { wasAsked: true, typicalMs: new Map([['launch', 20 * MINUTE]]), deadline: new Date(NOW.getTime() + 10 * MINUTE) },
    'proceed',
  ],
  ['such goals fail', { outcomes: new Map([['low', { done: 2, failed: 30 }]]) }, 'ask'],
  ['such goals failed, but only a few', { outcomes: new Map([['low', { done: 0, failed: 12 }]]) }, 'proceed'],
])('%s: %s', ([, over, decision]) => {
  const verdict = judgeFeasibility(input(over));
  expect(verdict.decision).toBe(decision);
  if (decision === 'proceed') return;
  expect(verdict.unblock).not.toEqual([]);
  expect(verdict.reason).toMatch(/\.$/);
  expect(verdict.delayMs > 0).toBe(decision === 'defer' || decision === 'retry_later');
});

test('complexity grows from low to critical with tasks, chains and acts with money', () => {
  const plan = (count: number, kind = 'research', chained = false) =>
    judgeFeasibility(
      input({ tasks: Array.from({ length: count }, (_, at) => task(`t${at}`, kind, chained && at > 0 ? [`t${at - 1}`] : [])) }),
    ).complexity;
  expect([plan(2), plan(2, 'launch'), plan(4, 'launch'), plan(6, 'launch')]).toEqual(['low', 'medium', 'high', 'critical']);
  expect(plan(5, 'research', true)).toBe('medium');
});

test('the confidence is a probability that follows what came of goals alike, and no plan is let through without its tools', () => {
  const ends = fc.record({ done: fc.nat(200), failed: fc.nat(200) });
  fc.assert(
    fc.property(ends, fc.boolean(), ({ done, failed }, hasTools) => {
      const outcomes = new Map([['low' as const, { done, failed }]]);
      const verdict = judgeFeasibility(input({ outcomes, wasAsked: true, ...(hasTools ? {} : { tools: new Map() }) }));
      expect(verdict.confidence).toBeGreaterThanOrEqual(0);
      expect(verdict.confidence).toBeLessThanOrEqual(1);
      expect(verdict.decision).toBe(hasTools ? 'proceed' : 'reject');
      if (!hasTools || done + failed < 100) return;
      expect(Math.abs(verdict.confidence - done / (done + failed))).toBeLessThan(0.05);
    }),
  );
});
