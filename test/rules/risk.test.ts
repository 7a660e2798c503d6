// Levels that must not drift, and what holds for any act at all.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { usd } from '../../src/core/money.ts';
import { failureChance, mustAsk, type RiskInput, weighRisk } from '../../src/domain/approvals/risk.ts';

const FACTORS = [
  'kind of act',
  'irreversibility',
  'money at stake against the budget left',
  'reach',
  'change or deletion of data',
  'credentials and private data',
  'production or deployment',
  'novelty and taint',
];

const quiet: RiskInput = {
  act: 'read',
  reversible: true,
  amountMicros: 0n,
  budgetLeftMicros: usd(60),
  reach: 'nobody',
  touches: 'nothing',
  deletesData: false,
  credentials: false,
  production: false,
  tainted: false,
  novel: false,
};
const act = (overrides: Partial<RiskInput>): RiskInput => ({ ...quiet, ...overrides });
const launch = (overrides: Partial<RiskInput> = {}): RiskInput =>
  act({ act: 'launch', touches: 'money', reversible: false, reach: 'customers', amountMicros: usd(10), ...overrides });
const levelOf = (input: RiskInput) => weighRisk(input).level;
const wrong = (value: unknown) => value as never;

const anyAct = fc.record<RiskInput>({
  act: fc.constantFrom('read', 'write_own', 'launch', 'stop_spend', 'refund', 'publish', 'delete_data', 'unclassified', 'dance'),
  reversible: fc.boolean(),
  amountMicros: fc.bigInt({ min: 0n, max: 200_000_000n }),
  budgetLeftMicros: fc.bigInt({ min: -10_000_000n, max: 200_000_000n }),
  reach: fc.constantFrom('nobody', 'customers', 'public'),
  touches: fc.constantFrom('nothing', 'own_data', 'outside', 'money'),
  deletesData: fc.boolean(),
  credentials: fc.boolean(),
  production: fc.boolean(),
  tainted: fc.boolean(),
  novel: fc.boolean(),
});

describe('the pinned levels', () => {
  test.for<[string, RiskInput]>([
    ['market_results', quiet],
    ['market_results, the first time', act({ novel: true })],
    ['web_fetch', act({ novel: true })],
    ['web_fetch of an address that a stranger wrote', act({ novel: true, tainted: true })],
    ['write_document', act({ act: 'write_own', touches: 'own_data', novel: true })],
  ])('%s is low', ([, input]) => {
    expect(levelOf(input)).toBe('low');
  });

  const declarations = [true, false].flatMap((reversible) =>
    (['nobody', 'customers', 'public'] as const).flatMap((reach) => [true, false].map((novel) => ({ reversible, reach, novel }))),
  );

  test.for(declarations)('launching $10 of $60 left is medium and $50 of $60 high, however the tool declares itself: %o', (declared) => {
    expect(levelOf(launch(declared))).toBe('medium');
    expect(levelOf(launch({ ...declared, amountMicros: usd(50) }))).toBe('high');
  });

  test.for<[string, Partial<RiskInput>]>([
    ['a small refund', { act: 'refund', touches: 'money', amountMicros: usd(1), reversible: false, reach: 'customers' }],
    [
      'a refund of $20 of $60',
      { act: 'refund', touches: 'money', amountMicros: usd(20), reversible: false, reach: 'customers', novel: true },
    ],
    ['a refund whose tool claims that it can be undone and reaches nobody', { act: 'refund', touches: 'money', amountMicros: usd(5) }],
    ['publishing a page', { act: 'publish', touches: 'outside', reach: 'public' }],
    [
      'publishing a page to production for the first time',
      { act: 'publish', touches: 'outside', reach: 'public', reversible: false, production: true, novel: true },
    ],
    ['publishing a page whose tool claims that it reaches nobody', { act: 'publish', touches: 'own_data', reach: 'nobody' }],
  ])('%s is high', ([, overrides]) => {
    expect(levelOf(act(overrides))).toBe('high');
  });

  test.for<[string, RiskInput]>([
    ['deleting data', act({ act: 'delete_data', touches: 'own_data', deletesData: true })],
    ['an act that deletes data on the way', act({ act: 'write_own', touches: 'own_data', deletesData: true })],
    ['an unclassified MCP tool', act({ act: 'unclassified' })],
    ['an unknown kind of act', act({ act: 'sing' })],
    ['a kind named like a built-in property', act({ act: 'constructor' })],
    ['more money than is left', launch({ amountMicros: usd(61) })],
    ['any money with nothing left', launch({ amountMicros: 1n, budgetLeftMicros: 0n })],
    ['any money with less than nothing left', launch({ amountMicros: 1n, budgetLeftMicros: usd(-1) })],
    ['a negative amount', launch({ amountMicros: -1n })],
    ['an absurd amount', launch({ amountMicros: 10n ** 30n, budgetLeftMicros: 10n ** 31n })],
    ['NaN as amount', launch({ amountMicros: wrong(Number.NaN) })],
    ['a number as amount', launch({ amountMicros: wrong(10) })],
    ['no amount', launch({ amountMicros: wrong(undefined) })],
    ['NaN as budget', act({ budgetLeftMicros: wrong(Number.NaN) })],
    ['no budget', act({ budgetLeftMicros: wrong(null) })],
    ['an unknown reach', act({ reach: wrong('everyone') })],
    ['an unknown touch', act({ touches: wrong('something') })],
    ['unknown deletion', act({ deletesData: wrong(undefined) })],
  ])('%s is critical', ([, input]) => {
    expect(levelOf(input)).toBe('critical');
  });
});

describe('what was learned of an agent and a kind of act', () => {
  test('is a ninth factor with its odds; without failures it adds nothing, with them it only ever raises the risk', () => {
    const first = weighRisk(launch({ history: { done: 0, failed: 0 } }));
    expect(first.factors.map(({ name }) => name)).toEqual([...FACTORS, 'failures so far']);
    expect(first.factors.at(-1)).toEqual({
      name: 'failures so far',
      contribution: 0,
      note: '10 % of such acts of this agent fail (0 of 0 so far)',
    });
    expect(first.level).toBe(levelOf(launch()));
    expect(failureChance({ done: 30, failed: 10 })).toBeCloseTo(11 / 50, 9);
    fc.assert(
      fc.property(anyAct, fc.nat(500), fc.nat(500), (input, done, failed) => {
        const [plain, learned, worse] = [undefined, { done, failed }, { done, failed: failed + 1 }].map((history) =>
          weighRisk(history === undefined ? input : { ...input, history }),
        );
        expect(learned?.score).toBeGreaterThanOrEqual(plain?.score ?? 1);
        expect(worse?.score).toBeGreaterThanOrEqual(learned?.score ?? 1);
        expect(learned?.factors.reduce((sum, factor) => sum + factor.contribution, 0)).toBeCloseTo(learned?.score ?? 1, 9);
        expect(learned?.factors.slice(0, 8)).toEqual(plain?.factors);
      }),
    );
  });
});

describe('for any act', () => {
  test('there are exactly the eight factors in order, they add up to the score, and the score stays within 0 and 1', () => {
    fc.assert(
      fc.property(anyAct, (input) => {
        const { score, factors } = weighRisk(input);
        expect(factors.map((factor) => factor.name)).toEqual(FACTORS);
        expect(factors.every((factor) => factor.contribution >= 0 && factor.note !== '')).toBe(true);
        expect(factors.reduce((sum, factor) => sum + factor.contribution, 0)).toBeCloseTo(score, 9);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('more money never lowers the score', () => {
    fc.assert(
      fc.property(anyAct, fc.bigInt({ min: 0n, max: 10n ** 18n }), (input, more) => {
        expect(weighRisk({ ...input, amountMicros: input.amountMicros + more }).score).toBeGreaterThanOrEqual(weighRisk(input).score);
      }),
    );
  });

  test('taint raises the score by at least 0.2, or to 1', () => {
    fc.assert(
      fc.property(anyAct, (input) => {
        const clean = weighRisk({ ...input, tainted: false }).score;
        const tainted = weighRisk({ ...input, tainted: true }).score;
        expect(tainted === 1 || tainted >= clean + 0.2 - 1e-9).toBe(true);
      }),
    );
  });

  test('each doubt raises the score or leaves it, and not knowing counts as yes', () => {
    fc.assert(
      fc.property(anyAct, fc.constantFrom('deletesData', 'credentials', 'production', 'tainted', 'novel', 'reversible'), (input, name) => {
        const safe = name === 'reversible';
        const base = weighRisk({ ...input, [name]: safe }).score;
        expect(weighRisk({ ...input, [name]: !safe }).score).toBeGreaterThanOrEqual(base);
        expect(weighRisk({ ...input, [name]: undefined }).score).toBe(weighRisk({ ...input, [name]: !safe }).score);
      }),
    );
  });

  test('levels begin at 0.3, 0.6 and 0.8', () => {
    fc.assert(
      fc.property(anyAct, (input) => {
        const { score, level } = weighRisk(input);
        expect(level).toBe(score < 0.3 ? 'low' : score < 0.6 ? 'medium' : score < 0.8 ? 'high' : 'critical');
      }),
    );
  });
});

describe('what asks', () => {
  const asks = (input: RiskInput) => mustAsk(weighRisk(input), input);

  test.for<[string, RiskInput]>([
    ['reading', quiet],
    ['reading that its tool forgot to call reversible', act({ reversible: false })],
    ['reading with a tainted argument for the first time', act({ tainted: true, novel: true })],
    ['writing our own data', act({ act: 'write_own', touches: 'own_data', novel: true })],
    ['stopping spend', act({ act: 'stop_spend', touches: 'outside' })],
  ])('%s does not', ([, input]) => {
    expect(asks(input)).toBe(false);
  });

  test.for<[string, RiskInput]>([
    ['a cent going out', launch({ amountMicros: 10_000n, reversible: true, reach: 'nobody' })],
    ['a nonsense amount', act({ amountMicros: wrong(undefined) })],
    ['an act that cannot be undone', act({ act: 'write_own', touches: 'own_data', reversible: false })],
    ['an act that customers see', act({ act: 'write_own', touches: 'outside', reach: 'customers' })],
    ['an act that the public sees', act({ act: 'write_own', touches: 'outside', reach: 'public' })],
    ['publishing, whatever its tool claims', act({ act: 'publish' })],
    ['anything high', act({ act: 'write_own', touches: 'own_data', credentials: true, production: true })],
    ['reading private data with a tainted argument', act({ credentials: true, production: true, tainted: true })],
    ['an unclassified tool', act({ act: 'unclassified' })],
  ])('%s does', ([, input]) => {
    expect(asks(input)).toBe(true);
  });

  test('nothing high or critical, no money and nothing seen outside ever goes without asking', () => {
    fc.assert(
      fc.property(anyAct, (input) => {
        const risk = weighRisk(input);
        const careful =
          ['high', 'critical'].includes(risk.level) ||
          input.amountMicros > 0n ||
          input.reach !== 'nobody' ||
          (input.act !== 'read' && !input.reversible);
        if (careful) expect(mustAsk(risk, input)).toBe(true);
      }),
    );
  });
});
