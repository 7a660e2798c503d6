// The models of customers as arithmetic: published figures of their papers, known parameters found again, and what must hold for any.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { betaQuantile, betaShare, logGamma } from '../../src/core/gamma-function.ts';
import { beta, exponential, gamma, type Random, randomFrom } from '../../src/core/random.ts';
import { acquisitionCost, paybackDays, retentionTable } from '../../src/domain/value/acquisition.ts';
import {
  type BgNbd,
  expectedPurchases,
  expectedRepeats,
  fitBgNbd,
  type History,
  logLikelihood,
  probabilityAlive,
  probabilityOfRepeats,
} from '../../src/domain/value/bg-nbd.ts';
import { expectedSpend, fitGammaGamma, type GammaGamma, meanSpend } from '../../src/domain/value/gamma-gamma.ts';
import { countedShare, smoothedShare } from '../../src/domain/value/interval.ts';
import { type Buyer, estimateValue, LEAST_REPEAT_BUYERS, repeatRate, VALUE_DAYS } from '../../src/domain/value/lifetime-value.ts';
import { fitSbg, shareStaying } from '../../src/domain/value/shifted-beta-geometric.ts';

/** Fader, Hardie & Lee 2005, table 2: the CDNOW sample, in weeks. */
const CDNOW: BgNbd = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
const SPEND: GammaGamma = { p: 6.25, q: 3.74, v: 15.44 };

function drawDays(random: Random, { r, alpha, a, b }: BgNbd, age: number): number[] {
  const [rate, leaving] = [gamma(random, r) / alpha, beta(random, a, b)];
  const days = [0];
  for (let at = exponential(random, 1 / rate); at <= age; at += exponential(random, 1 / rate)) {
    days.push(at);
    if (random() < leaving) break;
  }
  return days;
}

/** Customers of the model, who came over the first third of the time. */
const drawHistories = (seed: number, count: number, model: BgNbd, span: number): History[] => {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => {
    const age = span - Math.floor(((index % 84) / 84) * (span / 3));
    const days = drawDays(random, model, age);
    return { repeats: days.length - 1, recency: days.at(-1) ?? 0, age };
  });
};

/** Buyers with whole days and amounts. `daily` is a model whose unit is a day. */
function drawBuyers(seed: number, count: number, daily: BgNbd, span: number): Buyer[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => {
    const firstDay = index % 60;
    const age = span - firstDay;
    const days = [...new Set(drawDays(random, daily, age).map(Math.ceil))];
    const scale = gamma(random, SPEND.q) / SPEND.v;
    const amounts = days.map(() => gamma(random, SPEND.p) / scale);
    const early = amounts.filter((_, at) => (days[at] ?? 0) <= VALUE_DAYS);
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    return { firstDay, days, age, net: sum(amounts), netEarly: sum(early) };
  });
}

describe('special functions', () => {
  test('log-gamma and the beta integral agree with reference values', () => {
    expect(logGamma(100.5)).toBeCloseTo(361.4355404678, 9);
    expect(logGamma(0.01)).toBeCloseTo(4.599479878042, 11);
    expect(betaShare(0.02, 3, 98)).toBeCloseTo(0.323314377648, 11);
    expect(betaShare(0.02, 1, 49)).toBeCloseTo(0.628398285625, 11);
    expect(betaQuantile(0.025, 3, 98)).toBeCloseTo(0.00622997153831, 12);
    expect(betaQuantile(0.975, 3, 98)).toBeCloseTo(0.0703839324711, 12);
  });

  test('log-gamma steps by a logarithm, and the beta integral is a distribution', () => {
    const positive = fc.double({ min: 1e-3, max: 1e4, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(positive, (x) => Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x)) < 1e-9 * Math.max(1, Math.abs(logGamma(x + 1)))),
    );
    fc.assert(
      fc.property(positive, positive, share, share, (a, b, one, other) => {
        const [low, high] = [betaShare(Math.min(one, other), a, b), betaShare(Math.max(one, other), a, b)];
        return low >= -1e-9 && low <= high + 1e-9 && high <= 1 + 1e-9;
      }),
    );
  });
});

describe('BG/NBD', () => {
  test('gives the published figures of the CDNOW sample', () => {
    const fitted = { r: 0.2426, alpha: 4.4136, a: 0.7929, b: 2.4259 };
    const [two, seven, none] = [
      { repeats: 2, recency: 30.43, age: 38.86 },
      { repeats: 7, recency: 29.43, age: 38.86 },
      { repeats: 0, recency: 0, age: 38.86 },
    ];
    expect(logLikelihood(fitted, [two])).toBeCloseTo(-9.46, 2);
    expect(logLikelihood(fitted, [none])).toBeCloseTo(-0.554, 3);
    expect([probabilityAlive(fitted, two), probabilityAlive(fitted, seven)].map((p) => p.toFixed(3))).toEqual(['0.727', '0.642']);
    expect([expectedPurchases(fitted, two, 39), expectedPurchases(fitted, seven, 39)].map((n) => n.toFixed(3))).toEqual(['1.226', '3.337']);
    expect(probabilityOfRepeats(CDNOW, 0, 39)).toBeCloseTo(0.5737864, 6);
    expect(probabilityOfRepeats(CDNOW, 10, 2)).toBeCloseTo(1.07869e-7, 12);
    const times = [0.1429, 1, 3, 31.8571, 32, 78];
    const said = [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576];
    for (const [index, time] of times.entries()) expect(Math.abs(expectedRepeats(fitted, time) - (said[index] ?? 0))).toBeLessThan(0.0006);
  });

  test.each([
    { what: 'a shop where most never return', model: CDNOW, span: 39, count: 4000 },
    { what: 'loyal customers', model: { r: 1.4, alpha: 8, a: 0.6, b: 6 }, span: 39, count: 1500 },
  ])('finds the parameters of $what again, and repeats itself exactly', ({ model, span, count }) => {
    const histories = drawHistories(7, count, model, span);
    const fit = fitBgNbd(histories);
    expect(fit).not.toBeNull();
    if (fit === null) return;
    expect(fit.logLikelihood).toBeGreaterThanOrEqual(logLikelihood(model, histories));
    // Four deviations of each logarithm, as its own covariance says.
    for (const [index, name] of (['r', 'alpha', 'a', 'b'] as const).entries()) {
      const deviation = Math.sqrt(fit.covariance[index]?.[index] ?? 0);
      expect(deviation).toBeLessThan(0.6);
      expect(Math.abs(Math.log(fit.model[name] / model[name]))).toBeLessThan(4 * deviation);
    }
    expect(expectedRepeats(fit.model, span) / expectedRepeats(model, span)).toBeCloseTo(1, 0.7);
    expect(fitBgNbd([...histories])).toEqual(fit);
  });

  test('for any customer: a chance is a chance, longer silence lowers it, more time brings more', () => {
    const parameter = fc.double({ min: 0.05, max: 50, noNaN: true });
    const time = fc.double({ min: 0.1, max: 400, noNaN: true });
    fc.assert(
      fc.property(parameter, parameter, parameter, parameter, fc.nat(60), time, time, time, (r, alpha, a, b, repeats, one, more, ahead) => {
        const model = { r, alpha, a, b };
        const seen = (age: number): History => ({ repeats, recency: repeats === 0 ? 0 : one, age });
        const [now, later] = [probabilityAlive(model, seen(one)), probabilityAlive(model, seen(one + more))];
        expect(now).toBeGreaterThanOrEqual(later);
        expect(later).toBeGreaterThanOrEqual(0);
        expect(now).toBeLessThanOrEqual(1);
        const [soon, far] = [expectedPurchases(model, seen(one + more), ahead), expectedPurchases(model, seen(one + more), 2 * ahead)];
        expect(soon).toBeGreaterThanOrEqual(0);
        expect(far).toBeGreaterThanOrEqual(soon * (1 - 1e-9));
        // Never more than they would buy if they never left: (r + x) / (alpha + T) a unit of time.
        expect(soon).toBeLessThanOrEqual(((r + repeats) / (alpha + one + more)) * ahead * (1 + 1e-9));
        expect(Number.isFinite(logLikelihood(model, [seen(one + more)]))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('the counts of repeats are a distribution with the mean the model says', () => {
    for (const model of [CDNOW, { r: 2, alpha: 10, a: 1, b: 1 }]) {
      const chances = Array.from({ length: 400 }, (_, count) => probabilityOfRepeats(model, count, 20));
      expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 6);
      expect(chances.reduce((sum, chance, count) => sum + count * chance, 0)).toBeCloseTo(expectedRepeats(model, 20), 4);
    }
  });

  test('without customers or without anybody who came back there is no fit', () => {
    expect(fitBgNbd([])).toBeNull();
    expect(fitBgNbd([{ repeats: 0, recency: 0, age: 10 }])).toBeNull();
  });
});

describe('Gamma-Gamma', () => {
  test('the published parameters give the published means', () => {
    expect(meanSpend(SPEND)).toBeCloseTo(35.2, 0);
    // A customer of whom nothing is known is expected to spend what all do.
    expect(expectedSpend({ p: 6.249, q: 3.745, v: 15.448 }, { purchases: 0, mean: 0 })).toBeCloseTo(35.17, 1);
    expect(meanSpend({ p: 2, q: 0.9, v: 10 })).toBe(Number.POSITIVE_INFINITY);
  });

  test('known parameters are found again; a mean lies between what was seen and what all spend', () => {
    const random = randomFrom(11);
    const spends = Array.from({ length: 1500 }, () => {
      const scale = gamma(random, SPEND.q) / SPEND.v;
      const purchases = 1 + Math.floor(exponential(random, 2));
      const amounts = Array.from({ length: purchases }, () => gamma(random, SPEND.p) / scale);
      return { purchases, mean: amounts.reduce((sum, amount) => sum + amount, 0) / purchases };
    });
    const fit = fitGammaGamma(spends);
    if (fit === null) throw new Error('no fit');
    for (const [index, name] of (['p', 'q', 'v'] as const).entries())
      expect(Math.abs(Math.log(fit.model[name] / SPEND[name]))).toBeLessThan(4 * Math.sqrt(fit.covariance[index]?.[index] ?? 0));
    const all = meanSpend(fit.model);
    for (const spend of spends.slice(0, 200)) {
      const expected = expectedSpend(fit.model, spend);
      expect(expected).toBeGreaterThanOrEqual(Math.min(all, spend.mean) - 1e-9);
      expect(expected).toBeLessThanOrEqual(Math.max(all, spend.mean) + 1e-9);
    }
    expect(fitGammaGamma([{ purchases: 1, mean: 5 }])).toBeNull();
  });
});

describe('shifted-beta-geometric', () => {
  test('finds the published fit of the paper’s high-end customers again, and projects them better than a constant rate', () => {
    // Survivors of 1,000 in years 1 to 7, as Fader & Hardie 2007 print them; years 8 to 12 are what happened next.
    const survivors = [1000, 869, 743, 653, 593, 551, 517, 491];
    const later = [468, 445, 427, 409, 394];
    const losses = survivors.slice(1).map((left, index) => (survivors[index] ?? 0) - left);
    const fit = fitSbg([
      ...losses.map((count, renewals) => ({ renewals, ended: true, count })),
      { renewals: 7, ended: false, count: survivors.at(-1) ?? 0 },
    ]);
    if (fit === null) throw new Error('no fit');
    expect([fit.model.a.toFixed(3), fit.model.b.toFixed(3), fit.logLikelihood.toFixed(1)]).toEqual(['0.668', '3.806', '-1611.2']);
    const off = (guess: (year: number) => number): number =>
      later.reduce((sum, left, index) => sum + Math.abs(guess(8 + index) * 1000 - left) / left, 0) / later.length;
    expect(off((year) => shareStaying(fit.model, year))).toBeCloseTo(0.028, 2);
    expect(off((year) => 0.491 ** (year / 7))).toBeGreaterThan(0.15);
  });

  test('nobody ended, or nobody renewed: no fit', () => {
    expect(fitSbg([{ renewals: 3, ended: false }])).toBeNull();
    expect(fitSbg([{ renewals: 0, ended: true }])).toBeNull();
  });
});

describe('what a customer is worth', () => {
  const DAILY: BgNbd = { r: 0.6, alpha: 30, a: 0.8, b: 3 };
  const truth = meanSpend(SPEND) * (1 + expectedRepeats(DAILY, VALUE_DAYS));

  test('the method follows from the buyers there are, and says so', () => {
    const buyers = drawBuyers(3, 400, DAILY, 180);
    expect(estimateValue(buyers.slice(0, 4))).toBeNull();
    const returned = buyers.filter(({ days }) => days.length > 1);
    const few = [...returned.slice(0, LEAST_REPEAT_BUYERS - 1), ...buyers.filter(({ days }) => days.length === 1).slice(0, 50)];
    expect(estimateValue(few)).toMatchObject({ method: 'cohort', active: null });
    expect(estimateValue(few)?.why).toContain('29 of 79 customers came back, fewer than 30');
    expect(estimateValue([...few, ...returned.slice(-1)])?.method).toBe('bg-nbd');
    // Every 30 days, one day early or late, a tenth leaving each time.
    const random = randomFrom(1);
    const subscribers = Array.from({ length: 120 }, (_, index): Buyer => {
      const [days, age] = [[0], 200 - (index % 100)];
      while (random() > 0.1 && (days.at(-1) ?? 0) + 31 <= age) days.push((days.at(-1) ?? 0) + 29 + (index % 3));
      return { firstDay: index % 100, days, age, net: 9 * days.length, netEarly: 9 * days.filter((day) => day <= VALUE_DAYS).length };
    });
    const subscribed = estimateValue(subscribers);
    expect(subscribed?.method).toBe('sbg');
    // Payments on days 0, 30, 60 and 90 of those who are still there.
    expect((subscribed?.value.value ?? 0) / (9 * (1 + 0.9 + 0.81 + 0.729))).toBeCloseTo(1, 0.9);
  });

  test('the true worth lies within the interval about as often as said, and is met on average', () => {
    const runs = Array.from({ length: 25 }, (_, seed) => estimateValue(drawBuyers(100 + seed, 250, DAILY, 150)));
    const inside = runs.filter((run) => run !== null && run.value.low <= truth && truth <= run.value.high).length / runs.length;
    expect(runs.every((run) => run?.method === 'bg-nbd')).toBe(true);
    expect(inside).toBeGreaterThanOrEqual(0.84);
    const mean = runs.reduce((sum, run) => sum + (run?.value.value ?? 0), 0) / runs.length;
    expect(mean / truth).toBeGreaterThan(0.94);
    expect(mean / truth).toBeLessThan(1.06);
  });

  test('whatever the customers: no method breaks, and a worth lies within its range', () => {
    const amount = fc.oneof(fc.constant(5), fc.constant(0), fc.double({ min: -50, max: 1e6, noNaN: true }));
    const someone = fc.record({
      firstDay: fc.nat(100),
      gaps: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }),
      more: fc.nat(200),
      each: amount,
    });
    const alike = fc.record({
      firstDay: fc.nat(3),
      gaps: fc.constantFrom([], [10], [1], [10, 10]),
      more: fc.constant(20),
      each: fc.constant(5),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(someone, alike), { minLength: 5, maxLength: 80 }), fc.boolean(), (people, onePrice) => {
        const buyers = people.map(({ firstDay, gaps, more, each }): Buyer => {
          const days = [0];
          for (const gap of gaps) days.push((days.at(-1) ?? 0) + gap);
          const net = (onePrice ? 5 : each) * days.length;
          return { firstDay, days, age: (days.at(-1) ?? 0) + more, net, netEarly: net };
        });
        const worth = estimateValue(buyers);
        if (worth === null) return;
        const { value, low, high } = worth.value;
        expect([value, low, high].every((number) => !Number.isNaN(number))).toBe(true);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(paybackDays(1, worth) ?? 0).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60 },
    );
  });

  test('money that all went back is worth nothing, and breaks nothing', () => {
    const nothing = drawBuyers(5, 60, DAILY, 100).map((buyer) => ({ ...buyer, net: -0.3, netEarly: -0.3 }));
    expect(estimateValue(nothing)?.value.value ?? 0).toBeLessThanOrEqual(0);
  });

  test('cost of a customer, payback, and who came back when', () => {
    expect(acquisitionCost(100, 0)).toBeNull();
    const cost = acquisitionCost(100, 20);
    expect(cost?.value).toBe(5);
    // Exact Poisson limits of 20 are 12.2 and 30.9.
    expect([(100 / (cost?.high ?? 0)).toFixed(1), (100 / (cost?.low ?? 0)).toFixed(1)]).toEqual(['12.2', '30.9']);
    const value = estimateValue(drawBuyers(3, 400, DAILY, 180));
    if (value === null) throw new Error('no value');
    expect(paybackDays(value.perPurchase / 2, value)).toBe(0);
    const days = paybackDays(value.value.value, value) ?? 0;
    expect(Math.abs(days - VALUE_DAYS)).toBeLessThanOrEqual(1);
    expect(paybackDays(1e6, value)).toBeNull();
    const buyer = (firstDay: number, ...days: number[]): Buyer => ({
      firstDay,
      days: [0, ...days],
      age: 100 - firstDay,
      net: 1,
      netEarly: 1,
    });
    expect(retentionTable([buyer(10, 5, 40), buyer(12), buyer(45, 31)], 100)).toEqual([
      { from: 10, customers: 2, shares: [0.5, 0.5] },
      { from: 40, customers: 1, shares: [0] },
    ]);
    expect(repeatRate([buyer(1, 5), buyer(1), buyer(1), buyer(1), buyer(1)]).value).toBe(0.2);
    expect(countedShare(5, 4)).toBeNull();
    const [seen, before] = [countedShare(0, 100), smoothedShare(0, 0)];
    expect([seen?.low, seen?.high.toFixed(3), before.value]).toEqual([0, '0.037', 0.2]);
  });
});
