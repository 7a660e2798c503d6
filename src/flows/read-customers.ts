// What the customers of a slice of the books are worth, what they cost, and how many come back.
import { dayOf } from '../core/calendar.ts';
import type { DatabaseOrTrx } from '../db/database.ts';
import type { ProfitAndLoss } from '../domain/money/ledger-store.ts';
import type { Slice } from '../domain/money/slice-store.ts';
import { readMarketDay, sumVisitors } from '../domain/offers/launch-store.ts';
import { acquisitionCost, type Cohort, paybackDays, retentionTable } from '../domain/value/acquisition.ts';
import { readBuyers } from '../domain/value/buyer-store.ts';
import { countedShare, type Estimate } from '../domain/value/interval.ts';
import { estimateValue, type LifetimeValue, repeatRate } from '../domain/value/lifetime-value.ts';

/** Customers a model is fitted on: enough for its interval, few enough for a command. */
const MOST_FITTED = 1_000;

export interface CustomerFacts {
  slice: Slice;
  /** All whose first payment lies in the slice, and those of them the figures come from. */
  customers: number;
  sampled: number;
  returned: number;
  repeatRate: Estimate | null;
  /** Null with too few customers for any figure. */
  value: LifetimeValue | null;
  /** Offer spend, model and tool cost, in dollars. */
  spentUsd: number;
  cost: Estimate | null;
  /** Days until the cost of a customer has come back; null when it does not, or nothing can be said. */
  payback: number | null;
  visitors: number;
  conversion: Estimate | null;
  cohorts: Cohort[];
}

/** Null for a slice by agent, tool, model or one customer: customers belong to none. @param sums profit and loss of the same slice */
export async function readCustomers(
  db: DatabaseOrTrx,
  slice: Slice,
  sums: ProfitAndLoss,
  at: { now: Date; timezone: string; limit?: number },
): Promise<CustomerFacts | null> {
  if (slice.agent !== undefined || slice.tool !== undefined || slice.model !== undefined || slice.customer !== undefined) return null;
  const today =
    slice.mode === 'practice' ? await readMarketDay(db, 'practice') : Math.round(Date.parse(dayOf(at.now, at.timezone)) / 86_400_000);
  const { customers, sample } = await readBuyers(db, slice, { today, limit: at.limit ?? MOST_FITTED });
  const value = estimateValue(sample);
  const spentUsd = Number(sums.offerSpendMicros + sums.modelCostMicros + sums.toolCostMicros) / 1e6;
  const cost = acquisitionCost(spentUsd, customers);
  // What was measured has market days, not days of the calendar: with those, visitors cannot be told.
  const visitors = slice.from === undefined && slice.to === undefined ? await sumVisitors(db, slice) : 0;
  return {
    slice,
    customers,
    sampled: sample.length,
    returned: sample.filter(({ days }) => days.length > 1).length,
    repeatRate: sample.length === 0 ? null : repeatRate(sample),
    value,
    spentUsd,
    cost,
    payback: value === null || cost === null ? null : paybackDays(cost.value, value),
    visitors,
    conversion: countedShare(customers, visitors),
    cohorts: retentionTable(sample, today),
  };
}
