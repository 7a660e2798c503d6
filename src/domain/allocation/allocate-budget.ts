// Divides a day's budget over arms: Thompson sampling on return per dollar, with cash as an option. Pure: the same input gives the same shares.
import { InvalidInput } from '../../core/errors.ts';
import type { Micros } from '../../core/money.ts';
import { type Random, randomFrom } from '../../core/random.ts';
import { type Arm, type ConversionPrior, checkArm, checkPrior } from './arm.ts';
import { RATES } from './belief.ts';
import { fillBudget } from './knapsack.ts';
import { type Belief, type Reading, readArms } from './reading.ts';
import { type Reason, reasonsOf } from './reasons.ts';

/** Each draw steers so many of the budget's parts. */
const DRAWS = 20;
/** How far draws scatter around the mean, against the posterior itself ("reshaping": Chapelle & Li 2011): less exploring, more profit. */
const SPREAD = 0.36;

export interface AllocationInput {
  arms: readonly Arm[];
  budgetMicros: Micros;
  /** The market day whose visitors are bought; on the calendar of visits and orders. */
  today: number;
  /** For arms without a prior of their own. */
  prior: ConversionPrior;
  seed: number;
  /** 20 by default. */
  draws?: number;
}

export interface ArmShare {
  armId: string;
  /** Whole visitors at the arm's cost: `visitors × costPerVisitorMicros`. */
  micros: Micros;
  visitors: number;
  belief: Belief;
  /** What moved the decision, most important first; never empty. */
  reasons: Reason[];
}

export interface Allocation {
  /** In the order of the input. */
  arms: ArmShare[];
  /** Not spent today. With the shares it sums to the budget. */
  cashMicros: Micros;
}

/** @throws InvalidInput naming what is wrong */
export function allocateBudget(input: AllocationInput): Allocation {
  const { arms, budgetMicros, today, prior, seed, draws = DRAWS } = input;
  check(input);
  const readings = readArms(arms, today, prior);
  const most = arms.map(mostOf);
  const wanted = sampleShares(readings, most, Number(budgetMicros), draws, randomFrom(seed));
  const visitors = wholeVisitors(arms, wanted.shares, most, budgetMicros, readings);
  const spent = arms.map((arm, index) => BigInt(visitors[index] ?? 0) * arm.costPerVisitorMicros);
  const cashMicros = budgetMicros - spent.reduce((sum, micros) => sum + micros, 0n);
  const best = Math.max(0, ...readings.map(({ belief }, index) => ((visitors[index] ?? 0) > 0 ? belief.returnPerDollar : 0)));
  return {
    arms: readings.map(({ belief }, index) => {
      const count = visitors[index] ?? 0;
      const full = count > 0 && count >= Math.floor((most[index] ?? 0) / Number(arms[index]?.costPerVisitorMicros ?? 1n));
      const reasons = reasonsOf({
        belief,
        visitors: count,
        full,
        limited: isLimited(arms[index]),
        chosen: wanted.chosen[index] ?? 0,
        best,
      });
      return { armId: arms[index]?.id ?? '', micros: spent[index] ?? 0n, visitors: count, belief, reasons };
    }),
    cashMicros,
  };
}

function check({ arms, budgetMicros, today, prior, draws = DRAWS }: AllocationInput): void {
  if (budgetMicros < 0n) throw new InvalidInput('A budget cannot be below 0.', { budgetMicros: 'below 0' });
  if (!Number.isInteger(draws) || draws < 1) throw new InvalidInput('Draws are counted from 1.', { draws: 'not a whole number above 0' });
  if (!Number.isInteger(today)) throw new InvalidInput('Today is a whole market day.', { today: 'not a whole number' });
  if (new Set(arms.map(({ id }) => id)).size < arms.length) throw new InvalidInput('Two arms have the same id.', { arms: 'ids repeat' });
  checkPrior(prior);
  for (const arm of arms) checkArm(arm, today);
}

/** Micro-dollars that can be spent on an arm in a day. */
function mostOf({ capacityPerDay, costPerVisitorMicros, mostMicros }: Arm): number {
  const full = capacityPerDay * Number(costPerVisitorMicros);
  return mostMicros === undefined ? full : Math.min(full, Number(mostMicros));
}

function isLimited(arm: Arm | undefined): boolean {
  return arm?.mostMicros !== undefined && Number(arm.mostMicros) < arm.capacityPerDay * Number(arm.costPerVisitorMicros);
}

/** Micro-dollars per arm summed over the draws, and how many draws chose it. Each draw divides its equal part of the budget. */
function sampleShares(readings: readonly Reading[], most: readonly number[], budget: number, draws: number, random: Random) {
  const shares = readings.map(() => 0);
  const chosen = readings.map(() => 0);
  const spreads = readings.map(spreadOf);
  for (let draw = 0; draw < draws; draw += 1) {
    const options = readings.map((reading, index) => ({
      return: drawReturn(reading, spreads[index] ?? 0, random),
      most: (most[index] ?? 0) / draws,
    }));
    for (const [index, part] of fillBudget(options, budget / draws).entries()) {
      shares[index] = (shares[index] ?? 0) + part;
      if (part > 0) chosen[index] = (chosen[index] ?? 0) + 1;
    }
  }
  return { shares, chosen };
}

/** Visitors still under way will tell more without another dollar: their part of the uncertainty is no reason to explore. */
function spreadOf({ belief, strength }: Reading): number {
  return SPREAD * Math.sqrt((belief.effectiveVisitors + strength) / (belief.visitors + strength));
}

function drawReturn({ posterior, belief, returnPerRate }: Reading, spread: number, random: Random): number {
  const mean = belief.conversion.mean;
  let [left, index] = [random(), 0];
  for (; index < RATES.length - 1; index += 1) {
    left -= posterior.weights[index] ?? 0;
    if (left < 0) break;
  }
  return (mean + spread * ((RATES[index] ?? 0) - mean)) * returnPerRate;
}

/** Rounds shares down to whole visitors; what is over buys more of those that got a share, the best return first. */
function wholeVisitors(
  arms: readonly Arm[],
  shares: readonly number[],
  most: readonly number[],
  budget: Micros,
  readings: readonly Reading[],
): number[] {
  const visitors = arms.map((arm, index) => Number(BigInt(Math.floor(shares[index] ?? 0)) / arm.costPerVisitorMicros));
  const spent = arms.reduce((sum, arm, index) => sum + BigInt(visitors[index] ?? 0) * arm.costPerVisitorMicros, 0n);
  const wanted = BigInt(Math.floor(shares.reduce((sum, share) => sum + share, 0) + 1e-3));
  let left = (wanted < budget ? wanted : budget) - spent;
  const order = [...arms.keys()].filter((index) => (shares[index] ?? 0) > 0);
  order.sort((a, b) => (readings[b]?.belief.returnPerDollar ?? 0) - (readings[a]?.belief.returnPerDollar ?? 0));
  for (const index of order) {
    const cost = arms[index]?.costPerVisitorMicros ?? 1n;
    const room = Math.floor((most[index] ?? 0) / Number(cost)) - (visitors[index] ?? 0);
    const more = Math.max(0, Math.min(room, Number(left / cost)));
    visitors[index] = (visitors[index] ?? 0) + more;
    left -= BigInt(more) * cost;
  }
  return visitors;
}
