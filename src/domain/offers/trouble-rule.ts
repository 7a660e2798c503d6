// When an offer stops selling by itself: too many of its payments are disputed or given back. Pure.
import type { Trouble } from '../money/takings-store.ts';

/** Card networks put a shop under watch near 1 % (Visa: 0.9 %); by then it is late. */
export const MAX_DISPUTE_SHARE = 0.0075;
/** A fifth given back: what is sold is not what was promised. */
export const MAX_REFUND_SHARE = 0.2;
/** One angry customer among few is no rate. */
const FEWEST_DISPUTES = 2;
const FEWEST_REFUNDS = 5;

/** Why it must stop, in one sentence; null while it may go on. */
export function judgeTrouble({ sales, refunds, disputes }: Trouble): string | null {
  const over = (count: number, share: number, fewest: number): boolean => count >= fewest && count > share * Math.max(sales, count);
  const words = (count: number, what: string, share: number): string =>
    `${count} of ${Math.max(sales, count)} payments in 30 days were ${what}, more than ${(share * 100).toFixed(2).replace(/\.?0+$/, '')} %.`;
  if (over(disputes, MAX_DISPUTE_SHARE, FEWEST_DISPUTES)) return words(disputes, 'disputed', MAX_DISPUTE_SHARE);
  if (over(refunds, MAX_REFUND_SHARE, FEWEST_REFUNDS)) return words(refunds, 'refunded', MAX_REFUND_SHARE);
  return null;
}
