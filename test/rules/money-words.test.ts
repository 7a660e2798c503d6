// What is worked out from money without a database: shares that sum up, burn and runway, days in every zone, and what a stop says would raise it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { budgetCard } from '../../src/chat/views/budget-card.ts';
import { capNearCard, capStopCard } from '../../src/chat/views/cap-card.ts';
import { revenueCard } from '../../src/chat/views/revenue-card.ts';
import { dayOf, momentOn } from '../../src/core/calendar.ts';
import { shareOut, usd } from '../../src/core/money.ts';
import { loosens } from '../../src/domain/money/budget.ts';
import { burnOf } from '../../src/domain/money/burn.ts';
import { toProfitAndLoss } from '../../src/domain/money/profit.ts';

const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { minLength: 1, maxLength: 20 });

test('shares sum to the whole, none is off its due by a whole micro-dollar, and equal weights differ by at most one', () => {
  expect(shareOut(1000n, [1n, 1n, 1n])).toEqual([334n, 333n, 333n]);
  expect(shareOut(10n, [0n, 0n])).toEqual([5n, 5n]);
  expect(shareOut(10n, [])).toEqual([]);
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), weights, (total, by) => {
      const parts = shareOut(total, by);
      expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(total);
      const whole = by.reduce((sum, weight) => sum + weight, 0n);
      if (whole === 0n) return;
      for (const [index, part] of parts.entries()) {
        const off = part * whole - total * (by[index] ?? 0n);
        expect(off < whole && off > -whole).toBe(true);
      }
    }),
  );
});

test('a day known only by its name is a moment within that day, in every zone', () => {
  for (const zone of Intl.supportedValuesOf('timeZone'))
    for (const day of ['2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01', '2027-01-01'])
      expect(dayOf(momentOn(day, zone), zone), zone).toBe(day);
});

const day = (revenue: bigint, cost: bigint) =>
  toProfitAndLoss([
    { account: 'revenue', amountMicros: -revenue, journals: 1, assumed: 0 },
    { account: 'expense', amountMicros: cost, journals: 1, assumed: 0 },
  ]);
const left = { micros: usd(90), of: 'the cap' };

test('burn is the mean of the days since the first entry, and the runway what is left at that rate', () => {
  const nothing = toProfitAndLoss([]);
  expect(burnOf([nothing, nothing], left)).toMatchObject({ days: 0, grossMicros: 0n, runwayDays: null });
  expect(burnOf([nothing, day(0n, usd(6)), nothing], left)).toMatchObject({
    days: 2,
    grossMicros: usd(3),
    netMicros: usd(3),
    runwayDays: 30,
  });
  expect(burnOf([day(usd(10), usd(4))], left)).toMatchObject({ netMicros: usd(-6), runwayDays: 22.5 });
});

test('only what permits more needs more: a first limit and a lower one do not', () => {
  expect([loosens(null, usd(5)), loosens(usd(5), usd(5)), loosens(usd(5), usd(4)), loosens(usd(5), usd(6)), loosens(usd(5), null)]).toEqual(
    [false, false, false, true, true],
  );
});

test('a stop and a warning name the budget and the line that raises it; hostile names stay words', () => {
  const stop = capStopCard({ what: 'task 4', mode: 'live', cap: 'agent', name: 'a_b', why: 'x', taskId: 4 });
  expect(stop.text).toContain('budget agent:a\\_b limit:…');
  const warning = {
    mode: 'live',
    cap: 'model',
    period: 'm:2026-11:9',
    name: 'm',
    goal_id: null,
    task_id: null,
    used_micros: 8n,
    limit_micros: 10n,
  };
  const near = capNearCard({ ...warning, mode: 'live', cap: 'model', created_at: new Date(), told_at: null });
  expect(near.title).toBe(`80 % of the month's budget of model m is used`);
  expect(near.text).toContain('budget model:m limit:…');
  const use = { hourMicros: 0n, dayMicros: 0n, monthMicros: 0n, marketDayMicros: 0n, openMicros: 0n };
  const limits = { hourMicros: null, dayMicros: null, monthMicros: null, marketDayMicros: null };
  const reached = { mode: 'live' as const, scope: 'goal_budget' as const, name: '3', limitMicros: usd(2), usedMicros: usd(3), setBy: 'x' };
  const card = budgetCard({
    caps: [{ mode: 'live', limits, use, budgets: [reached] }],
    standing: { mode: 'live' as const, amountMicros: 0n, period: 'week' as const, setBy: null, setAt: null },
    assumed: { calls: 0, micros: 0n },
  });
  expect(card).toMatchObject({ tone: 'bad', table: { rows: [['live', 'budget of goal 3', '$2.00', '$3.00', '$0.00', 'reached']] } });
});

test('shared costs are borne by the goals by their own costs, and the card says by which key', () => {
  const rows = new Map([
    ['', day(0n, usd(9))],
    ['1', day(usd(20), usd(2))],
    ['2', day(0n, usd(1))],
  ]);
  const facts = {
    slice: { mode: 'live' as const },
    sums: day(usd(20), usd(12)),
    live: null,
    foreign: [],
    unpriced: [],
    burn: null,
    customers: null,
    byCohort: false,
  };
  const card = revenueCard({ ...facts, by: { dimension: 'goal', rows, total: 3 } });
  expect(card.text).toContain('Shared costs, booked to no goal: $9.00. Each goal bears a part by the key of its own costs');
  expect(card.table?.columns.slice(5, 7)).toEqual(['Shared costs', 'After shared']);
  expect(card.table?.rows.map((row) => [row[0], ...row.slice(5, 7)])).toEqual([
    ['1', '-$6.00', '$12.00'],
    ['no goal', '', ''],
    ['2', '-$3.00', '-$4.00'],
  ]);
});
