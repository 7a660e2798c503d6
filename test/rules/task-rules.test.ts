// Priorities and retries; the order of claims itself is SQL and tested in adapters/claim-order.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PRIORITIES } from '../../src/domain/tasks/priority.ts';
import { retryDelayMs } from '../../src/domain/tasks/retry.ts';

describe('priority', () => {
  test('critical goes before high before medium before low', () => {
    expect([PRIORITIES.critical, PRIORITIES.high, PRIORITIES.medium, PRIORITIES.low]).toEqual([0, 1, 2, 3]);
  });
});

describe('retries', () => {
  test('wait 2 s, doubled each time, at most 10 minutes, with the upper half random', () => {
    expect(retryDelayMs(1, () => 0)).toBe(1_000);
    expect(retryDelayMs(1, () => 0.999_999)).toBe(2_000);
    expect(retryDelayMs(3, () => 0)).toBe(4_000);
    expect(retryDelayMs(30, () => 0.999_999)).toBe(600_000);
  });

  test('are never beyond their bounds, whatever the attempt', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e9)),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const delay = retryDelayMs(attempt, () => random);
          expect(delay).toBeGreaterThanOrEqual(1_000);
          expect(delay).toBeLessThanOrEqual(600_000);
          if (attempt >= 1) expect(retryDelayMs(attempt + 1, () => random)).toBeGreaterThanOrEqual(delay);
        },
      ),
    );
  });
});
