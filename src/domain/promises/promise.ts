// A promise to a customer is open until a receipt of the right kind closes it, or a person lets it go and says why. Pure.
import type { PromiseKind, PromiseStatus, ReceiptKind } from '../../db/tables/states.ts';

/** What proves that a promise of this kind was kept. */
const PROOF: Record<PromiseKind, ReceiptKind> = { delivery: 'delivery', refund: 'refund', discount: 'message', message: 'message' };

export interface PromiseState {
  kind: PromiseKind;
  status: PromiseStatus;
  dueAt: Date;
}

export type PromiseEvent = { kind: 'receipt'; of: ReceiptKind } | { kind: 'release'; reason: string };

/** The status after the event. What is closed stays closed; a receipt of something else changes nothing, and no reason is no reason. */
export function settlePromise(promise: PromiseState, event: PromiseEvent): PromiseStatus {
  if (promise.status !== 'open') return promise.status;
  if (event.kind === 'release') return event.reason.trim() === '' ? 'open' : 'released';
  return event.of === PROOF[promise.kind] ? 'kept' : 'open';
}

/** Whether a person's note can prove it; deliveries and refunds have receipts of their own. */
export const isProvenByNote = (kind: PromiseKind): boolean => PROOF[kind] === 'message';

export const isOverdue = (promise: PromiseState, now: Date): boolean => promise.status === 'open' && promise.dueAt < now;
