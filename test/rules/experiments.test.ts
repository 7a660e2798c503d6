// The rules of experiments without a database: transitions, the contract's kill rule and limits, the portfolio's places and shares.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExperimentState } from '../../src/db/tables/states.ts';
import { breakEvenOf, contract, contractLines, draftContract } from '../../src/domain/experiments/contract.ts';
import { deadlineOf, type ExperimentEvent, isOver, nextState, OPEN_STATES } from '../../src/domain/experiments/lifecycle.ts';
import { type Morning, nextMove, verdictFor } from '../../src/domain/experiments/next-move.ts';
import { dayBudget, lossFor, MOST_PLACES, placesOf, riskClassOf, whyFull, whyStopAll } from '../../src/domain/experiments/portfolio.ts';

const STATES: ExperimentState[] = ['draft', 'proposed', 'approved', 'running', 'measuring', 'concluded', 'cancelled'];
const EVENTS: ExperimentEvent[] = ['propose', 'approve', 'decline', 'launch', 'stop_spending', 'reopen', 'conclude', 'cancel'];
const usd = (dollars: number): bigint => BigInt(Math.round(dollars * 100)) * 10_000n;

const AGREED = draftContract(
  {
    name: 'Cat window shelf',
    sells: 'a shelf',
    channel: 'search ads',
    offerId: 'offer_3',
    priceMicros: usd(30),
    unitCostMicros: 0n,
    visitorCostMicros: usd(0.6),
    capacityPerDay: 100,
  },
  usd(20),
);

const morning = (overrides: Partial<Morning>): Morning => ({
  state: 'running',
  held: false,
  today: 10,
  startedDay: 5,
  deadlineDay: 25,
  measureUntil: null,
  contract: AGREED,
  firstLaunchDay: 5,
  spendMicros: usd(9),
  earnedMicros: 0n,
  maxLossMicros: usd(20),
  allowedMicros: usd(11),
  leastMicros: usd(1),
  visitors: 15,
  profitable: 0.4,
  judged: 'go-on',
  lastOrderDay: null,
  lastHeardDay: 9,
  silentDays: 0,
  starvedDays: 0,
  ...overrides,
});

test('an experiment only ever moves along the table: nothing leaves an end, and every open state can be cancelled and has a deadline', () => {
  for (const event of EVENTS) for (const state of STATES.filter(isOver)) expect(nextState(state, event)).toBeNull();
  for (const state of OPEN_STATES) {
    expect(nextState(state, 'cancel')).toBe('cancelled');
    const deadline = deadlineOf(state, { now: new Date(0), day: 3, deadlineDay: 23, measureDays: 7, expiryMs: 1000 });
    expect(deadline.at !== null || deadline.day !== null).toBe(true);
  }
  expect(nextState('proposed', 'launch')).toBeNull();
  expect(nextState('proposed', 'conclude')).toBeNull();
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 30 }), (events) => {
      let state: ExperimentState = 'draft';
      let permitted = false;
      for (const event of events) {
        const next = nextState(state, event);
        if (next === null) continue;
        if (next === 'approved') permitted = true;
        // Nothing spends, is measured or is judged without a yes before.
        if (['running', 'measuring', 'concluded'].includes(next)) expect(permitted).toBe(true);
        state = next;
      }
    }),
    { numRuns: 200 },
  );
});

test('the contract says everything before the start, and reads back as itself', () => {
  expect(contract.parse(JSON.parse(JSON.stringify(AGREED)))).toEqual(AGREED);
  expect(AGREED.breakEven).toBeCloseTo(0.6 / (30 * (1 - 0.05 - 0.029) - 0.3), 6);
  const labels = contractLines(AGREED).map(({ label }) => label);
  for (const label of ['Hypothesis', 'Measured by', 'Most it may lose', 'Ends', 'Is closed earlier', 'Is held', 'Is undone', 'Variants'])
    expect(labels).toContain(label);
  // What brings less than it costs breaks even at no rate there is.
  expect(breakEvenOf({ priceMicros: usd(1), unitCostMicros: usd(2), visitorCostMicros: usd(1) })).toBeGreaterThan(1);
});

test.each<[string, Partial<Morning>, string]>([
  ['a chance below the line after enough visitors', { visitors: 40, profitable: 0.03 }, 'kill rule'],
  ['evidence that it loses', { judged: 'kill', visitors: 8 }, 'proven to lose'],
  ['its maximum loss', { spendMicros: usd(26), earnedMicros: usd(6) }, 'maximum loss'],
  ['its last day', { today: 26 }, 'last day of spending'],
  ['a used permission and little hope', { allowedMicros: usd(0.5), profitable: 0.3 }, 'nobody is asked for more'],
  ['no share for a week', { starvedDays: 7 }, 'no share of the money'],
])('%s ends the spending', (_what, overrides, why) => {
  expect(nextMove(morning(overrides))).toMatchObject({ kind: 'event', event: 'stop_spending', reason: expect.stringContaining(why) });
});

test.each<[string, Partial<Morning>]>([
  ['too few visitors for the kill rule', { visitors: 24, profitable: 0.01 }],
  ['a used permission of one that likely earns, which waits for people', { allowedMicros: 0n, profitable: 0.9, starvedDays: 30 }],
  ['a held one, whatever its share', { held: true, starvedDays: 9, silentDays: 9 }],
])('%s changes nothing', (_what, overrides) => {
  expect(nextMove(morning(overrides))).toEqual({ kind: 'none' });
});

test('silence holds it; late payments open it again only when they are new; then it is concluded', () => {
  expect(nextMove(morning({ silentDays: 5, lastHeardDay: null }))).toMatchObject({ kind: 'hold' });
  const measuring = morning({ state: 'measuring', today: 14, measureUntil: 20, profitable: 0.5 });
  expect(nextMove(measuring)).toEqual({ kind: 'none' });
  expect(nextMove({ ...measuring, lastOrderDay: 13 })).toMatchObject({ kind: 'event', event: 'reopen' });
  expect(nextMove({ ...measuring, lastOrderDay: 12, today: 26 })).toMatchObject({ kind: 'conclude' });
  expect(nextMove({ ...measuring, lastOrderDay: 13, judged: 'kill' })).toEqual({ kind: 'none' });
});

test('a verdict follows the evidence, a lost maximum is a kill, and few visitors say nothing', () => {
  expect(verdictFor(morning({ judged: 'scale', visitors: 3 }), 'scale')).toBe('scale');
  expect(verdictFor(morning({ spendMicros: usd(19), visitors: 30 }), 'inconclusive')).toBe('kill');
  expect(verdictFor(morning({ visitors: 10 }), 'keep')).toBe('inconclusive');
  expect(verdictFor(morning({ visitors: 40, earnedMicros: usd(30) }), 'keep')).toBe('keep');
});

test('places grow with proof from 3 to 20, and no category, source or risk takes them all', () => {
  expect(placesOf({ scale: 0, keep: 0 })).toBe(3);
  expect(placesOf({ scale: 2, keep: 1 })).toBe(8);
  expect(placesOf({ scale: 90, keep: 0 })).toBe(MOST_PLACES);
  const one = (category: string, riskClass: 'low' | 'medium' | 'high' = 'medium') => ({ category, source: 'practice_market', riskClass });
  expect(whyFull(one('pets'), [one('pets')], 3)).toBeNull();
  expect(whyFull(one('pets'), [one('pets'), one('pets')], 3)).toContain('pets');
  expect(whyFull(one('craft'), [one('a'), one('b'), one('c')], 3)).toContain('all 3 places');
  expect(whyFull(one('craft', 'high'), [one('a', 'high')], 8)).toContain('high risk');
  expect([riskClassOf(null), riskClassOf(0.1), riskClassOf(0.5), riskClassOf(0.9)]).toEqual(['medium', 'low', 'medium', 'high']);
});

test('a day gets its part of the period within the cap, a new experiment a third, and a loss of two periods stops all', () => {
  fc.assert(
    fc.property(
      fc.bigInt(-50n, 10n ** 12n),
      fc.integer({ min: -2, max: 9 }),
      fc.option(fc.bigInt(-5n, 10n ** 12n)),
      (periodMicros, daysInPeriod, capMicros) => {
        const day = dayBudget({ periodMicros, daysInPeriod, capMicros });
        expect(day >= 0n && day <= (periodMicros > 0n ? periodMicros : 0n)).toBe(true);
        if (capMicros !== null && capMicros > 0n) expect(day <= capMicros).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
  expect(lossFor(usd(60), usd(60))).toBe(usd(20));
  expect(lossFor(usd(60), usd(7.5))).toBe(usd(7));
  expect(whyStopAll(usd(119), usd(60))).toBeNull();
  expect(whyStopAll(usd(120), usd(60))).toContain('stop-loss');
});
