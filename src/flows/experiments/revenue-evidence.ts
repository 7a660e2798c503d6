// Whether the orders of a variant bring what its contract assumed; where they do not, the evidence is of each visitor's revenue. Pure.
import type { Micros } from '../../core/money.ts';
import type { Arm } from '../../domain/allocation/arm.ts';
import { REFUND_SHARE } from '../../domain/experiments/contract.ts';
import { logRevenueEvidence } from '../../domain/verdicts/betting.ts';
import type { LogEvidence } from '../../domain/verdicts/mixture.ts';

/** Times the list price: no order is counted for more. Fixed before the first look, as bets must be. */
const MOST_TIMES = 3;

const dollars = (micros: Micros): number => Number(micros) / 1e6;

/**
 * Null while orders bring the list price and no more of them come back than was assumed: then their number says it all, with more power.
 * @param visitors those whose order could have been seen by now
 */
export function revenueEvidence(arm: Arm, visitors: number): LogEvidence | null {
  const { orders, listPriceMicros, fee } = arm;
  const back = orders.filter(({ refunded }) => refunded).length;
  const differs = orders.some(({ valueMicros }) => valueMicros !== listPriceMicros);
  // One that came back among few is no share yet.
  if (!differs && back <= Math.max(1, orders.length * REFUND_SHARE)) return null;
  const list = dollars(listPriceMicros);
  const unit = dollars(arm.unitCostMicros ?? 0n);
  const feeOf = (value: number): number => fee.rate * value + dollars(fee.fixedMicros);
  const nets = orders.map(({ valueMicros, refunded }) => {
    const value = dollars(valueMicros);
    return (refunded ? 0 : value) - feeOf(value) - unit;
  });
  const most = MOST_TIMES * list;
  const cost = dollars(arm.costPerVisitorMicros);
  if (most <= cost) return null;
  return logRevenueEvidence({ visitors: Math.max(visitors, orders.length), nets }, { cost, most, worst: feeOf(most) + unit });
}
