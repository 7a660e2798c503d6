// The life of an order: which step may follow which, how long a try waits, when it is given up. Pure.
import type { Micros } from '../../core/money.ts';
import type { DeliveryWay, OrderStatus } from '../../db/tables/states.ts';
import type { Mode } from '../tools/tool.ts';

export type OrderEvent = 'begin' | 'deliver' | 'fail' | 'retry' | 'refund';

const MOVES: Record<OrderStatus, Partial<Record<OrderEvent, OrderStatus>>> = {
  paid: { begin: 'fulfilling', fail: 'failed', refund: 'refunded' },
  fulfilling: { deliver: 'fulfilled', fail: 'failed', refund: 'refunded' },
  fulfilled: { refund: 'refunded' },
  // A person may still deliver what could not be delivered by itself, or have it tried again.
  failed: { retry: 'fulfilling', deliver: 'fulfilled', refund: 'refunded' },
  refunded: {},
};

/** The status after the event; null where it may not happen. */
export function moveOrder(status: OrderStatus, event: OrderEvent): OrderStatus | null {
  return MOVES[status][event] ?? null;
}

/** Nothing of the money is left: only then is the order over. A part that went back leaves it as it is. */
export const isWhollyRefunded = (amountMicros: Micros, refundedMicros: Micros): boolean =>
  refundedMicros > 0n && refundedMicros >= amountMicros;

/** Where nobody has said how: practice goods are files; a real customer's order lies with a person. */
export const defaultWay = (mode: Mode): DeliveryWay => (mode === 'practice' ? 'download' : 'person');

/** What the offer page promises where nobody has said otherwise. */
export const DEFAULT_DAYS = 3;

export const MOST_ATTEMPTS = 8;
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 6 * 3_600_000;

/**
 * How long to wait after the try of this number (from 1): 30 s, four times as long each time, at most 6 hours.
 * @returns null after the last try, about 17 hours after the first.
 */
export function retryOrderMs(attempt: number): number | null {
  if (!(attempt < MOST_ATTEMPTS)) return null;
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 4 ** Math.max(0, attempt - 1));
}
