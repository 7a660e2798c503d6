// A cron line for several times a day: what it means, and when it was last due.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cronOfRepeated, lastRepeatedSlot, parseRepeatedCron } from '../../src/core/repeated-time.ts';

const hours = (line: string) => parseRepeatedCron(line)?.times.map(({ hour }) => hour);

test.each([
  ['0 */4 * * *', [0, 4, 8, 12, 16, 20]],
  ['30 9 * * *', [9]],
  ['0 8-18/5 * * *', [8, 13, 18]],
  ['0 20/2 * * *', [20, 22]],
  ['5 1,3,1 * * *', [1, 3]],
])('%s is due at %j', (line, due) => {
  expect(hours(line)).toEqual(due);
});

test.each([
  ['0 9 1 * *', 'a day of the month'],
  ['* * * * *', 'more than 96 a day'],
  ['60 9 * * *', 'no such minute'],
  ['0 24 * * *', 'no such hour'],
  ['0 9 * * 8', 'no such weekday'],
  ['0 */0 * * *', 'no step'],
  ['0 9-8 * * *', 'a range backwards'],
  ['0 9 * *', 'four fields'],
  ['@hourly', 'words'],
  ['', 'nothing'],
])('%j is refused: %s', (line) => {
  expect(parseRepeatedCron(line)).toBeNull();
});

test('weekdays are kept, Sunday as 0 or 7', () => {
  expect(parseRepeatedCron('0 9 * * 1-5')?.weekdays).toEqual([1, 2, 3, 4, 5]);
  expect(parseRepeatedCron('0 9 * * 0,7')?.weekdays).toEqual([0]);
});

test('it was last due at the latest of its times that is over', () => {
  const times = parseRepeatedCron('15 */4 * * *');
  if (times === null) throw new Error('not read');
  const last = (now: string, zone = 'UTC') => lastRepeatedSlot(new Date(now), times, zone).toISOString();
  expect(last('2026-11-23T04:14:59Z')).toBe('2026-11-23T00:15:00.000Z');
  expect(last('2026-11-23T04:15:00Z')).toBe('2026-11-23T04:15:00.000Z');
  expect(last('2026-11-23T00:00:00Z')).toBe('2026-11-22T20:15:00.000Z');
  // Summer time began that morning: it is 04:30 there.
  expect(last('2026-03-29T02:30:00Z', 'Europe/Berlin')).toBe('2026-03-29T02:15:00.000Z');
});

test('what is read is written back as a line that means the same', () => {
  const field = (last: number) => fc.oneof(fc.integer({ min: 0, max: last }).map(String), fc.constantFrom('*/7', '1,2', '0-3', '3-9/2'));
  fc.assert(
    fc.property(field(59), field(23), fc.constantFrom('*', '1-5', '6'), (minute, hour, weekday) => {
      const times = parseRepeatedCron(`${minute} ${hour} * * ${weekday}`);
      if (times !== null) expect(parseRepeatedCron(cronOfRepeated(times))).toEqual(times);
    }),
  );
});
