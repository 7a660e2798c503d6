// One run of MARKET-90 under a policy: what the policy sees, what it buys, and what that is expected to earn.
import { BUDGET_USD, DAYS, drawSales, type MarketArm, profitPerVisitor, type Sale } from './market-90.ts';

/** An arm as a business sees it: what it bought and what was paid until now. */
export interface SeenArm {
  index: number;
  price: number;
  cost: number;
  capacity: number;
  launchDay: number;
  visits: { day: number; visitors: number }[];
  /** Payments seen; a refund only from its day on. */
  orders: (Sale & { refunded: boolean })[];
}

/** Visitors wanted of each arm that is open, in the order given; more than the budget or an arm's capacity allows is cut. */
export type Policy = (arms: readonly SeenArm[], day: number, seed: number) => number[];

export interface RunResult {
  profit: number;
  spent: number;
  /** Of that, on arms that lost money on the day. */
  onLosers: number;
}

export function playMarket(seed: number, arms: readonly MarketArm[], policy: Policy): RunResult {
  const open: SeenArm[] = [];
  const due: Sale[][] = arms.map(() => []);
  const result: RunResult = { profit: 0, spent: 0, onLosers: 0 };
  for (let day = 0; day < DAYS; day += 1) {
    for (const [index, { launchDay, price, cost, capacity }] of arms.entries())
      if (launchDay === day) open.push({ index, launchDay, price, cost, capacity, visits: [], orders: [] });
    for (const arm of open) see(arm, due[arm.index] ?? [], day);
    buyVisitors({ seed, arms, open, due, result }, day, policy(open, day, seed));
  }
  return result;
}

interface Course {
  seed: number;
  arms: readonly MarketArm[];
  open: readonly SeenArm[];
  /** By arm: sales whose payment has not been seen. */
  due: Sale[][];
  result: RunResult;
}

function buyVisitors({ seed, arms, open, due, result }: Course, day: number, wanted: readonly number[]): void {
  let left = BUDGET_USD;
  for (const [place, seen] of open.entries()) {
    const arm = arms[seen.index];
    if (arm === undefined) continue;
    const visitors = Math.max(0, Math.min(Math.floor(wanted[place] ?? 0), arm.capacity, Math.floor(left / arm.cost + 1e-9)));
    if (visitors === 0) continue;
    left -= visitors * arm.cost;
    count(result, arm, day, visitors);
    seen.visits.push({ day, visitors });
    due[seen.index]?.push(...drawSales(seed, seen.index, arm, day, visitors));
  }
}

function see(arm: SeenArm, due: Sale[], day: number): void {
  for (let place = due.length - 1; place >= 0; place -= 1) {
    const sale = due[place];
    if (sale === undefined || sale.payDay > day) continue;
    arm.orders.push({ ...sale, refunded: false });
    due.splice(place, 1);
  }
  for (const order of arm.orders) order.refunded = order.refundDay !== null && order.refundDay <= day;
}

function count(result: RunResult, arm: MarketArm, day: number, visitors: number): void {
  const each = profitPerVisitor(arm, day);
  result.profit += visitors * each;
  result.spent += visitors * arm.cost;
  if (each < 0) result.onLosers += visitors * arm.cost;
}
