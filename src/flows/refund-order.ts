// A person asks for an order's money to be given back: a task that asks for a yes like any act, refunds once and reads it back.
import { Conflict } from '../core/errors.ts';
import type { Trx } from '../db/database.ts';
import { wake } from '../db/wake.ts';
import { PROVIDER } from '../domain/money/payment-store.ts';
import type { Order } from '../domain/orders/order-store.ts';
import { addPolicyTask, readRefundTasks } from '../domain/tasks/policy-task-store.ts';
import type { Deps } from './deps.ts';
import { ensureStandingGoal } from './experiments/standing-goal.ts';
import type { RefundInput } from './policy-turn.ts';

/**
 * Its own goal may have ended long ago, so it belongs to the standing one. The order must be locked.
 * @param ask.amount in the currency it was paid in; null is all that is left
 * @throws Conflict when nothing is left to give back, one is asked for already, or no provider of ours took the money
 */
export async function askRefund(
  deps: Deps,
  trx: Trx,
  order: Order,
  ask: { amount: string | null; reason: string; by: string },
): Promise<void> {
  if (order.source !== PROVIDER || deps.payments === null)
    throw new Conflict(`Order ${order.id} was paid through ${order.source}; its money is given back there.`);
  if (order.refunded_micros >= order.amount_micros) throw new Conflict(`All of order ${order.id} was given back already.`);
  const { asked, open } = await readRefundTasks(trx, order.id);
  if (open !== null) throw new Conflict(`A refund of order ${order.id} is under way: [task ${open}](/tasks/${open}).`);
  const standing = await ensureStandingGoal(trx, deps.mode);
  const input: RefundInput = { orderId: order.id, chargeId: order.charge_id, amount: ask.amount, reason: ask.reason };
  await addPolicyTask(trx, {
    mode: deps.mode,
    goalId: standing.goal.id,
    planId: standing.planId,
    key: `refund_${order.id}_${asked + 1}`,
    kind: 'refund',
    policy: 'refund',
    input: { ...input },
    experimentId: null,
    title: `Give back the money of order ${order.id}`,
    why: `${ask.by} asks for it.`,
    // Counted by the caps at what really leaves; see begin-call.ts.
    mostMicros: 0n,
  });
  await wake(trx, { job: 'work' });
}
