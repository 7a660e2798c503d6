// When a daily job was last due: tables around clock changes, and the same answer as walking back minute by minute.
import fc, { constantFrom, date, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastDailySlot } from '../../src/core/daily-slot.ts';

const at = (time: string) => ({ hour: Number(time.slice(0, 2)), minute: Number(time.slice(3)) });

describe('around a clock change', () => {
  test.each([
    { what: 'an ordinary day, after', zone: 'Europe/Berlin', time: '03:30', now: '2026-06-10T12:00:00Z', slot: '2026-06-10T01:30:00Z' },
    { what: 'an ordinary day, before', zone: 'Europe/Berlin', time: '03:30', now: '2026-06-10T01:29:59Z', slot: '2026-06-09T01:30:00Z' },
    { what: 'at the very moment', zone: 'Europe/Berlin', time: '03:30', now: '2026-06-10T01:30:00Z', slot: '2026-06-10T01:30:00Z' },
    {
      what: 'skipped in spring: the first minute after',
      zone: 'Europe/Berlin',
      time: '02:30',
      now: '2026-03-29T12:00:00Z',
      slot: '2026-03-29T01:00:00Z',
    },
    {
      what: 'just before what is skipped',
      zone: 'Europe/Berlin',
      time: '02:30',
      now: '2026-03-29T00:59:59Z',
      slot: '2026-03-28T01:30:00Z',
    },
    {
      what: 'twice in autumn: the first time',
      zone: 'Europe/Berlin',
      time: '02:30',
      now: '2026-10-25T12:00:00Z',
      slot: '2026-10-25T00:30:00Z',
    },
    { what: 'between the two times', zone: 'Europe/Berlin', time: '02:30', now: '2026-10-25T01:10:00Z', slot: '2026-10-25T00:30:00Z' },
    { what: 'spring in New York', zone: 'America/New_York', time: '02:30', now: '2026-03-08T20:00:00Z', slot: '2026-03-08T07:00:00Z' },
    { what: 'autumn in New York', zone: 'America/New_York', time: '01:30', now: '2026-11-01T20:00:00Z', slot: '2026-11-01T05:30:00Z' },
    {
      what: 'a change of half an hour',
      zone: 'Australia/Lord_Howe',
      time: '02:15',
      now: '2026-10-04T12:00:00Z',
      slot: '2026-10-03T15:30:00Z',
    },
    { what: 'midnight is skipped', zone: 'America/Santiago', time: '00:00', now: '2026-09-06T12:00:00Z', slot: '2026-09-06T04:00:00Z' },
    { what: 'midnight is taken back', zone: 'America/Santiago', time: '23:30', now: '2026-04-05T12:00:00Z', slot: '2026-04-05T02:30:00Z' },
    {
      what: 'no clock change, an offset of 5:45',
      zone: 'Asia/Kathmandu',
      time: '00:10',
      now: '2026-01-01T00:00:00Z',
      slot: '2025-12-31T18:25:00Z',
    },
    { what: 'a date that never was', zone: 'Pacific/Apia', time: '09:00', now: '2011-12-30T11:00:00Z', slot: '2011-12-30T10:00:00Z' },
    { what: 'UTC', zone: 'UTC', time: '23:59', now: '2026-01-01T00:00:00Z', slot: '2025-12-31T23:59:00Z' },
  ])('$what: $time in $zone', ({ zone, time, now, slot }) => {
    expect(lastDailySlot(new Date(now), at(time), zone).toISOString()).toBe(new Date(slot).toISOString());
  });
});

const MINUTE = 60_000;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Pacific/Chatham',
  'Asia/Beirut',
];

const walls = new Map(
  ZONES.map((timeZone) => [timeZone, new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })]),
);
const wall = (instant: number, timeZone: string): string => walls.get(timeZone)?.format(instant) ?? '';

/** Slow and plain: walks back minute by minute over the walls' words. */
function walkBack(now: Date, time: string, zone: string): number {
  const start = Math.floor(now.getTime() / MINUTE) * MINUTE;
  const shownBefore = Array.from({ length: 52 * 60 }, (_, back) => wall(start - back * MINUTE, zone));
  // For each date, the earliest minute in which the wall shows the time or a later one.
  const first = new Map<string, number>();
  for (const [back, shown] of shownBefore.entries()) {
    const [day = '', clock = ''] = shown.split(' ');
    if (clock >= time) first.set(day, start - back * MINUTE);
  }
  // The oldest date is cut off by where the walk ended.
  return Math.max(...[...first.values()].filter((instant) => instant <= now.getTime()));
}

/** Days with a clock change, found by comparing offsets at noon. */
const changes = ZONES.flatMap((zone) => {
  const offset = (instant: number) => Date.parse(`${wall(instant, zone).replace(' ', 'T')}Z`) - instant;
  const noons = Array.from({ length: 3 * 366 }, (_, day) => Date.UTC(2024, 0, 1, 12) + day * 1440 * MINUTE);
  return noons.filter((noon) => offset(noon) !== offset(noon - 1440 * MINUTE)).map((noon) => ({ zone, noon }));
});

const someTime = record({ hour: integer({ min: 0, max: 23 }), minute: constantFrom(0, 1, 15, 30, 59) });
const written = (time: { hour: number; minute: number }) => `${String(time.hour).padStart(2, '0')}:${String(time.minute).padStart(2, '0')}`;

test('near clock changes it is what walking back finds', () => {
  fc.assert(
    property(constantFrom(...changes), integer({ min: -30 * 60, max: 30 * 60 }), someTime, ({ zone, noon }, minutes, time) => {
      const now = new Date(noon + minutes * MINUTE);
      expect(lastDailySlot(now, time, zone).getTime()).toBe(walkBack(now, written(time), zone));
    }),
    { numRuns: 60 },
  );
});

test('a slot is its own last one, the moment before it has another, and there is one a day', () => {
  fc.assert(
    property(
      constantFrom(...ZONES),
      date({ min: new Date('2000-01-01'), max: new Date('2037-01-01'), noInvalidDate: true }),
      someTime,
      (zone, now, time) => {
        const slot = lastDailySlot(now, time, zone);
        expect(slot.getTime()).toBeLessThanOrEqual(now.getTime());
        expect(now.getTime() - slot.getTime()).toBeLessThan(26 * 60 * MINUTE);
        expect(lastDailySlot(slot, time, zone)).toEqual(slot);
        const before = lastDailySlot(new Date(slot.getTime() - 1), time, zone);
        expect(slot.getTime() - before.getTime()).toBeGreaterThanOrEqual(22 * 60 * MINUTE);
        expect(slot.getTime() - before.getTime()).toBeLessThanOrEqual(26 * 60 * MINUTE);
      },
    ),
    { numRuns: 1_000 },
  );
});
