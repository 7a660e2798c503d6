// Learning: effects found where they are and shrunk where little is known, predictions that name their lessons, lessons that are retired.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { benchLearning } from '../../bench/learning.ts';
import { binomial, hashSeed, normal, randomFrom } from '../../src/core/random.ts';
import type { FinishedExperiment } from '../../src/domain/learning/experience.ts';
import { analyseFailure, type Course } from '../../src/domain/learning/failure.ts';
import { learnEffects, predictConversion } from '../../src/domain/learning/lessons.ts';
import { learnPartWeights, timesOf } from '../../src/domain/learning/part-weights.ts';
import { queriesOf } from '../../src/domain/opportunities/scan-queries.ts';

const CATEGORIES = ['books', 'tools', 'courses'];
const CHANNELS = ['search', 'social'];

/** Tools convert twice as well and books half, social a little worse; each experiment has its own luck. */
function experiments(count: number, seed: string, toolsTimes: (index: number) => number = () => 2): FinishedExperiment[] {
  const random = randomFrom(hashSeed(seed));
  return Array.from({ length: count }, (_, index) => {
    const [category = '', channel = ''] = [CATEGORIES[index % 3], CHANNELS[Math.floor(index / 3) % 2]];
    const times = (category === 'tools' ? toolsTimes(index) : category === 'books' ? 0.5 : 1) * (channel === 'social' ? 0.8 : 1);
    const visitors = 100 + (index % 5) * 100;
    const rate = Math.min(0.5, 0.02 * times * Math.exp(0.3 * normal(random)));
    return { id: `${index}`, category, channel, source: 'scan', price: 25, visitors, orders: binomial(random, visitors, rate) };
  });
}

test('before anything has finished nothing is taught and the prediction is the weak optimistic one', () => {
  const nothing = learnEffects([]);
  expect(nothing.lessons).toEqual([]);
  const { mean, strength, because } = predictConversion(nothing, { category: 'books' });
  expect(mean).toBeCloseTo(0.02, 6);
  expect(strength).toBeLessThan(100);
  expect(because).toEqual([]);
});

test('effects are found with their direction, their range holds the truth, and predictions name what moved them', () => {
  const learned = learnEffects(experiments(90, 'effects'));
  const of = (level: string) => learned.lessons.find((lesson) => lesson.level === level);
  const ratio = (of('tools')?.times ?? 0) / (of('books')?.times ?? 1);
  expect(ratio).toBeGreaterThan(2.5);
  expect(ratio).toBeLessThan(6);
  expect(of('tools')).toMatchObject({ factor: 'category', experiments: 30, retired: false });
  expect(of('tools')?.confidence).toBeGreaterThan(0.9);
  for (const { low, times, high } of learned.lessons) expect(low < times && times < high).toBe(true);
  const [tools, books] = ['tools', 'books'].map((category) => predictConversion(learned, { category, channel: 'search', price: 25 }));
  expect(tools?.because[0]?.level).toBe('tools');
  expect(tools?.mean).toBeGreaterThan(2 * (books?.mean ?? 1));
  // What nobody has tried moves nothing.
  const unknown = predictConversion(learned, { category: 'boats', channel: 'search' });
  expect(unknown.because.every(({ level }) => level !== 'boats')).toBe(true);
});

test('little evidence is shrunk: one lucky experiment teaches less than many', () => {
  const one: FinishedExperiment = { id: 'x', category: 'boats', channel: 'search', source: 'scan', price: 25, visitors: 100, orders: 8 };
  const times = (copies: number): number => {
    const lucky = Array.from({ length: copies }, (_, index) => ({ ...one, id: `x${index}` }));
    return learnEffects([...experiments(60, 'shrink'), ...lucky]).lessons.find(({ level }) => level === 'boats')?.times ?? 0;
  };
  const [few, many] = [times(1), times(8)];
  expect(few).toBeGreaterThan(1);
  expect(many).toBeGreaterThan(few);
  expect(few).toBeLessThan(2.5);
});

test('no category is given up for good: a prediction never falls below a third of the usual rate, and strangers to it stay weak', () => {
  const barren = Array.from({ length: 40 }, (_, index) => ({
    ...{ id: `b${index}`, category: 'boats', channel: 'search', source: 'scan', price: 25, visitors: 1000, orders: 0 },
  }));
  const learned = learnEffects([...experiments(60, 'barren'), ...barren]);
  const { mean, strength, because } = predictConversion(learned, { category: 'boats' });
  expect(because[0]).toMatchObject({ level: 'boats', experiments: 40 });
  expect(because[0]?.times).toBeLessThan(0.3);
  expect(mean).toBeGreaterThanOrEqual(0.004);
  expect(mean).toBeGreaterThanOrEqual(0.35 * Math.exp(learned.fit.base) - 1e-12);
  expect(strength).toBeLessThanOrEqual(150);
});

test('a lesson that stops predicting is retired and moves nothing more', () => {
  // Tools converted four times as well for long, and now a fifth as well.
  const turned = learnEffects(experiments(120, 'turned', (index) => (index < 96 ? 4 : 0.2)));
  const lesson = turned.lessons.find(({ level }) => level === 'tools');
  expect(lesson?.retired).toBe(true);
  expect(predictConversion(turned, { category: 'tools' }).because).toEqual([]);
  expect(learnEffects(experiments(120, 'steady')).lessons.filter(({ retired }) => retired)).toEqual([]);
});

test('predictions stay within reach whatever is taught', () => {
  const any = fc.record({
    ...{ id: fc.string(), category: fc.constantFrom('a', 'b', ''), channel: fc.constantFrom('x', 'y'), source: fc.constantFrom('', 's') },
    ...{
      price: fc.double({ min: 0.01, max: 5000, noNaN: true }),
      visitors: fc.integer({ min: 0, max: 5000 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    },
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), (drawn) => {
      const learned = learnEffects(drawn.map(({ share, ...one }) => ({ ...one, orders: Math.floor(one.visitors * share) })));
      const { mean, strength } = predictConversion(learned, { category: 'a', channel: 'x', price: 30 });
      expect(mean).toBeGreaterThanOrEqual(0.004);
      expect(mean).toBeLessThanOrEqual(0.5);
      expect(strength).toBeGreaterThanOrEqual(20);
      expect(strength).toBeLessThanOrEqual(150);
    }),
    { numRuns: 40 },
  );
  const impossible = { id: '1', category: '', channel: '', source: '', price: 1, visitors: 3, orders: 4 };
  expect(() => learnEffects([impossible])).toThrow(expect.objectContaining({ code: 'invalid_input' }));
});

test('a failure names the assumption that cost most, and the parts sum to what is missing', () => {
  const fee = (price: number): number => 0.029 * price + 0.3;
  const assumed: Course = { conversion: 0.04, price: 30, costPerVisitor: 0.7, refundShare: 0.05, delayDays: 2, visitors: 1000 };
  const measured: Course = { ...assumed, conversion: 0.015, costPerVisitor: 0.75, delayDays: 5, visitors: 900 };
  const { gaps, failed, assumedProfit, measuredProfit } = analyseFailure(assumed, measured, fee);
  expect(failed).toBe('conversion');
  expect(gaps[0]).toMatchObject({ assumption: 'conversion', assumed: 0.04, measured: 0.015, ratio: 0.375 });
  expect(gaps.reduce((sum, { profit }) => sum + profit, 0)).toBeCloseTo(measuredProfit - assumedProfit, 6);
  expect(gaps.find(({ assumption }) => assumption === 'delay')).toMatchObject({ ratio: 2.5, profit: 0 });
  expect(analyseFailure(assumed, { ...assumed, conversion: 0.05 }, fee).failed).toBeNull();
  expect(() => analyseFailure(assumed, { ...assumed, visitors: -1 }, fee)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
});

test('bench learning plays the learner against none', async () => {
  const { json } = await benchLearning(['--seeds', '2', '--generations', '11', '--first-seed', '9001']);
  for (const side of ['on', 'off'])
    expect(json[side]).toMatchObject({ profitLast10: expect.any(Number), successShare: expect.any(Number) });
  const [low = 0, high = 0] = json['differenceCi95'] as number[];
  expect(low).toBeLessThanOrEqual(high);
});

/** What paid had much of `risk` (that is: little of it) and no more of `effort`; from `until` on it is the other way round. */
function triedOf(count: number, seed: string, until = count) {
  const random = randomFrom(hashSeed(seed));
  return Array.from({ length: count }, (_, index) => {
    const parts = { risk: random(), effort: random() };
    const told = index < until ? parts.risk : 1 - parts.risk;
    return { parts, paid: random() < 0.1 + 0.8 * told };
  });
}

test('the parts that told what pays weigh more, the others as before; little evidence moves little; what stops telling is retired', () => {
  const of = (part: string, tried: ReturnType<typeof triedOf>) => learnPartWeights(tried).find((one) => one.part === part);
  const tried = triedOf(60, 'parts');
  expect(timesOf(of('risk', tried)?.effect ?? 0)).toBeGreaterThan(1.5);
  expect(of('risk', tried)).toMatchObject({ support: 60, retired: false });
  expect(of('risk', tried)?.confidence).toBeGreaterThan(0.95);
  expect(Math.abs(of('effort', tried)?.effect ?? 1)).toBeLessThan(0.4);
  expect(Math.abs(of('risk', tried.slice(0, 8))?.effect ?? 1)).toBeLessThan(of('risk', tried)?.effect ?? 0);
  // Too few, all with one end, or always the same: nothing is learnt.
  expect(learnPartWeights(tried.slice(0, 7))).toEqual([]);
  expect(learnPartWeights(tried.map((one) => ({ ...one, paid: true })))).toEqual([]);
  expect(
    of(
      'effort',
      tried.map((one) => ({ ...one, parts: { ...one.parts, effort: 0.5 } })),
    ),
  ).toBeUndefined();
  expect(of('risk', triedOf(84, 'turned', 60))?.retired).toBe(true);
  expect([timesOf(9), timesOf(-9)]).toEqual([3, 1 / 3]);
});

test('scans search for what lessons speak for, in turns, beside plain questions; a strange value brings no signs along', () => {
  const hint = (id: number, dimension: string, value: string, effect: number, confidence = 0.9) => ({
    id,
    dimension,
    value,
    effect,
    confidence,
  });
  const plain = queriesOf(3, 2);
  expect(plain.map(({ lessonId }) => lessonId)).toEqual([null, null]);
  const hints = [
    hint(1, 'category', 'Planners "site:evil.example" ', 0.5),
    hint(2, 'channel', 'search', 0.4),
    hint(3, 'category', 'games', 0.6, 0.55),
    hint(4, 'category', 'newsletters', -0.7),
    hint(5, 'source', 'web', 0.9),
  ];
  const scans = [0, 1, 2, 3].map((turn) => queriesOf(turn, 2, hints));
  expect(scans.map(([first]) => first?.lessonId)).toEqual([1, 2, 1, 2]);
  expect(scans[0]?.[0]?.text).toBe('planners site evil example that people pay for online');
  expect(scans.every(([, second]) => second?.lessonId === null)).toBe(true);
  expect(new Set(scans.map(([, second]) => second?.text)).size).toBe(4);
  // What lessons speak against is asked for last.
  const all = Array.from({ length: 30 }, (_, turn) => queriesOf(turn, 2, hints)).flat();
  expect(all.some(({ text }) => text.includes('newsletters'))).toBe(false);
});
