// What is owed to customers, in one line: for the digest and the status.
import type { OrderStatus } from '../../db/tables/states.ts';
import type { PromiseCount } from '../../domain/promises/promise-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';

/** `2 overdue of 5 open`. */
export function promiseLine(counts: readonly PromiseCount[], mode: Mode): string {
  const { open = 0, overdue = 0 } = counts.find((count) => count.mode === mode) ?? {};
  return open === 0 ? 'none open' : `${overdue === 0 ? 'none' : overdue} overdue of ${open} open`;
}

const ORDER: readonly OrderStatus[] = ['failed', 'paid', 'fulfilling', 'fulfilled', 'refunded'];

/** `1 failed, 12 fulfilled`. */
export function orderLine(counts: readonly { mode: Mode; status: OrderStatus; count: number }[], mode: Mode): string {
  const words = ORDER.flatMap((status) => {
    const { count = 0 } = counts.find((one) => one.mode === mode && one.status === status) ?? {};
    return count === 0 ? [] : [`${count} ${status}`];
  });
  return words.length === 0 ? 'none yet' : words.join(', ');
}

export const isPromiseOverdue = (counts: readonly PromiseCount[], mode: Mode): boolean =>
  counts.some((count) => count.mode === mode && count.overdue > 0);
