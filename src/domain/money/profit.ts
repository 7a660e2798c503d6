// Profit and loss as arithmetic on sums from the ledger.
import type { Micros } from '../../core/money.ts';
import type { ProfitAndLoss } from './ledger-store.ts';
import type { AccountSum } from './slice-store.ts';

/** Sums of accounts as people read them: revenue and costs positive. Accounts of what is owned or owed are no part of it. */
export function toProfitAndLoss(sums: readonly AccountSum[]): ProfitAndLoss {
  const of = (account: AccountSum['account']): Micros =>
    sums.reduce((total, sum) => (sum.account === account ? total + sum.amountMicros : total), 0n);
  return {
    revenueMicros: -of('revenue'),
    refundsMicros: of('refunds'),
    disputesMicros: of('disputes'),
    feesMicros: of('fees'),
    offerSpendMicros: of('offer_spend'),
    modelCostMicros: of('model_cost'),
    toolCostMicros: of('tool_cost'),
    expenseMicros: of('expense'),
    journals: sums.reduce((total, sum) => total + sum.journals, 0),
    assumed: sums.reduce((total, sum) => total + sum.assumed, 0),
  };
}

/** The same for every key, in the order the sums came. */
export function byKey(sums: readonly (AccountSum & { key: string })[]): Map<string, ProfitAndLoss> {
  const groups = Map.groupBy(sums, (sum) => sum.key);
  return new Map([...groups].map(([key, group]) => [key, toProfitAndLoss(group)]));
}

/** Revenue − refunds − disputes − fees − every cost, in micro-dollars. */
export function profitOf(sums: ProfitAndLoss): Micros {
  return netRevenueOf(sums) - costOfSales(sums);
}

/** Everything that left or will leave to make the revenue: fees, offer spend, model and tool calls, outside expenses. Refunds and disputes are no cost, they are revenue taken back. */
export function costOfSales(sums: ProfitAndLoss): Micros {
  return sums.feesMicros + sums.offerSpendMicros + sums.modelCostMicros + sums.toolCostMicros + sums.expenseMicros;
}

export const netRevenueOf = (sums: ProfitAndLoss): Micros => sums.revenueMicros - sums.refundsMicros - sums.disputesMicros;

export interface Margins {
  /** (Net revenue − fees − offer spend) ÷ net revenue. */
  gross: number | null;
  /** Profit ÷ net revenue. */
  net: number | null;
  /** Profit ÷ (offer spend + model and tool cost + outside expenses): what a dollar put in brought beyond itself. */
  roi: number | null;
}

/** Shares of 1; null where there is nothing to divide by. */
export function marginsOf(sums: ProfitAndLoss): Margins {
  const net = netRevenueOf(sums);
  const putIn = sums.offerSpendMicros + sums.modelCostMicros + sums.toolCostMicros + sums.expenseMicros;
  const share = (part: Micros, whole: Micros): number | null => (whole > 0n ? Number((part * 10_000n) / whole) / 10_000 : null);
  return {
    gross: share(net - sums.feesMicros - sums.offerSpendMicros, net),
    net: share(profitOf(sums), net),
    roi: share(profitOf(sums), putIn),
  };
}
