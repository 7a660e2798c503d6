// Charts as pictures: the right size, with letters in them, different where the numbers differ, and always with words beside them.
import { describe, expect, test } from 'vitest';
import { chartAltText, drawChart } from '../../src/adapters/chart-image.ts';
import type { Card } from '../../src/chat/card.ts';

type Chart = NonNullable<Card['chart']>;

const days = (values: number[]) => values.map((y, at) => ({ x: `Nov ${at + 1}`, y }));
const chart = (values: number[], more: Partial<Chart> = {}): Chart => ({
  kind: 'line',
  title: 'Profit by day',
  series: [{ name: 'Profit', points: days(values) }],
  ...more,
});

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47];
const sizeOf = (png: Buffer): [number, number] => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe('the picture', () => {
  test('is a PNG of twice 800 by 400', async () => {
    const png = await drawChart(chart([1, 4, 2, 8]));
    expect([...png.subarray(0, 4)]).toEqual(SIGNATURE);
    expect(sizeOf(png)).toEqual([1600, 800]);
  });

  test('shows its words: another title is another picture, and no title is a smaller one', async () => {
    const [one, other, none] = await Promise.all([
      drawChart(chart([1, 2])),
      drawChart(chart([1, 2], { title: 'Loss by day' })),
      drawChart(chart([1, 2], { title: '' })),
    ]);
    expect(one.equals(other)).toBe(false);
    expect(none.length).toBeLessThan(one.length);
  });

  test('shows its numbers and its kind', async () => {
    const one = await drawChart(chart([1, 4, 2]));
    expect(one.equals(await drawChart(chart([1, 4, 2])))).toBe(true);
    expect(one.equals(await drawChart(chart([4, 1, 2])))).toBe(false);
    expect(one.equals(await drawChart(chart([1, 4, 2], { kind: 'bar' })))).toBe(false);
  });

  test.each<[string, Chart]>([
    ['no series', chart([], { series: [] })],
    ['no points', chart([])],
    ['numbers that are none', chart([Number.NaN, 1, Number.POSITIVE_INFINITY])],
    ['one point', chart([3])],
    ['thousands of points', chart(Array.from({ length: 3000 }, (_, at) => Math.sin(at)))],
    [
      'names that are markup',
      chart([1, 2], {
        title: '<script>&"\u202E',
        series: [
          { name: '<b>', points: days([1]) },
          { name: '&', points: days([1, 2, 3]) },
        ],
      }),
    ],
    ['too many series', chart([], { series: Array.from({ length: 30 }, (_, at) => ({ name: `s${at}`, points: days([at]) })) })],
  ])('is drawn from %s too', async (_, odd) => {
    expect(sizeOf(await drawChart(odd))).toEqual([1600, 800]);
  });
});

describe('the words beside it', () => {
  test('tell kind, title, span and extremes', () => {
    expect(chartAltText(chart([3, -1, 8]))).toBe(
      'Line chart: Profit by day. Profit: 3 points from Nov 1 to Nov 3, first 3, last 8, lowest -1, highest 8',
    );
  });

  test('say when there is nothing yet, and what was left out', () => {
    expect(chartAltText(chart([]))).toContain('no points yet');
    const many = chart([], { series: Array.from({ length: 10 }, (_, at) => ({ name: `s${at}`, points: days([at]) })) });
    expect(chartAltText(many)).toContain('2 more series');
  });

  test('stay short and plain whatever the names are', () => {
    const text = chartAltText(chart([1], { title: 'x'.repeat(5000), series: [{ name: '\u202Eevil'.repeat(50), points: days([1]) }] }));
    expect(text.length).toBeLessThan(1000);
    expect(text).not.toContain('\u202E');
  });
});
