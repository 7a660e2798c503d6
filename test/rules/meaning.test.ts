// Likeness of vectors and the joining of rankings.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuse, likeness, nearest, packVector } from '../../src/domain/memory/meaning.ts';

const vector = fc
  .array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 })
  .filter((one) => Math.hypot(...one) > 0.01);

test('likeness is the cosine: symmetric, within one, blind to length', () => {
  fc.assert(
    fc.property(vector, vector, fc.double({ min: 0.1, max: 100, noNaN: true }), (a, b, by) => {
      const [left, right] = [packVector(a) as Buffer, packVector(b) as Buffer];
      expect(likeness(left, right)).toBeCloseTo(likeness(right, left), 5);
      expect(Math.abs(likeness(left, right))).toBeLessThanOrEqual(1.00001);
      expect(likeness(left, packVector(a.map((value) => value * by)) as Buffer)).toBeCloseTo(1, 4);
    }),
  );
});

test('nothing without direction is packed, what is far or of another model is not near, and a rank in two lists beats one', () => {
  expect(packVector([0, 0])).toBeNull();
  expect(packVector([Number.NaN, 1])).toBeNull();
  const of = (...values: number[]) => packVector(values) as Buffer;
  const items = [
    { id: 1, vector: of(0, 1) },
    { id: 2, vector: of(1, 0.2) },
    { id: 3, vector: of(1, 0, 0) },
    { id: 4, vector: null },
    { id: 5, vector: of(1, 0) },
  ];
  expect(nearest(of(1, 0), items).map(({ id }) => id)).toEqual([5, 2]);
  expect(
    fuse(
      [
        [{ id: 7 }, { id: 8 }],
        [{ id: 8 }, { id: 9 }],
      ],
      2,
    ).map(({ id }) => id),
  ).toEqual([8, 7]);
});
