// Whether learning pays: 30 generations of experiments on markets with a hidden structure, with the learner and without, on the same luck.
// Both choose by the same rule and spend by the product's allocation; only what is believed of a candidate before it starts differs.
import { binomial, hashSeed, randomFrom } from '../src/core/random.ts';
import { allocateBudget } from '../src/domain/allocation/allocate-budget.ts';
import type { Arm, ConversionPrior } from '../src/domain/allocation/arm.ts';
import { priorWeights, RATES } from '../src/domain/allocation/belief.ts';
import { FIRST_PRIOR } from '../src/domain/allocation/prior.ts';
import type { FinishedExperiment } from '../src/domain/learning/experience.ts';
import { learnEffects, predictConversion } from '../src/domain/learning/lessons.ts';
import { readCounts } from './counts.ts';
import { type Candidate, openMarket, profitPerVisitor } from './learning-market.ts';
import { type Report, round } from './report.ts';

const PLACES = 4;
const DAYS = 14;
const BUDGET_USD = 60;
/** Generations at the end that are compared. */
const LAST = 10;

/** What stands behind a choice: from all that has finished, a prior for each candidate. */
export type Learner = (
  finished: readonly FinishedExperiment[],
) => (candidate: Pick<Candidate, 'category' | 'channel' | 'price'>) => ConversionPrior;

const withoutLearning: Learner = () => () => FIRST_PRIOR;

/** The product's own learner. */
const withLearning: Learner = (finished) => {
  const lessons = learnEffects(finished);
  return (candidate) => predictConversion(lessons, candidate);
};

const LEARNERS: { off: Learner; on?: Learner } = { off: withoutLearning, on: withLearning };

interface Generation {
  profit: number;
  /** Of the places, those whose offer truly earns. */
  earning: number;
  /** Of all candidates. */
  earningOffered: number;
}

/** What an experiment may bring beyond its cost: losers are starved soon, so only the upside counts. E[(return − 1)+] under the prior. */
function upside({ price, cost }: Candidate, prior: ConversionPrior): number {
  const perRate = (price * (1 - 0.029) - 0.3) / cost;
  const weights = priorWeights(prior);
  return RATES.reduce((sum, rate, index) => sum + (weights[index] ?? 0) * Math.max(0, rate * perRate - 1), 0);
}

const micros = (dollars: number): bigint => BigInt(Math.ceil(dollars * 1e6));

function runExperiments(seed: number, generation: number, chosen: readonly { candidate: Candidate; prior: ConversionPrior }[]) {
  const arms = chosen.map(({ candidate: { index, price, cost, capacity }, prior }) => ({
    ...{ id: String(index), listPriceMicros: micros(price), costPerVisitorMicros: micros(cost), capacityPerDay: capacity, sinceDay: 0 },
    ...{
      visits: [] as { day: number; visitors: number }[],
      orders: [] as Arm['orders'][number][],
      fee: { rate: 0.029, fixedMicros: 300_000n },
      prior,
    },
  }));
  let profit = 0;
  for (let today = 0; today < DAYS; today += 1) {
    const plan = allocateBudget({
      arms,
      budgetMicros: micros(BUDGET_USD),
      today,
      prior: FIRST_PRIOR,
      seed: hashSeed(seed, generation, today),
    });
    for (const [place, { visitors }] of plan.arms.entries()) {
      const [arm, candidate] = [arms[place], chosen[place]?.candidate];
      if (arm === undefined || candidate === undefined || visitors === 0) continue;
      profit += visitors * profitPerVisitor(candidate);
      arm.visits.push({ day: today, visitors });
      // Paid the day after: nothing here hangs on delay.
      const orders = binomial(randomFrom(hashSeed(seed, generation, candidate.index, today)), visitors, candidate.rate);
      const order = { visitDay: today, payDay: today + 1, valueMicros: arm.listPriceMicros, refunded: false };
      arm.orders.push(...Array.from({ length: orders }, () => order));
    }
  }
  const finished = chosen.map(({ candidate: { category, channel, price } }, place) => ({
    ...{ id: `${generation}/${place}`, category, channel, source: '', price },
    visitors: arms[place]?.visits.reduce((sum, { visitors }) => sum + visitors, 0) ?? 0,
    orders: arms[place]?.orders.length ?? 0,
  }));
  return { profit, finished };
}

function playMarket(seed: number, generations: number, learner: Learner): Generation[] {
  const market = openMarket(seed);
  const known: FinishedExperiment[] = [];
  return Array.from({ length: generations }, (_, generation) => {
    const predict = learner(known);
    const candidates = market(generation);
    const ranked = candidates.map((candidate) => ({ candidate, prior: predict(candidate) }));
    const scores = new Map(ranked.map(({ candidate, prior }) => [candidate.index, upside(candidate, prior)]));
    ranked.sort((a, b) => (scores.get(b.candidate.index) ?? 0) - (scores.get(a.candidate.index) ?? 0));
    const chosen = ranked.slice(0, PLACES);
    const { profit, finished } = runExperiments(seed, generation, chosen);
    known.push(...finished);
    const earns = (candidate: Candidate): boolean => profitPerVisitor(candidate) > 0;
    return { profit, earning: chosen.filter(({ candidate }) => earns(candidate)).length, earningOffered: candidates.filter(earns).length };
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Least squares: dollars of profit that a generation adds to the one before. */
function slope(values: readonly number[]): number {
  const [middle, level] = [(values.length - 1) / 2, mean(values)];
  const spread = values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
  return values.reduce((sum, value, index) => sum + (index - middle) * (value - level), 0) / spread;
}

function summarise(markets: readonly Generation[][]) {
  const generations = markets[0]?.map((_, index) => mean(markets.map((one) => one[index]?.profit ?? 0))) ?? [];
  const last = markets.flatMap((one) => one.slice(-LAST));
  return {
    profitLast10: round(mean(last.map(({ profit }) => profit)), 2),
    successShare: round(mean(last.map(({ earning }) => earning)) / PLACES, 4),
    offeredShare: round(mean(last.map(({ earningOffered }) => earningOffered / 12)), 4),
    learningRate: round(slope(generations), 2),
    profitByGeneration: generations.map((profit) => round(profit, 0)),
  };
}

/** Profit of the last generations, on less off, market by market: its mean and 95 % interval. */
function difference(on: readonly Generation[][], off: readonly Generation[][]): { mean: number; ci95: [number, number] } {
  const last = (market: readonly Generation[] | undefined): number => mean((market ?? []).slice(-LAST).map(({ profit }) => profit));
  const gaps = on.map((market, index) => last(market) - last(off[index]));
  const centre = mean(gaps);
  const error = 1.96 * Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - centre) ** 2, 0) / Math.max(1, gaps.length - 1) / gaps.length);
  return { mean: round(centre, 2), ci95: [round(centre - error, 2), round(centre + error, 2)] };
}

export async function benchLearning(words: readonly string[]): Promise<Report> {
  const { seeds, 'first-seed': first, generations } = readCounts(words, { seeds: 100, 'first-seed': 1, generations: 30 });
  const play = (learner: Learner): Generation[][] =>
    Array.from({ length: seeds }, (_, index) => playMarket(first + index, generations, learner));
  const off = play(LEARNERS.off);
  const on = LEARNERS.on === undefined ? null : play(LEARNERS.on);
  const sides = Object.entries({ ...(on === null ? {} : { on: summarise(on) }), off: summarise(off) });
  const gap = on === null ? null : difference(on, off);
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return {
    title: `Learning: ${generations} generations of ${PLACES} experiments out of 12 candidates, ${seeds} markets from seed ${first}`,
    columns: [
      'learning',
      `profit a generation, last ${LAST}`,
      'experiments that earn',
      'candidates that earn',
      'profit gained a generation',
    ],
    rows: sides.map(([name, one]) => [
      ...[name, `$${one.profitLast10.toFixed(0)}`, percent(one.successShare), percent(one.offeredShare), `$${one.learningRate.toFixed(2)}`],
    ]),
    notes: [
      ...(gap === null ? [] : [`On less off: $${gap.mean} a generation, 95 % interval $${gap.ci95[0]} to $${gap.ci95[1]}.`]),
      'Log-odds of conversion = base + category N(0, .6) + channel N(0, .4) + own N(0, .5). Goals: on earns ≥ 20 % more, interval above 0; ≥ 35 % of its experiments earn.',
    ],
    json: { ...Object.fromEntries(sides), ...(gap === null ? {} : { difference: gap.mean, differenceCi95: gap.ci95 }), seeds, generations },
  };
}
