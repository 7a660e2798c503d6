// MARKET-90 played by the product's allocation and by the usual policies, each on the same arms with the same luck.

import { readCounts } from './counts.ts';
import { drawMarket, oracleProfit, profitPerVisitor, SCENARIOS, type Scenario } from './market-90.ts';
import { POLICIES } from './market-policies.ts';
import { playMarket, type RunResult } from './market-run.ts';
import { BenchInput, type Report, round } from './report.ts';

interface Played extends RunResult {
  oracle: number;
}

/** Ratio of sums, with the interval of a ratio estimator. */
function score(runs: readonly Played[]) {
  const sum = (of: (run: Played) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const oracle = sum((run) => run.oracle);
  const share = sum(({ profit }) => profit) / oracle;
  const scatter = sum(({ profit, oracle: best }) => (profit - share * best) ** 2);
  return {
    shareOfOracle: round(share, 4),
    ci95: round((1.96 * Math.sqrt(scatter)) / oracle, 4),
    regretUsd: round((oracle - sum(({ profit }) => profit)) / runs.length, 0),
    spendOnLosers: round(sum(({ onLosers }) => onLosers) / sum(({ spent }) => spent), 4),
    runsWithLoss: round(runs.filter(({ profit }) => profit < 0).length / runs.length, 4),
  };
}

function readScenario(words: readonly string[]): { scenario: Scenario; rest: string[] } {
  const place = words.indexOf('--scenario');
  if (place < 0) return { scenario: 'S3', rest: [...words] };
  const scenario = SCENARIOS.find((known) => known === words[place + 1]);
  if (scenario === undefined) throw new BenchInput(`--scenario is one of ${SCENARIOS.join(', ')}`);
  return { scenario, rest: words.toSpliced(place, 2) };
}

export async function benchMarket(words: readonly string[]): Promise<Report> {
  const { scenario, rest } = readScenario(words);
  const { seeds, 'first-seed': first } = readCounts(rest, { seeds: 1000, 'first-seed': 1 });
  const begin = performance.now();
  const markets = Array.from({ length: seeds }, (_, index) => {
    const arms = drawMarket(first + index, scenario);
    return { seed: first + index, arms, oracle: oracleProfit(arms) };
  });
  const figures = Object.entries(POLICIES).map(([name, policy]) => ({
    name,
    score: score(markets.map(({ seed, arms, oracle }) => ({ ...playMarket(seed, arms, policy), oracle }))),
  }));
  const starting = markets.flatMap(({ arms }) => arms.filter(({ launchDay }) => launchDay === 0));
  const losing = starting.filter((arm) => profitPerVisitor(arm, 0) < 0).length / starting.length;
  const oracleUsd = markets.reduce((sum, { oracle }) => sum + oracle, 0) / markets.length;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return {
    title: `MARKET-90 ${scenario}, seeds ${first} to ${first + seeds - 1}: oracle $${oracleUsd.toFixed(0)}, ${percent(losing)} of arms lose`,
    columns: ['policy', 'share of oracle', '± 95 %', 'regret', 'spend on losers', 'runs with a loss'],
    rows: figures.map(({ name, score: { shareOfOracle, ci95, regretUsd, spendOnLosers, runsWithLoss } }) => [
      ...[name, shareOfOracle.toFixed(3), ci95.toFixed(3), `$${regretUsd}`, percent(spendOnLosers), percent(runsWithLoss)],
    ]),
    notes: [
      `Expected profit of the visitors bought, over that of who knows every conversion of every day. ${((performance.now() - begin) / 1000).toFixed(0)} s.`,
      'Goals: S3 ≥ .86, S2 ≥ .89, S1 ≥ .91, spend on losers ≤ 12 %. Tuned on seeds from 5001 on only.',
    ],
    json: {
      ...{ scenario, seeds, firstSeed: first, oracleUsd: round(oracleUsd, 2), losingArms: round(losing, 4) },
      policies: Object.fromEntries(figures.map(({ name, score: one }) => [name, one])),
    },
  };
}
