// What it costs to win a customer, when that has come back, and how many stay: arithmetic on customers and spend. Pure.
import { type Estimate, perCount } from './interval.ts';
import type { Buyer, LifetimeValue } from './lifetime-value.ts';

/** Days in one period of the retention table. */
export const COHORT_DAYS = 30;
const COHORT_PERIODS = 6;
/** Longer than this is told as "not within". */
export const LONGEST_PAYBACK_DAYS = 365;

/** Spend per new customer, in dollars. @returns null without customers */
export const acquisitionCost = (spendUsd: number, newCustomers: number): Estimate | null => perCount(spendUsd, newCustomers);

/**
 * Days until a customer has brought what winning one cost: 0 when the first purchase does. By the model's curve; for seen customers
 * cost ÷ net margin a customer and day. @returns null when that takes longer than `LONGEST_PAYBACK_DAYS`
 */
export function paybackDays(cost: number, { broughtBy, perPurchase }: LifetimeValue): number | null {
  if (perPurchase >= cost) return 0;
  for (let day = 1; day <= LONGEST_PAYBACK_DAYS; day += 1) if (broughtBy(day) >= cost) return day;
  return null;
}

export interface Cohort {
  /** Day on which its first period begins. */
  from: number;
  customers: number;
  /** Share that bought again in each following period all of its customers have lived through. */
  shares: number[];
}

/** Customers by the period of their first purchase, oldest first, and how many bought in the periods after it. @param today last day of the books */
export function retentionTable(buyers: readonly Buyer[], today: number): Cohort[] {
  const begin = buyers.reduce((least, { firstDay }) => Math.min(least, firstDay), today);
  const cohorts = Map.groupBy(buyers, ({ firstDay }) => Math.floor((firstDay - begin) / COHORT_DAYS));
  return [...cohorts]
    .toSorted(([a], [b]) => a - b)
    .map(([number, members]) => {
      const from = begin + number * COHORT_DAYS;
      // The youngest may have come on the cohort's last day.
      const whole = Math.floor((today - from - COHORT_DAYS + 1) / COHORT_DAYS);
      const bought = (period: number): number =>
        members.filter(({ days }) => days.some((day) => day > 0 && Math.floor((day - 1) / COHORT_DAYS) === period)).length;
      const shares = Array.from({ length: Math.max(0, Math.min(COHORT_PERIODS, whole)) }, (_, period) => bought(period) / members.length);
      return { from, customers: members.length, shares };
    });
}
