// Profit and loss as arithmetic on sums from the ledger.
import type { Micros } from '../../core/money.ts';
import type { ProfitAndLoss } from './ledger-store.ts';

/** Revenue − refunds − fees − every cost, in micro-dollars. */
export function profitOf(sums: ProfitAndLoss): Micros {
  return sums.revenueMicros - sums.refundsMicros - sums.feesMicros - sums.offerSpendMicros - sums.modelCostMicros - sums.toolCostMicros;
}
