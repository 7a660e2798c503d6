// The forecast as arithmetic: on series it was made with, and on others nobody tuned it to; and what must hold for any history.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSeries, score } from '../../bench/forecast.ts';
import { forecastCard, type Outlook } from '../../src/chat/views/forecast-card.ts';
import { normal, type Random, randomFrom } from '../../src/core/random.ts';
import { type Forecast, forecast, LEAST_DAYS } from '../../src/domain/money/forecast.ts';
import { HORIZON } from '../../src/domain/money/forecast-methods.ts';
import { runwayOf } from '../../src/domain/money/runway.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const shareOf = (hits: readonly boolean[]): number => hits.filter(Boolean).length / hits.length;
const read = (name: string): number[] => readSeries(readFileSync(join(import.meta.dirname, '../../bench/data', name), 'utf8'));

/** A shop: a week's shape, a level that wanders, days that vary, now and then a campaign. */
function shop(seed: number): number[] {
  const random = randomFrom(seed);
  let level = 0;
  return Array.from({ length: 700 }, (_, day) => {
    level = 0.97 * level + 0.08 * normal(random);
    const campaign = random() < 0.03 ? 0.6 : 0;
    return 500 * Math.exp(level + campaign + ([0, 0.05, 0.02, 0, 0.15, 0.4, 0.3][day % 7] ?? 0) + 0.25 * normal(random));
  });
}

/** Series of the kinds money comes in, a seed each. */
const KINDS: Record<string, (random: Random) => number[]> = {
  'a random walk': (random) => {
    let level = 1000;
    return days(() => {
      level += 20 * normal(random);
      return Math.max(0, level);
    });
  },
  'AR(1), falling back to its mean': (random) => {
    let away = 0;
    return days(() => {
      away = 0.7 * away + 40 * normal(random);
      return Math.max(0, 500 + away);
    });
  },
  'sales now and then': (random) => days(() => (random() < 0.25 ? Math.exp(3.5 + 0.6 * normal(random)) : 0)),
  'a trend with a week': (random) => days((day) => 300 + 1.5 * day + ([0, 10, 20, 10, 60, 120, 90][day % 7] ?? 0) + 25 * normal(random)),
};
const days = (at: (day: number) => number): number[] => Array.from({ length: 450 }, (_, day) => at(day));

test.each(Object.entries(KINDS))('%s: better than the seasonal naive, and the truth lies within about as often as said', (_, draw) => {
  const all = [21, 22, 23].map((seed) => score(draw(randomFrom(seed))));
  const pooled = <Value>(of: (scores: ReturnType<typeof score>) => Value[]): Value[] => all.flatMap(of);
  expect(mean(pooled(({ mase }) => mase)) / mean(pooled(({ naiveMase }) => naiveMase))).toBeLessThanOrEqual(0.87);
  expect(shareOf(pooled(({ within80 }) => within80))).toBeGreaterThan(0.74);
  expect(shareOf(pooled(({ within80 }) => within80))).toBeLessThan(0.9);
  expect(shareOf(pooled(({ within95 }) => within95))).toBeGreaterThanOrEqual(0.91);
});

test.each([
  { what: "a shop's sales (developed on)", series: () => read('superstore-daily-sales.csv') },
  { what: 'births (developed on)', series: () => read('us-births-2000-2003.csv') },
  { what: 'a made-up shop', series: () => shop(1) },
  { what: 'another', series: () => shop(2) },
])('$what: better than the seasonal naive, and the truth lies within as often as said', ({ series }) => {
  const scores = score(series());
  expect(mean(scores.mase) / mean(scores.naiveMase)).toBeLessThanOrEqual(0.85);
  expect(shareOf(scores.within80)).toBeGreaterThan(0.74);
  expect(shareOf(scores.within80)).toBeLessThan(0.88);
  expect(shareOf(scores.within95)).toBeGreaterThanOrEqual(0.91);
});

test('any history: finite, never below zero, the wider range around the narrower, and the forecast inside', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: LEAST_DAYS, maxLength: 120 }), (history) => {
      const guess = forecast(history);
      for (const { value, within80, within95 } of [...(guess?.days ?? []), ...(guess === null ? [] : [guess.total])]) {
        for (const number of [value, within80.low, within80.high, within95.low, within95.high]) expect(Number.isFinite(number)).toBe(true);
        expect(within95.low).toBeLessThanOrEqual(within80.low);
        expect(within80.low).toBeLessThanOrEqual(value);
        expect(value).toBeLessThanOrEqual(within80.high);
        expect(within80.high).toBeLessThanOrEqual(within95.high);
        expect(within95.low).toBeGreaterThanOrEqual(0);
      }
      expect(guess?.days).toHaveLength(HORIZON);
    }),
    { numRuns: 200 },
  );
});

test('weeks that repeat are forecast to be repeated, nothing is nothing, and too few days are no forecast', () => {
  const week = [10, 0, 30, 40, 50, 90, 5];
  const guess = forecast(Array.from({ length: 70 }, (_, day) => week[day % 7] ?? 0));
  for (const [step, { value }] of (guess?.days ?? []).entries()) expect(value).toBeCloseTo(week[step % 7] ?? 0, 6);
  expect(guess?.naive).toEqual([...week, ...week]);
  expect(forecast(Array<number>(60).fill(0))?.total).toEqual({ value: 0, within80: { low: 0, high: 0 }, within95: { low: 0, high: 0 } });
  expect(forecast(Array<number>(LEAST_DAYS - 1).fill(5))).toBeNull();
});

test('the runway is what is left at the spend expected, with the forecast’s range, and told in words', () => {
  const steady = forecast(Array.from({ length: 70 }, (_, day) => 8 + (day % 5)));
  if (steady === null) throw new Error('no forecast');
  const runway = runwayOf(300, steady);
  expect(runway.days).toBeCloseTo(30, -0.5);
  expect(runway.low).toBeLessThan(runway.days);
  expect(runway.high).toBeGreaterThan(runway.days);
  expect(runwayOf(0, steady)).toEqual({ days: 0, low: 0, high: 0 });
  const outlook: Outlook = { mode: 'live', known: 70, next: [], revenue: steady, cost: steady, spend: steady };
  const said = (left: bigint, spend: Forecast): string => {
    const card = forecastCard(outlook, { leftMicros: left, of: 'the 30-day cap', runway: runwayOf(Number(left) / 1e6, spend) });
    return card.fields?.find(({ label }) => label === 'Runway')?.value ?? '';
  };
  expect(said(300_000_000n, steady)).toMatch(
    /^(29|30|31) days at the spend expected \(80 %: \d+ to \d+\), for \$300\.00 left of the 30-day cap$/,
  );
  expect(said(0n, steady)).toBe('none: $0.00 left of the 30-day cap');
  const nothing = forecast(Array<number>(60).fill(0));
  expect(nothing === null ? '' : said(5_000_000n, nothing)).toBe(
    'more than 365 days at the spend expected, for $5.00 left of the 30-day cap',
  );
});

test('the series is read past its licence and header; a row without a number is named', () => {
  expect(readSeries('# licence\ndate,value\n2026-01-01,5\n"2026-01-02","6.5"\n')).toEqual([5, 6.5]);
  expect(() => readSeries('date,value\n2026-01-01,\n')).toThrow('row 1 is not "date,value"');
});
