// The benchmarks of decisions, at tiny counts: the model behind them is the published one, and their JSON has the contract's shape.
import { expect, test } from 'vitest';
import { benchMarket } from '../../bench/market.ts';
import { DAYS, drawMarket, oracleProfit, profitPerVisitor } from '../../bench/market-90.ts';
import { playMarket } from '../../bench/market-run.ts';
import { BenchInput } from '../../bench/report.ts';
import { benchVerdicts } from '../../bench/verdicts.ts';

test('over seeds 1 to 1000 the oracle of S3 earns $14,733 ± 3 % and 75.4 ± 1 % of arms lose', () => {
  const markets = Array.from({ length: 1000 }, (_, index) => drawMarket(index + 1, 'S3'));
  const oracle = markets.reduce((sum, arms) => sum + oracleProfit(arms), 0) / 1000;
  expect(Math.abs(oracle / 14_733 - 1)).toBeLessThan(0.03);
  const arms = markets.flat().filter(({ launchDay }) => launchDay === 0);
  expect(Math.abs(arms.filter((arm) => profitPerVisitor(arm, 0) < 0).length / arms.length - 0.754)).toBeLessThan(0.01);
});

test('a policy buys within the budget, sees no payment early, and no refund before its day', () => {
  const arms = drawMarket(5003, 'S3');
  let days = 0;
  const { spent } = playMarket(5003, arms, (open, day) => {
    days += 1;
    for (const { orders, visits, launchDay } of open) {
      expect(launchDay).toBeLessThanOrEqual(day);
      expect(orders.every(({ payDay, refunded, refundDay }) => payDay <= day && (!refunded || (refundDay ?? 1e9) <= day))).toBe(true);
      expect(visits.every((visit) => visit.day < day)).toBe(true);
    }
    return open.map(() => 1e6);
  });
  expect(days).toBe(DAYS);
  expect(spent).toBeLessThanOrEqual(9_000);
  expect(spent).toBeGreaterThan(8_500);
});

test('bench market plays the product beside the usual policies', async () => {
  const { json } = await benchMarket(['--seeds', '4', '--first-seed', '5001', '--scenario', 'S3']);
  const policies = json['policies'] as Record<string, Record<string, number>>;
  expect(Object.keys(policies)).toEqual(['product', 'equal', 'epsilonGreedy', 'abThenCommit', 'thompsonNaive']);
  for (const one of Object.values(policies))
    expect(Object.keys(one)).toEqual(['shareOfOracle', 'ci95', 'regretUsd', 'spendOnLosers', 'runsWithLoss']);
  expect(policies['product']?.['shareOfOracle']).toBeGreaterThan(policies['equal']?.['shareOfOracle'] ?? 1);
  await expect(benchMarket(['--scenario', 'S4'])).rejects.toThrow(BenchInput);
  await expect(benchMarket(['--seeds', '0'])).rejects.toThrow(BenchInput);
  await expect(benchMarket(['--sedes', '3'])).rejects.toThrow(BenchInput);
});

test('bench verdicts keeps false verdicts within five in a hundred and decides in time', async () => {
  const { json } = await benchVerdicts(['--runs', '400']);
  const { falseKill, falseScale, medianToKillAtHalf, medianToScaleAtTwice, looks } = json as Record<string, number>;
  expect(looks).toBe(10_000);
  // Three standard errors of 400 runs above 5 %.
  expect(falseKill).toBeLessThan(0.083);
  expect(falseScale).toBeLessThan(0.083);
  expect(medianToKillAtHalf).toBeLessThan(1_150);
  expect(medianToScaleAtTwice).toBeLessThan(480);
});
