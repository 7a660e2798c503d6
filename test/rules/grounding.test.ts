// The grounding gate on claims whose truth is known, and on whatever else may be said.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readClaims, scoreClaims } from '../../bench/grounding.ts';
import type { Json } from '../../src/core/canonical-json.ts';
import { checkClaim, prepareEvidence } from '../../src/domain/grounding/check-claim.ts';
import { gateText } from '../../src/domain/grounding/gate.ts';
import { toSentences, wholeSentences } from '../../src/domain/grounding/sentences.ts';

const offers = [
  {
    id: 'offer_8',
    name: 'Pour-over coffee set',
    status: 'running',
    channel: 'search',
    revenueMicros: 376_970_000,
    orders: 7,
    visitors: 412,
  },
  { id: 'offer_9', name: 'Bookbinding kit', status: 'ended', channel: 'social', revenueMicros: 108_240_000, orders: 3, visitors: 530 },
  { id: 'offer_2', name: 'Bike repair pouch', status: 'running', channel: 'search', revenueMicros: 0, orders: 0, visitors: 263 },
].map((offer, at) => ({ ...offer, startedAt: `2026-11-0${at + 3}` }));
const evidence = prepareEvidence([{ tool: 'market_results', input: {}, output: { offers } }], 'Did we reach $400 by Friday?');
const verdictOf = (claim: string): string => checkClaim(claim, evidence).verdict;

describe('a claim that the records bear out is left alone', () => {
  test.for([
    'The Pour-over coffee set earned $376.97 from 7 orders.',
    'offer_8 sold 7 units and offer_9 sold 3.',
    'Bookbinding kit had over 500 visitors.',
    'In total the three offers brought in $485.21.',
    'The average number of visitors was about 402.',
    'The conversion rate of the Pour-over coffee set was 1.7 %.',
    'The Bookbinding kit started on 4 November 2026.',
    'The Bike repair pouch had no orders.',
    'The Pour-over coffee set had more orders than the Bookbinding kit.',
    'The coffee set made roughly $0.4k.',
    'Two offers are running.',
    'You asked whether we reached $400.',
    'That is all there is to say.',
  ])('%s', (claim) => {
    expect(verdictOf(claim)).toBe('supported');
  });
});

describe('a claim that they do not is caught', () => {
  test.for([
    'The Pour-over coffee set earned $376.79 from 7 orders.',
    'The Bookbinding kit earned $376.97.',
    'offer_8 sold 3 units and offer_9 sold 7.',
    'Bookbinding kit had 530 orders.',
    'Bookbinding kit had over 600 visitors.',
    'In total the three offers brought in $495.21.',
    'The conversion rate of the Pour-over coffee set was 2.7 %.',
    'The Bookbinding kit started on 3 November 2026.',
    'The Bookbinding kit had no orders.',
    'The Bookbinding kit is still running.',
    'The Bookbinding kit had the most orders.',
    'The Bookbinding kit had more orders than the Pour-over coffee set.',
    'The Ceramic mug earned well.',
    'See https://example.com/report for details.',
    'Three offers are running.',
  ])('%s', (claim) => {
    expect(verdictOf(claim)).not.toBe('supported');
  });
});

/** What was reached; `all` counts every kind, the others those that the gate is for. */
describe('claims written by others, at least as well as when this was last measured', () => {
  const TARGETS = ['number', 'money', 'date', 'url', 'id', 'attribution'];
  test.for([
    ['claims', { targets: { recall: 0.98, falseAlarm: 0.065 }, all: { recall: 0.93, falseAlarm: 0.07 } }],
    ['more', { targets: { recall: 0.93, falseAlarm: 0.05 }, all: { recall: 0.85, falseAlarm: 0.055 } }],
    ['claims-c', { targets: { recall: 0.86, falseAlarm: 0.09 }, all: { recall: 0.74, falseAlarm: 0.1 } }],
    ['claims-d', { all: { recall: 0.72, falseAlarm: 0.155 } }],
    ['held-out', { targets: { recall: 0.93, falseAlarm: 0.09 }, all: { recall: 0.79, falseAlarm: 0.115 } }],
    ['unseen', { targets: { recall: 0.75, falseAlarm: 0.1 }, all: { recall: 0.7, falseAlarm: 0.205 } }],
  ] as const)('%s', ([file, floors]) => {
    const claims = readClaims(readFileSync(`${import.meta.dirname}/../claims/${file}.jsonl`, 'utf8'));
    const { byKind } = scoreClaims(claims);
    for (const [name, floor] of Object.entries(floors)) {
      const counts = [...byKind].filter(([kind]) => name === 'all' || TARGETS.includes(kind)).map(([, count]) => count);
      const sum = (key: 'caught' | 'missed' | 'falseAlarms' | 'let'): number => counts.reduce((total, count) => total + count[key], 0);
      expect(sum('caught') / (sum('caught') + sum('missed'))).toBeGreaterThanOrEqual(floor.recall);
      expect(sum('falseAlarms') / (sum('falseAlarms') + sum('let'))).toBeLessThanOrEqual(floor.falseAlarm);
    }
  });
});

test('what a model wrote as arguments, and what a failed call returned, prove nothing', () => {
  const claim = 'The total is 4711.';
  const call = { tool: 'read', input: { expected: 4711 }, output: { total: 12 } };
  expect(checkClaim(claim, prepareEvidence([call])).verdict).not.toBe('supported');
  expect(checkClaim(claim, prepareEvidence([{ ...call, output: { total: 4711 } }])).verdict).toBe('supported');
  expect(checkClaim(claim, prepareEvidence([{ ...call, output: { total: 4711 }, failed: true }])).verdict).not.toBe('supported');
  expect(checkClaim(claim, prepareEvidence([{ ...call, output: { error: 'no', total: 4711 } }])).verdict).not.toBe('supported');
});

test('a text is shown with what holds as it was, the rest marked or withheld', () => {
  const { text, supported, unverified, contradicted } = gateText(
    'The Bookbinding kit had 530 visitors. It had 12 visitors, by the way.\nThe Ceramic mug is new.',
    evidence,
  );
  expect(text).toContain('The Bookbinding kit had 530 visitors. ');
  expect(text).toContain('The Ceramic mug is new. (unverified)');
  expect([supported, unverified + contradicted]).toEqual([1, 2]);
});

test.each([
  ['', ''],
  ['We earned $3', ''],
  ['We earned $3.50', ''],
  ['We earned $3.50 today. And', 'We earned $3.50 today. '],
  ['**Yes.** It is', '**Yes.** '],
  ['It is approx. Five', ''],
  ['- one\n- tw', '- one\n'],
])('of %j the whole sentences are %j', (text, whole) => expect(wholeSentences(text)).toBe(whole));

test('a sentence of a result may be repeated word for word, and nothing shorter or changed', () => {
  const quoted = prepareEvidence([
    { tool: 'why', input: {}, output: { text: 'It was stopped on 3 May\\. Not one of 40 visitors bought\\.' } },
  ]);
  expect(gateText('**It was stopped on 3 May.** Not one of 40 visitors bought.', quoted).supported).toBe(2);
  expect(gateText('It was stopped on 4 May.', quoted).supported).toBe(0);
  const failed = prepareEvidence([{ tool: 'goal', input: { id: 99 }, output: { error: 'There is no goal 99.' }, failed: true }]);
  expect(gateText('I could not read that: There is no goal 99.', failed).supported).toBe(1);
  expect(gateText('It earned: There is no goal 99.', failed).supported).toBe(0);
});

describe('whatever is said and returned', () => {
  const numRuns = process.env['JUG_TEST_LONG'] === '1' ? 20_000 : 300;
  test('a text taken apart into claims is that text again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => toSentences(text).join('') === text),
      { numRuns },
    );
  });

  test('of a growing answer what was checked and shown is never taken back', () => {
    const words = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '.', '\n', '!', '"', '3', '$', '*', ':'), maxLength: 60 });
    fc.assert(
      fc.property(words, fc.nat(), (text, cut) => {
        const early = gateText(wholeSentences(text.slice(0, cut % (text.length + 1))), evidence).text;
        expect(gateText(text, evidence).text.startsWith(early.trimEnd())).toBe(true);
      }),
      { numRuns },
    );
  });

  test('a verdict, never a throw; and a figure shown as recorded is never caught', () => {
    const name = fc.constantFrom('Alpha line', 'Beta works', 'Gamma hall');
    const rows = fc.uniqueArray(
      fc.record({ name, revenue: fc.integer({ min: 11, max: 99_999 }), orders: fc.integer({ min: 2, max: 10 }) }),
      {
        selector: (row) => row.name,
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(rows, fc.jsonValue(), fc.string({ unit: 'binary' }), (rowsOf, anything, words) => {
        const told = prepareEvidence([{ tool: 'sales', input: null, output: rowsOf }]);
        for (const row of rowsOf) expect(checkClaim(`${row.name} had a revenue of $${row.revenue}.`, told).verdict).toBe('supported');
        checkClaim(words, prepareEvidence([{ tool: 'any', input: null, output: anything as Json }], words));
      }),
      { numRuns },
    );
  });
});
