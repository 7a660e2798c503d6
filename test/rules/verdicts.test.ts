// Verdicts: evidence that stays honest under continuous looking, a cheap close that reopens, and words that say what it would take.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { betaQuantile, betaShare, logGamma } from '../../src/core/gamma-function.ts';
import { binomial, hashSeed, lognormal, normal, type Random, randomFrom } from '../../src/core/random.ts';
import { logRevenueEvidence } from '../../src/domain/verdicts/betting.ts';
import { visitorsToProof } from '../../src/domain/verdicts/how-sure.ts';
import { conclude, type JudgeInput, judge, PROVEN } from '../../src/domain/verdicts/judge.ts';
import { logEvidence } from '../../src/domain/verdicts/mixture.ts';
import { revenueEvidence } from '../../src/flows/experiments/revenue-evidence.ts';

const look = (overrides: Partial<JudgeInput> = {}) =>
  judge({
    today: 9,
    matured: { visitors: 500, orders: 10 },
    breakEven: 0.02,
    revenue: null,
    profitable: 0.5,
    before: null,
    closed: false,
    ...overrides,
  });

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

test('a bet on a visitor who is worth their cost is fair from any capital, and bets grow where it earns', () => {
  const terms = { cost: 0.7, most: 150, worst: 2 };
  const nets = (random: Random, count: number, net: number) => Array.from({ length: count }, () => net * lognormal(random, -0.045, 0.3));
  const before = nets(randomFrom(11), 7, 35);
  const held = logRevenueEvidence({ visitors: 300, nets: before }, terms);
  // Of fifty visitors one brings 37 dollars, one costs two, the others nothing: 0.70 each.
  const chances = [
    [0.02, [...before, 37]],
    [0.02, [...before, -2]],
    [0.96, before],
  ] as const;
  for (const side of ['scale', 'kill'] as const) {
    const expected = chances.reduce(
      (sum, [chance, after]) => sum + chance * Math.exp(logRevenueEvidence({ visitors: 301, nets: after }, terms)[side] - held[side]),
      0,
    );
    expect(expected).toBeCloseTo(1, 9);
  }
  const deceived = Array.from({ length: 300 }, (_, run) => {
    const luck = randomFrom(hashSeed('bets', run));
    const seen: number[] = [];
    let most = { scale: 0, kill: 0 };
    for (let day = 1; day <= 20; day += 1) {
      seen.push(...nets(luck, binomial(luck, 100, 0.02), 35));
      const now = logRevenueEvidence({ visitors: day * 100, nets: seen }, terms);
      most = { scale: Math.max(most.scale, now.scale), kill: Math.max(most.kill, now.kill) };
    }
    return most;
  });
  // At most 5 in 100; 300 runs show up to 8.8 by chance (three standard errors).
  for (const side of ['scale', 'kill'] as const) expect(deceived.filter((most) => most[side] >= PROVEN).length / 300).toBeLessThan(0.088);
  expect(logRevenueEvidence({ visitors: 500, nets: nets(randomFrom(3), 30, 35) }, terms).scale).toBeGreaterThan(PROVEN);
  expect(logRevenueEvidence({ visitors: 6000, nets: nets(randomFrom(4), 30, 35) }, terms).kill).toBeGreaterThan(PROVEN);
});

test('revenue is bet on where orders do not bring what the contract assumed, and only there', () => {
  const order = (dollars: number, refunded = false) => ({ visitDay: 1, payDay: 2, valueMicros: BigInt(dollars) * 1_000_000n, refunded });
  const arm = (orders: ReturnType<typeof order>[]) => ({
    ...{ id: '1', listPriceMicros: 30_000_000n, costPerVisitorMicros: 500_000n, capacityPerDay: 100, sinceDay: 1 },
    ...{ visits: [{ day: 1, visitors: 400 }], orders, fee: { rate: 0.029, fixedMicros: 300_000n } },
  });
  const listed = Array.from({ length: 20 }, () => order(30));
  expect(revenueEvidence(arm(listed), 400)).toBeNull();
  expect(revenueEvidence(arm([...listed.slice(1), order(30, true)]), 400)).toBeNull();
  // Half of them at a lower price, or half given back: twenty orders alone would prove it, what they bring does not.
  const half = (other: ReturnType<typeof order>) => revenueEvidence(arm(listed.map((one, at) => (at % 2 === 0 ? one : other))), 400);
  expect(logEvidence({ visitors: 400, orders: 20 }, 0.5 / 28).scale).toBeGreaterThan(PROVEN);
  for (const evidence of [half(order(3)), half(order(30, true))]) {
    expect(evidence?.scale).toBeLessThan(PROVEN);
    const judged = look({ revenue: evidence, matured: { visitors: 400, orders: 20 } });
    expect([judged.verdict, judged.howSure.includes("each visitor's revenue is what counts")]).toEqual(['go-on', true]);
  }
  expect(look({ revenue: { scale: 3.1, kill: -2 } }).verdict).toBe('scale');
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
  expect(() => logRevenueEvidence({ visitors: 1, nets: [1, 2] }, { cost: 1, most: 9, worst: 0 })).toThrow(refused);
  expect(() => logRevenueEvidence({ visitors: 1, nets: [] }, { cost: 9, most: 9, worst: 0 })).toThrow(refused);
  expect(() => logRevenueEvidence({ visitors: 1, nets: [] }, { cost: 1, most: 9, worst: -1 })).toThrow(refused);
});
