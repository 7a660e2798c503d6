// What a goal's words mean, and that no words break the reading.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GoalReading, readGoal } from '../../src/domain/goals/measure.ts';

/** Dollars as a number, for tables that can be read. */
function read(text: string) {
  const { metric, targetMicros, budgetMicros, means, deadlineDays } = readGoal(text);
  const dollars = (micros: bigint | null) => (micros === null ? null : Number(micros) / 1_000_000);
  return { metric, target: dollars(targetMicros), budget: dollars(budgetMicros), means, days: deadlineDays };
}

type Expected = [
  metric: GoalReading['metric'],
  target: number | null,
  budget: number | null,
  means: GoalReading['means'],
  days: number | null,
];

describe('a goal’s words', () => {
  test.for<[string, ...Expected]>([
    ['Earn the first practice dollar with a budget of $60', 'revenue', 1, 60, 'market', null],
    ['Earn $20 of profit on the practice market with a budget of $100', 'profit', 20, 100, 'market', null],
    ["Write a report on the practice market's offers", 'document', null, null, 'market', null],
    ['earn $50 with dog walking', 'revenue', 50, null, 'other', null],
    ['Earn $50 in 10 days budget:20', 'revenue', 50, 20, 'market', 10],
    ['make 30 dollars', 'revenue', 30, null, 'market', null],
    ['Earn the first dollar', 'revenue', 1, null, 'market', null],
    ['Please earn a hundred bucks for me', 'revenue', 100, null, 'market', null],
    ['earn twenty five dollars within two weeks', 'revenue', 25, null, 'market', 14],
    ['Earn $1,250.50 in a month', 'revenue', 1250.5, null, 'market', 30],
    ['make $2k profit with $500', 'profit', 2000, 500, 'market', null],
    ['Make 1.5k dollars', 'revenue', 1500, null, 'market', null],
    ['make $2 million', 'revenue', 2_000_000, null, 'market', null],
    ['US$50 revenue', 'revenue', 50, null, 'market', null],
    ['earn USD 50', 'revenue', 50, null, 'market', null],
    ['earn 50$ budget=1.5k', 'revenue', 50, 1500, 'market', null],
    ['With $60, earn $5', 'revenue', 5, 60, 'market', null],
    ['Spend $20 to earn $50', 'revenue', 50, 20, 'market', null],
    ['Turn $60 into $100', 'revenue', 100, 60, 'market', null],
    ['spend at most $60 and make a profit of $20', 'profit', 20, 60, 'market', null],
    ['Earn $50 from a $20 budget in 30 days', 'revenue', 50, 20, 'market', 30],
    ['earn $50 budget: $0', 'revenue', 50, 0, 'market', null],
    ['deadline: 14, earn $40, budget: $10', 'revenue', 40, 10, 'market', 14],
    ['Earn $50 in 10 market days', 'revenue', 50, null, 'market', 10],
    ['earn $5 budget of $60 over the next 3 weeks', 'revenue', 5, 60, 'market', 21],
    ['reach $100 in sales', 'revenue', 100, null, 'market', null],
    ['make money. $50', 'revenue', 50, null, 'market', null],
    ['Make $10-$20', 'revenue', 10, null, 'market', null],
    ['earn $50 with dog walking on the practice market', 'revenue', 50, null, 'market', null],
    ['Earn 50 USD by selling ebooks', 'revenue', 50, null, 'other', null],
    ['sell my old bike for $100', 'revenue', 100, null, 'other', null],
    ['earn $50 at the farmers market', 'revenue', 50, null, 'other', null],
    ['write an ebook and sell it for $100', 'revenue', 100, null, 'other', null],
    ['earn $50 by writing reports', 'revenue', 50, null, 'other', null],
    ['Write a report on how to earn $50 with a budget of $5', 'document', null, 5, 'market', null],
    ['Summarise the offers of the practice market', 'document', null, null, 'market', null],
    ['Report on dog walking in Berlin', 'document', null, null, 'other', null],
    ['prepare a memo about our customers', 'document', null, null, 'other', null],
    ['get better at marketing', null, null, null, 'other', null],
    ['make money', null, null, null, 'market', null],
    ['make a profit with a budget of $60', null, null, 60, 'market', null],
    ['earn $0', null, null, null, 'market', null],
    ['earn $5 a day', null, null, null, 'market', null],
    ['earn $100 per week', null, null, null, 'market', null],
    ['earn €50', null, null, null, 'market', null],
    ['earn 50€', null, null, null, 'market', null],
    ['earn 50 euros', null, null, null, 'market', null],
    ['earn $50 CAD', null, null, null, 'market', null],
    ['earn C$50', null, null, null, 'other', null],
    ['earn -$50', null, null, null, 'market', null],
    ['earn $1.000.000', null, null, null, 'market', null],
    ['earn $1,5', null, null, null, 'market', null],
    ['earn $99999999999', null, null, null, 'market', null],
    ['earn 2k', null, null, null, 'market', null],
    ['稼ぐ $50', null, null, null, 'other', null],
    ['the 30 days trial costs much', null, null, null, 'other', null],
    ['', null, null, null, 'other', null],
    ['   \n\t ', null, null, null, 'other', null],
  ])('"%s" reads as %s, %s, budget %s, %s, %s days', ([text, metric, target, budget, means, days]) => {
    expect(read(text)).toEqual({ metric, target, budget, means, days });
  });

  test('the title is one clean line of at most 80 characters', () => {
    expect(readGoal('  Earn\n\t$5 \u202eevil\u200b words\u0000 ').title).toBe('Earn $5 evil words');
    expect(readGoal('x'.repeat(200)).title).toBe('x'.repeat(80));
    expect(readGoal(`${'a'.repeat(79)}😀😀`).title).toBe(`${'a'.repeat(79)}😀`);
    expect(readGoal('a\ud83d').title.isWellFormed()).toBe(true);
  });
});

describe('any words', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'earn',
      ' $',
      '$50',
      ' 10 ',
      'days',
      'budget',
      ':',
      '-',
      'k',
      'profit',
      ' a ',
      'hundred',
      'USD',
      '€',
      '1,000',
      '.5',
      'first',
      'dollar',
      'in',
      'write',
      'report',
      '\u202e',
      '\ud800',
    ),
  );

  test('never throw, and what is read makes sense', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const goal = readGoal(pieces.join(' '));
        expect(goal.title).not.toMatch(/[\p{C}\n]/u);
        expect([...goal.title].length).toBeLessThanOrEqual(80);
        expect(goal.targetMicros !== null).toBe(goal.metric === 'revenue' || goal.metric === 'profit');
        expect(goal.targetMicros === null || goal.targetMicros > 0n).toBe(true);
        expect(goal.budgetMicros === null || goal.budgetMicros >= 0n).toBe(true);
        expect(goal.deadlineDays === null || (Number.isInteger(goal.deadlineDays) && goal.deadlineDays >= 1)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('are read in linear time, whatever they repeat', () => {
    for (const unit of [
      '$',
      '$1',
      '1,',
      '1.',
      'a ',
      'one hundred ',
      'earn ',
      'budget ',
      'in 5 ',
      '10 days in ',
      'make report ',
      "'",
      '\u202e',
      'ab',
      '-',
      '€',
    ]) {
      const cpuMs = (length: number) => {
        const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
        const before = process.cpuUsage();
        readGoal(text);
        return process.cpuUsage(before).user / 1000;
      };
      cpuMs(10_000);
      expect(cpuMs(10_000), unit).toBeLessThan(200);
    }
    expect(readGoal('earn $5 '.repeat(2_000_000)).metric).toBe('revenue');
  });
});
