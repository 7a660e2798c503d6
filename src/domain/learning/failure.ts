// Why an experiment earned less than its contract assumed: which assumption failed, by how much, and what it cost. Dollars as numbers.
import { InvalidInput } from '../../core/errors.ts';

export interface Course {
  /** Orders per visitor. */
  conversion: number;
  /** Dollars of an order. */
  price: number;
  /** Dollars of a visitor. */
  costPerVisitor: number;
  /** Share of orders given back. */
  refundShare: number;
  /** Days from the visit to the payment, on average. */
  delayDays: number;
  /** Visitors that came (assumed: that were to come). */
  visitors: number;
}

export type Assumption = 'conversion' | 'price' | 'cost' | 'refunds' | 'delay' | 'execution';

export interface Gap {
  assumption: Assumption;
  assumed: number;
  measured: number;
  /** measured / assumed; null where nothing was assumed. */
  ratio: number | null;
  /** Dollars of profit it added (below 0: cost). Delay costs time, not profit, and has 0. */
  profit: number;
}

export interface Analysis {
  assumedProfit: number;
  measuredProfit: number;
  /** What each gap did, the costliest first; their profits sum to measured less assumed. */
  gaps: Gap[];
  /** The assumption that failed most; null when none cost more than a tenth of the gap, or nothing is missing. */
  failed: Assumption | null;
}

const PARTS: readonly { assumption: Assumption; key: keyof Course }[] = [
  { assumption: 'execution', key: 'visitors' },
  { assumption: 'cost', key: 'costPerVisitor' },
  { assumption: 'conversion', key: 'conversion' },
  { assumption: 'price', key: 'price' },
  { assumption: 'refunds', key: 'refundShare' },
  { assumption: 'delay', key: 'delayDays' },
];
/** A gap smaller than this share of what is missing explains nothing. */
const SHARE = 0.1;

/** @param feeOf dollars of the processor for one order of that price */
export function analyseFailure(assumed: Course, measured: Course, feeOf: (price: number) => number): Analysis {
  for (const course of [assumed, measured])
    if (!Object.values(course).every((value) => Number.isFinite(value) && value >= 0) || course.conversion > 1 || course.refundShare > 1)
      throw new InvalidInput('A course holds counts, amounts and shares, none below 0.');
  const profitOf = ({ visitors, conversion, price, costPerVisitor, refundShare }: Course): number =>
    visitors * (conversion * (price * (1 - refundShare) - feeOf(price)) - costPerVisitor);
  const gaps = PARTS.map(({ assumption, key }) => ({
    assumption,
    assumed: assumed[key],
    measured: measured[key],
    ratio: assumed[key] > 0 ? measured[key] / assumed[key] : null,
    // The mean of changing this first and changing it last: no part is blamed for the order of telling.
    profit:
      (profitOf({ ...assumed, [key]: measured[key] }) -
        profitOf(assumed) +
        profitOf(measured) -
        profitOf({ ...measured, [key]: assumed[key] })) /
      2,
  }));
  const [assumedProfit, measuredProfit] = [profitOf(assumed), profitOf(measured)];
  const missing = assumedProfit - measuredProfit;
  spread(gaps, -missing);
  gaps.sort((a, b) => a.profit - b.profit);
  const worst = gaps[0];
  return {
    assumedProfit,
    measuredProfit,
    gaps,
    failed: missing > 0 && worst !== undefined && -worst.profit >= SHARE * missing ? worst.assumption : null,
  };
}

/** What the parts leave over together goes to them by their size, so that they sum to the whole. */
function spread(gaps: Gap[], whole: number): void {
  const over = whole - gaps.reduce((sum, { profit }) => sum + profit, 0);
  const size = gaps.reduce((sum, { profit }) => sum + Math.abs(profit), 0);
  if (size > 0) for (const gap of gaps) gap.profit += (over * Math.abs(gap.profit)) / size;
}
