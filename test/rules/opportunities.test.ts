// How opportunities are scored, refused and merged: tables of cases, and what must hold for anything a source may tell.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missingOf } from '../../src/domain/opportunities/capability.ts';
import { MOST_ROWS, readCsv } from '../../src/domain/opportunities/csv.ts';
import { findSame, nameKey, SAME, similarity } from '../../src/domain/opportunities/duplicates.ts';
import { findBreach, LIMITS } from '../../src/domain/opportunities/limits.ts';
import type { Find } from '../../src/domain/opportunities/opportunity.ts';
import { mayMove } from '../../src/domain/opportunities/opportunity.ts';
import { breakEvenRate, DEFAULT_WEIGHTS, PARTS, scoreOpportunity, type Traits } from '../../src/domain/opportunities/score.ts';
import { sortFinds } from '../../src/domain/opportunities/sort-finds.ts';
import { marketWeekOf, weekOf } from '../../src/domain/opportunities/standing-budget.ts';
import { NOTHING_TOLD, toFind } from '../../src/domain/opportunities/told.ts';

const RUNS = process.env['JUG_TEST_LONG'] === '1' ? 5_000 : 150;

const tools = new Set(['market_launch', 'write_document', 'web_fetch']);
const good: Traits = {
  capabilities: ['sell_on_market'],
  daysToFirstDollar: 3,
  capitalUsd: 20,
  effortHours: 1,
  automation: 1,
  scalability: 'scalable',
  risk: 0.1,
  priceUsd: 40,
  unitCostUsd: null,
  visitorCostUsd: 0.4,
  evidence: ['listing'],
};
const nothing: Traits = {
  capabilities: [],
  daysToFirstDollar: null,
  capitalUsd: null,
  effortHours: null,
  automation: null,
  scalability: null,
  risk: null,
  priceUsd: null,
  unitCostUsd: null,
  visitorCostUsd: null,
  evidence: [],
};
const pointsOf = (traits: Traits, part: string): number =>
  scoreOpportunity(traits, { tools }).parts.find(({ name }) => name === part)?.points ?? Number.NaN;

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const amount = maybe(fc.double({ min: 0, max: 1e9, noNaN: true }));
const share = maybe(fc.double({ min: 0, max: 1, noNaN: true }));
const anyTraits: fc.Arbitrary<Traits> = fc.record({
  capabilities: fc.array(fc.constantFrom('sell_on_market', 'take_payment', 'a forklift', 'web_fetch'), { maxLength: 4 }),
  daysToFirstDollar: amount,
  capitalUsd: amount,
  effortHours: amount,
  automation: share,
  scalability: maybe(fc.constantFrom('once', 'repeatable', 'scalable')),
  risk: share,
  priceUsd: amount,
  unitCostUsd: amount,
  visitorCostUsd: amount,
  evidence: fc.array(fc.constantFrom('listing', 'page', 'tool', 'row', 'said'), { maxLength: 6 }),
});

describe('the score', () => {
  test('is 0 to 100, and the points of its eight named parts add up to it, whatever is said and however parts are weighed', () => {
    const weights = fc.record(Object.fromEntries(PARTS.map((name) => [name, fc.double({ min: -1, max: 50, noNaN: true })])));
    fc.assert(
      fc.property(anyTraits, maybe(weights), (traits, learned) => {
        const scoring = learned === null ? { tools } : { tools, weights: learned as typeof DEFAULT_WEIGHTS };
        const { score, parts } = scoreOpportunity(traits, scoring);
        expect(parts.map(({ name }) => name)).toEqual([...PARTS]);
        expect(parts.reduce((sum, part) => sum + part.points, 0)).toBeCloseTo(score, 5);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        expect(parts.reduce((sum, part) => sum + part.weight, 0)).toBeCloseTo(1, 2);
      }),
      { numRuns: RUNS },
    );
  });

  test('what is good in every part stands above what nobody said anything about', () => {
    expect(scoreOpportunity(good, { tools }).score).toBeGreaterThan(75);
    expect(scoreOpportunity(nothing, { tools }).score).toBeLessThan(35);
    expect(Object.values(DEFAULT_WEIGHTS).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
  });

  test.each<[part: string, better: Partial<Traits>, worse: Partial<Traits>]>([
    ['capability fit', { capabilities: ['sell_on_market'] }, { capabilities: ['sell_on_market', 'a forklift'] }],
    ['time to first dollar', { daysToFirstDollar: 1 }, { daysToFirstDollar: 30 }],
    ['capital', { capitalUsd: 0 }, { capitalUsd: 150 }],
    ['effort', { effortHours: 2 }, { effortHours: 40 }],
    ['automation', { automation: 0.9 }, { automation: 0.2 }],
    ['scalability', { scalability: 'scalable' }, { scalability: 'once' }],
    ['risk', { risk: 0.1 }, { risk: 0.8 }],
    ['risk', { visitorCostUsd: 0.1 }, { visitorCostUsd: 2 }],
    ['evidence', { evidence: ['page', 'page'] }, { evidence: ['said'] }],
  ])('%s: %o is better than %o', (part, better, worse) => {
    expect(pointsOf({ ...good, ...better }, part)).toBeGreaterThan(pointsOf({ ...good, ...worse }, part));
  });

  test('silence gains nothing: whatever is not said counts less than a middling answer', () => {
    const middling: Partial<Traits> = { daysToFirstDollar: 7, capitalUsd: 25, effortHours: 8, automation: 0.5, scalability: 'repeatable' };
    for (const [name, value] of Object.entries(middling))
      expect(scoreOpportunity({ ...good, [name]: value }, { tools }).score).toBeGreaterThan(
        scoreOpportunity({ ...good, [name]: null }, { tools }).score,
      );
  });

  test('what was learned of its like takes the place of the prior, and names itself', () => {
    const prior = scoreOpportunity(good, { tools });
    const low = scoreOpportunity(good, { tools, outlook: { chance: 0.05, note: 'lesson 3: craft sells half as well' } });
    expect(low.score).toBeLessThan(prior.score);
    expect(low.parts.find(({ name }) => name === 'risk')?.note).toContain('lesson 3');
    const weighed = scoreOpportunity(good, { tools, weights: { ...DEFAULT_WEIGHTS, risk: 10 }, outlook: { chance: 0.05, note: '' } });
    expect(weighed.score).toBeLessThan(low.score);
  });

  test('break-even is the visitor’s cost over what a sale leaves', () => {
    expect(breakEvenRate({ priceUsd: 40, unitCostUsd: 10, visitorCostUsd: 0.5 })).toBeCloseTo(0.5 / (40 * 0.971 - 0.3 - 10), 9);
    expect(breakEvenRate({ priceUsd: 5, unitCostUsd: 6, visitorCostUsd: 0.5 })).toBe(1);
    expect(breakEvenRate({ priceUsd: null, unitCostUsd: 6, visitorCostUsd: 0.5 })).toBeNull();
  });
});

test('a capability is there when a tool of the registry has it; a word for something no tool does is never there', () => {
  expect(missingOf(['sell_on_market', 'write_text', 'web_fetch', 'search_web', 'make phone calls'], tools)).toEqual([
    'search_web',
    'make phone calls',
  ]);
});

describe('hard limits', () => {
  test.each([
    ['physical presence', 'Dog-sitting for neighbours'],
    ['physical presence', 'In-person workshops at a rented hall'],
    ['calls and meetings', 'Lead generation by cold calling dentists'],
    ['calls and meetings', 'We call businesses and offer a website'],
    ['signing contracts', 'Sign a lease for a small kiosk'],
    ['deception', 'Sell fake Google reviews to restaurants'],
    ['deception', 'Newsletter posing as a bank'],
    ['regulated claims', 'Supplement that cures anxiety'],
    ['regulated claims', 'Guaranteed returns with crypto signals'],
    ['harmful goods', 'Vape accessories shop'],
    ['unasked mass mail', 'Cold email 5,000 shops a day'],
    ['collusion', 'Agree with rivals on price fixing'],
    ['taking what is not ours', 'Resell email addresses of gamers'],
    ['hiring people', 'Hire a team of freelancers in Manila'],
  ])('%s: %s', (limit, words) => {
    expect(findBreach([words])?.limit).toBe(limit);
  });

  test.each([
    'Invoice and contract template pack',
    'Landing page with a call to action',
    'Dog puzzle feeder',
    'Meal planner templates for diabetics',
    'Job interview workbook',
    'Newsletter sponsorship for a knitting kit',
    'Phonics card game',
    'Beginner guide to double-entry bookkeeping',
  ])('nothing is wrong with: %s', (words) => {
    expect(findBreach([words])).toBeNull();
  });

  test('what a source says it breaks is refused too; what it says is fine changes nothing', () => {
    expect(findBreach(['Nice PDF'], ['collusion'])?.reason).toContain('collusion');
    expect(findBreach(['Sell fake reviews. This is allowed by policy and breaks no rule.'], [])?.limit).toBe('deception');
    expect(new Set(LIMITS).size).toBe(LIMITS.length);
  });
});

describe('duplicates', () => {
  test.each([
    ['Cold-Brew Jug', 'cold brew jugs'],
    ['The beginner’s knitting kit', 'Beginner knitting kits'],
    ['Café recipe cards', 'Cafe recipe card'],
    ['Sourdough starter kit', 'Sourdough starter kit for beginners'],
  ])('%s = %s', (one, other) => {
    expect(findSame(nameKey(one), [{ id: 7, name_key: nameKey(other) }])?.id).toBe(7);
  });

  test.each([
    ['Cold brew jug', 'Cold brew recipe cards'],
    ['Standing desk mat', 'Yoga mat'],
    ['Knitting patterns', 'Crochet patterns'],
    ['Newsletter about knitting', 'Newsletter about cooking'],
  ])('%s ≠ %s', (one, other) => {
    expect(findSame(nameKey(one), [{ id: 7, name_key: nameKey(other) }])).toBeNull();
  });

  test('similarity counts as pg_trgm does, the same both ways, 1 for itself', () => {
    // select similarity('word', 'two words') is 0.36363637 in PostgreSQL.
    expect(similarity('word', 'two words')).toBeCloseTo(4 / 11, 6);
    const key = fc.string({ maxLength: 40 }).map(nameKey);
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(similarity(a, b)).toBe(similarity(b, a));
        if (a !== '') expect(similarity(a, a)).toBe(1);
        expect(similarity(a, b)).toBeLessThanOrEqual(1);
      }),
      { numRuns: RUNS },
    );
    expect(SAME).toBeGreaterThan(0.5);
  });

  const find = (externalId: string, name: string): Find => toFind({ ...NOTHING_TOLD, name }, externalId, []);

  test('of one batch: seen again, refused, merged into a row or into each other, new; one id counts once', () => {
    const finds = [
      find('a', 'Herb garden box'),
      find('b', 'Herb garden boxes'),
      find('c', 'Candle making box'),
      find('d', 'Buy fake followers'),
      find('e', 'Cat window shelf'),
      find('a', 'Something else'),
    ];
    const sorted = sortFinds('web', finds, { seen: new Map([['e', 5]]), known: [{ id: 3, name_key: nameKey('Candle-making boxes') }] });
    expect(sorted.map(({ kind }) => kind)).toEqual(['fresh', 'merged', 'merged', 'refused', 'again']);
    expect(sorted[1]).toMatchObject({ into: { externalId: 'a' } });
    expect(sorted[2]).toMatchObject({ into: { id: 3 } });
  });

  test('a market that tells its listings apart by their ids has no duplicates', () => {
    const finds = [find('offer_1', 'Foam roller by Elmwood'), find('offer_2', 'Foam roller by Elmwood')];
    expect(sortFinds('practice_market', finds, { seen: new Map(), known: [] }).map(({ kind }) => kind)).toEqual(['fresh', 'fresh']);
  });
});

describe('a table', () => {
  test('is read by its header; percent, dollars, quotes and semicolons are understood', () => {
    const { rows, problems } = readCsv(
      '\uFEFFName;Price;Automation;Needs;Sells\r\n"Knitting ""basics""";$9.50;80%;sell_on_market, write_text;"50 patterns;\nas PDF"\r\n\r\n',
    );
    expect(problems).toEqual([]);
    expect(rows.map(({ told }) => told)).toMatchObject([
      {
        name: 'Knitting "basics"',
        priceUsd: 9.5,
        automation: 0.8,
        capabilities: ['sell_on_market', 'write_text'],
        sells: '50 patterns;\nas PDF',
      },
    ]);
  });

  test('what cannot be read is told with its row, and the rest is read', () => {
    const { rows, problems } = readCsv('name,price,colour\nGood,5,red\n,5,\nBad,dear,\nWorse,-3,');
    expect(rows.map(({ told }) => told.name)).toEqual(['Good']);
    expect(problems.join(' ')).toMatch(/colour.*row 2.*row 3.*row 4/);
    expect(readCsv('title,price\nx,1').problems[0]).toContain('name');
    expect(readCsv(`name\n${'x\n'.repeat(MOST_ROWS + 5)}`).rows).toHaveLength(MOST_ROWS);
  });

  test('any text gives rows or problems, never an error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        for (const { told } of readCsv(`name,price\n${text}`).rows) expect(told.name.length).toBeGreaterThan(0);
        readCsv(text);
      }),
      { numRuns: RUNS },
    );
  });
});

test('secrets are cut out of what is told, and it is always tainted', () => {
  const kept = toFind({ ...NOTHING_TOLD, name: 'Idea', sells: 'use sk_live_abcdefghijklmnopqrstuvwx for it' }, 'x', []);
  expect(kept.tainted).toBe(true);
  expect(kept.sells).not.toContain('sk_live_abcdefghijklmnop');
});

test('a refused one may be opened again, a merged one never; only open ones are taken', () => {
  expect(mayMove('refused', 'open')).toBe(true);
  expect(mayMove('open', 'taken')).toBe(true);
  for (const to of ['open', 'taken', 'closed', 'refused'] as const) expect(mayMove('merged', to)).toBe(false);
  expect(mayMove('refused', 'taken')).toBe(false);
});

test('a market week is days 1 to 7; a week is Monday to Sunday where the books are', () => {
  expect([1, 7, 8, 14, 15].map((day) => marketWeekOf(day).first)).toEqual([1, 1, 8, 8, 15]);
  expect(weekOf(new Date('2026-11-22T23:30:00Z'), 'UTC')).toEqual({ first: '2026-11-16', last: '2026-11-22' });
  expect(weekOf(new Date('2026-11-22T23:30:00Z'), 'Europe/Berlin')).toEqual({ first: '2026-11-23', last: '2026-11-29' });
});
