// The policies of `npm run bench -- market`: the product's own allocation code, and the usual ways beside it.
import { beta, hashSeed, randomFrom } from '../src/core/random.ts';
import { allocateBudget } from '../src/domain/allocation/allocate-budget.ts';
import type { Arm } from '../src/domain/allocation/arm.ts';
import { fillBudget } from '../src/domain/allocation/knapsack.ts';
import { FIRST_PRIOR } from '../src/domain/allocation/prior.ts';
import { BUDGET_USD } from './market-90.ts';
import type { Policy, SeenArm } from './market-run.ts';

const micros = (dollars: number): bigint => BigInt(Math.round(dollars * 1e6));

/** Amounts are rounded up to the next micro-dollar, so that what fits the product's budget fits the market's. */
function asArm(arm: SeenArm): Arm {
  return {
    id: String(arm.index),
    listPriceMicros: micros(arm.price),
    costPerVisitorMicros: BigInt(Math.ceil(arm.cost * 1e6)),
    capacityPerDay: arm.capacity,
    sinceDay: arm.launchDay,
    visits: arm.visits,
    orders: arm.orders.map(({ visitDay, payDay, value, refunded }) => ({ visitDay, payDay, valueMicros: micros(value), refunded })),
    fee: { rate: 0.029, fixedMicros: 300_000n },
  };
}

const product: Policy = (arms, today, seed) =>
  allocateBudget({
    arms: arms.map(asArm),
    budgetMicros: micros(BUDGET_USD),
    today,
    prior: FIRST_PRIOR,
    seed: hashSeed(seed, today),
  }).arms.map(({ visitors }) => visitors);

const equal: Policy = (arms) => arms.map(({ cost }) => BUDGET_USD / arms.length / cost);

interface Tally {
  visitors: number;
  orders: number;
}

const tally = ({ visits, orders }: SeenArm): Tally => ({
  visitors: visits.reduce((sum, { visitors }) => sum + visitors, 0),
  orders: orders.length,
});

/** Dollars back per dollar at this conversion, by the list price: without a model of refunds. */
const returnAt = ({ price, cost }: SeenArm, conversion: number): number => (conversion * (price * (1 - 0.029) - 0.3)) / cost;

function buy(arms: readonly SeenArm[], returns: readonly number[], budget = BUDGET_USD): number[] {
  const options = arms.map(({ capacity, cost }, index) => ({ return: returns[index] ?? 0, most: capacity * cost }));
  return fillBudget(options, budget).map((dollars, index) => dollars / (arms[index]?.cost ?? 1));
}

/** The best so far by its smoothed rate, and a tenth of the budget evenly over all. */
const epsilonGreedy: Policy = (arms) => {
  const returns = arms.map((arm) => {
    const { visitors, orders } = tally(arm);
    return returnAt(arm, (orders + 1) / (visitors + 50));
  });
  const best = buy(arms, returns, BUDGET_USD * 0.9);
  return best.map((visitors, index) => visitors + (BUDGET_USD * 0.1) / arms.length / (arms[index]?.cost ?? 1));
};

const TEST_DAYS = 14;
const WAIT_DAYS = 7;

/** All arms alike for two weeks, nothing for one until orders are in, then what paid stays to the end. */
const abThenCommit: Policy = (arms, day) => {
  if (day < TEST_DAYS) return arms.map(({ cost }) => BUDGET_USD / arms.length / cost);
  if (day < TEST_DAYS + WAIT_DAYS) return arms.map(() => 0);
  return buy(
    arms,
    arms.map((arm) => {
      const early = arm.visits.filter((visit) => visit.day < TEST_DAYS).reduce((sum, { visitors }) => sum + visitors, 0);
      const paid = arm.orders.filter((order) => order.visitDay < TEST_DAYS && order.payDay <= TEST_DAYS + WAIT_DAYS).length;
      return early === 0 ? 0 : returnAt(arm, paid / early);
    }),
  );
};

/** Thompson sampling as in textbooks: Beta(1, 1), every visitor without a payment a failure, one draw a day. */
const thompsonNaive: Policy = (arms, day, seed) => {
  const random = randomFrom(hashSeed(seed, day, 'naive'));
  const returns = arms.map((arm) => {
    const { visitors, orders } = tally(arm);
    return returnAt(arm, beta(random, 1 + orders, 1 + visitors - orders));
  });
  return buy(arms, returns);
};

export const POLICIES = { product, equal, epsilonGreedy, abThenCommit, thompsonNaive };
