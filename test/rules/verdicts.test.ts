// Verdicts: evidence that stays honest under continuous looking, a cheap close that reopens, and words that say what it would take.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { betaQuantile, betaShare, logGamma } from '../../src/core/gamma-function.ts';
import { hashSeed, normal, randomFrom } from '../../src/core/random.ts';
import { visitorsToProof } from '../../src/domain/verdicts/how-sure.ts';
import { conclude, type JudgeInput, judge, PROVEN } from '../../src/domain/verdicts/judge.ts';
import { logEvidence } from '../../src/domain/verdicts/mixture.ts';

const look = (overrides: Partial<JudgeInput> = {}) =>
  judge({ today: 9, matured: { visitors: 500, orders: 10 }, breakEven: 0.02, profitable: 0.5, before: null, closed: false, ...overrides });

test('special functions have their pinned values', () => {
  expect(betaShare(0.02, 3, 98)).toBeCloseTo(0.323314377648, 11);
  expect(betaShare(0.02, 1, 49)).toBeCloseTo(0.628398285625, 11);
  expect(betaQuantile(0.025, 3, 98)).toBeCloseTo(0.00622997153831, 12);
  expect(betaQuantile(0.975, 3, 98)).toBeCloseTo(0.0703839324711, 11);
  expect(logGamma(100.5)).toBeCloseTo(361.4355404678, 9);
});

test('naive peeking deceives as Armitage, McPherson & Rowe (1969) found: why e-values are used', () => {
  const runs = 4_000;
  const crossed = Array.from({ length: runs }, (_, run) => {
    const random = randomFrom(hashSeed('peeking', run));
    let sum = 0;
    return Array.from({ length: 20 }, (_, n) => {
      sum += normal(random);
      return Math.abs(sum) / Math.sqrt(n + 1) > 1.959964;
    });
  });
  for (const [looks, share] of [
    [1, 0.05],
    [5, 0.142],
    [20, 0.248],
  ] as const) {
    const found = crossed.filter((signs) => signs.slice(0, looks).some(Boolean)).length / runs;
    expect(Math.abs(found - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / runs));
  }
});

test('before anybody came both e-values are 1, and at break-even their mean never rises above 1', () => {
  for (const breakEven of [0.001, 0.02, 0.3]) {
    const none = logEvidence({ visitors: 0, orders: 0 }, breakEven);
    expect(none.scale).toBeCloseTo(0, 9);
    expect(none.kill).toBeCloseTo(0, 9);
    // Exactly: the mean over the binomial of 400 visitors at break-even.
    const n = 400;
    let [scale, kill] = [0, 0];
    for (let orders = 0; orders <= n; orders += 1) {
      const log =
        logGamma(n + 1) -
        logGamma(orders + 1) -
        logGamma(n - orders + 1) +
        orders * Math.log(breakEven) +
        (n - orders) * Math.log1p(-breakEven);
      const one = logEvidence({ visitors: n, orders }, breakEven);
      scale += Math.exp(log + one.scale);
      kill += Math.exp(log + one.kill);
    }
    expect(scale).toBeCloseTo(1, 6);
    expect(kill).toBeCloseTo(1, 6);
  }
});

test('evidence stays right far beyond what a double can hold: no flood of visitors without orders speaks for scaling', () => {
  const flood = logEvidence({ visitors: 1_000_000, orders: 0 }, 0.4);
  expect(flood.kill).toBeGreaterThan(100_000);
  expect(flood.scale).toBeLessThan(0);
  const rush = logEvidence({ visitors: 100_000, orders: 90_000 }, 0.02);
  expect(rush.scale).toBeGreaterThan(100_000);
  expect(rush.kill).toBeLessThan(0);
});

test('an order never speaks for a kill, a visitor without one never for scaling', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.002, max: 0.4, noNaN: true }),
      (visitors, share, breakEven) => {
        const orders = Math.floor(visitors * share * 0.5);
        const here = logEvidence({ visitors, orders }, breakEven);
        const miss = logEvidence({ visitors: visitors + 1, orders }, breakEven);
        const sale = logEvidence({ visitors: visitors + 1, orders: orders + 1 }, breakEven);
        expect(miss.kill).toBeGreaterThanOrEqual(here.kill - 1e-6);
        expect(miss.scale).toBeLessThanOrEqual(here.scale + 1e-6);
        expect(sale.kill).toBeLessThanOrEqual(here.kill + 1e-6);
        expect(sale.scale).toBeGreaterThanOrEqual(here.scale - 1e-6);
      },
    ),
    { numRuns: 200 },
  );
});

test('what is proven stays proven with its day; the highest evidence is kept', () => {
  const first = look({ matured: { visitors: 500, orders: 30 } });
  expect(first.verdict).toBe('scale');
  expect(first.howSure).toContain('Proven to earn since day 9');
  const later = look({ today: 20, matured: { visitors: 900, orders: 30 }, before: first.standing, profitable: 0.97 });
  expect(later.verdict).toBe('scale');
  expect(later.standing).toEqual(first.standing);
  expect(later.now.scale).toBeLessThan(first.now.scale);
  const fallen = look({ today: 40, matured: { visitors: 9000, orders: 60 }, before: later.standing, profitable: 0.01 });
  expect(fallen.verdict).toBe('kill');
  expect(fallen.standing.scaleSince).toBe(9);
  expect(fallen.howSure).toContain('Proven to lose since day 40');
});

test('hardly a chance closes cheaply, and opens again only when the chance has come back clearly', () => {
  expect(look({ profitable: 0.04 }).verdict).toBe('close');
  expect(look({ profitable: 0.06 }).verdict).toBe('go-on');
  expect(look({ profitable: 0.06, closed: true }).verdict).toBe('close');
  expect(look({ profitable: 0.2, closed: true }).verdict).toBe('reopen');
  // Nobody has come: a low chance from the prior alone closes nothing.
  expect(look({ profitable: 0.01, matured: { visitors: 0, orders: 0 } }).verdict).toBe('go-on');
});

test('a card says how sure and what it would take, fewer visitors the further from break-even', () => {
  expect(look({ matured: { visitors: 500, orders: 14 } }).howSure).toMatch(
    /Not proven: 50 % likely to earn, .* about [\d,]+ more visitors would prove it/,
  );
  expect(look({ matured: { visitors: 1000, orders: 20 } }).howSure).toContain('may never be proven');
  const more = [13, 16, 22].map((orders) => visitorsToProof({ visitors: 500, orders }, 0.02, PROVEN) ?? Number.POSITIVE_INFINITY);
  expect(more).toEqual(more.toSorted((a, b) => b - a));
  const [first = 0] = more;
  expect(logEvidence({ visitors: 500 + first, orders: (13 / 500) * (500 + first) }, 0.02).scale).toBeGreaterThanOrEqual(PROVEN - 0.3);
});

test('every verdict leads to an end at the deadline', () => {
  expect(conclude('scale', 0.99)).toBe('scale');
  expect(conclude('kill', 0.01)).toBe('kill');
  expect(conclude('close', 0.03)).toBe('kill');
  expect(conclude('go-on', 0.85)).toBe('keep');
  expect(conclude('go-on', 0.5)).toBe('inconclusive');
  expect(conclude('reopen', 0.2)).toBe('inconclusive');
});

test('what cannot be is refused', () => {
  const refused = expect.objectContaining({ code: 'invalid_input' });
  expect(() => look({ breakEven: 0 })).toThrow(refused);
  expect(() => look({ breakEven: 1 })).toThrow(refused);
  expect(() => look({ profitable: 1.1 })).toThrow(refused);
  expect(() => look({ matured: { visitors: 3, orders: 4 } })).toThrow(refused);
});
