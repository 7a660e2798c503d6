// Money as numbers and words: what is written can be read again, sums are exact, and profit is what the accounts say.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidInput } from '../../src/core/errors.ts';
import { formatUsd, fromCents, parseUsd, usd } from '../../src/core/money.ts';
import { periodCaps } from '../../src/domain/money/caps.ts';
import type { ProfitAndLoss } from '../../src/domain/money/ledger-store.ts';
import { costOf, estimateCost } from '../../src/domain/money/model-price.ts';
import { profitOf } from '../../src/domain/money/profit.ts';

const micros = (max = 9_000_000_000_000_000n) => fc.bigInt({ min: 0n, max });

test('whole cents, and what is below one, read back as they were written', () => {
  fc.assert(
    fc.property(micros(900_000_000_000n), (cents) => {
      expect(parseUsd(formatUsd(fromCents(cents)))).toBe(fromCents(cents));
    }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 9_999n }), (amount) => {
      expect(parseUsd(formatUsd(amount))).toBe(amount);
    }),
  );
});

test('any amount is written to the nearest cent, a loss with its sign', () => {
  fc.assert(
    fc.property(micros(), (amount) => {
      const written = formatUsd(amount);
      const off = parseUsd(written) - amount;
      expect(off < 0n ? -off : off).toBeLessThanOrEqual(5_000n);
      expect(formatUsd(-amount)).toBe(amount === 0n ? written : `-${written}`);
      expect(written).toMatch(/^\$(0\.\d{3,6}|\d{1,3}(,\d{3})*\.\d\d)$/);
    }),
  );
});

test('typed dollars are exact to the millionth, with or without sign and commas', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 9_999_999_999n }),
      fc.integer({ min: 0, max: 999_999 }),
      fc.boolean(),
      fc.boolean(),
      (whole, fraction, sign, commas) => {
        const dollars = commas ? whole.toString().replace(/\B(?=(\d{3})+$)/g, ',') : whole.toString();
        const typed = `${sign ? '$' : ''}${dollars}.${String(fraction).padStart(6, '0')}`;
        expect(parseUsd(typed)).toBe(whole * 1_000_000n + BigInt(fraction));
      },
    ),
  );
});

test.each([
  '',
  '-5',
  '+5',
  '1e3',
  '5,00',
  '12,34',
  '1.2345678',
  'NaN',
  'Infinity',
  '€5',
  '5 000',
  '٥',
  '0x10',
  '5.',
  '.5',
  '12345678901',
  '1 USD',
])('"%s" is no amount', (text) => {
  expect(() => parseUsd(text)).toThrow(InvalidInput);
});

test('profit is revenue less everything else, whatever the amounts', () => {
  const sums = fc.record({
    revenueMicros: micros(),
    refundsMicros: micros(),
    disputesMicros: micros(),
    feesMicros: micros(),
    offerSpendMicros: micros(),
    modelCostMicros: micros(),
    toolCostMicros: micros(),
    expenseMicros: micros(),
    journals: fc.nat(),
    assumed: fc.nat(),
  });
  fc.assert(
    fc.property(sums, fc.bigInt({ min: 1n, max: 1_000_000n }), (all: ProfitAndLoss, more) => {
      expect(profitOf({ ...all, revenueMicros: all.revenueMicros + more })).toBe(profitOf(all) + more);
      for (const cost of [
        'refundsMicros',
        'disputesMicros',
        'feesMicros',
        'offerSpendMicros',
        'modelCostMicros',
        'toolCostMicros',
        'expenseMicros',
      ] as const)
        expect(profitOf({ ...all, [cost]: all[cost] + more })).toBe(profitOf(all) - more);
    }),
  );
});

test('what is reserved for a model call covers what it costs, up to the tokens it was reserved for', () => {
  const price = fc.option(fc.record({ inputMicros: micros(100_000_000n), outputMicros: micros(400_000_000n) }), { nil: null });
  fc.assert(
    fc.property(price, fc.nat(200_000), fc.nat(4096), fc.nat(4096), (stated, chars, output, max) => {
      const offer = { model: 'm', price: stated, practice: false };
      const usage = { inputTokens: Math.floor(chars / 3), outputTokens: Math.min(output, max), reportedCostMicros: null };
      const reserved = estimateCost(offer, chars, max);
      expect(costOf(offer, usage, reserved).micros).toBeLessThanOrEqual(reserved);
      expect(costOf(offer, usage, reserved).assumed).toBe(stated === null);
      expect(costOf(offer, null, reserved)).toEqual({ micros: reserved, assumed: true });
    }),
  );
});

test('a setting lowers a cap and never raises it; practice and live have caps of their own', () => {
  const ceilings = { capMicros: { hour: usd(10), day: usd(50), month: usd(500) }, practiceCapMarketDayMicros: usd(100) };
  fc.assert(
    fc.property(micros(usd(1_000)), (setting) => {
      const settings = new Map(['hour', 'day', 'month', 'market_day'].map((period) => [period, setting]));
      const live = periodCaps('live', ceilings, settings);
      const practice = periodCaps('practice', ceilings, settings);
      const least = (ceiling: bigint) => (setting < ceiling ? setting : ceiling);
      expect(live).toEqual({ hourMicros: least(usd(10)), dayMicros: least(usd(50)), monthMicros: least(usd(500)), marketDayMicros: null });
      expect(practice).toEqual({ hourMicros: null, dayMicros: null, monthMicros: null, marketDayMicros: least(usd(100)) });
    }),
  );
});
