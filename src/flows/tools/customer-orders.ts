// What the agent may know of orders: where they stand and which receipts prove it. Customers are numbers; what they typed stays out of every prompt.
import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import { listOrdersOfGoal } from '../../domain/orders/goal-order-store.ts';
import type { Tool } from '../../domain/tools/tool.ts';
import { looking } from './looking.ts';

const input = z.object({
  orderId: z.number().int().positive().nullish().describe('one order; the newest fifty of the goal when left out'),
});

export function createCustomerOrders(db: Database): Tool<z.output<typeof input>> {
  return {
    ...looking,
    name: 'customer_orders',
    description:
      "List this goal's orders with their status, their receipts (to be named wherever you say that something was done) and open promises.",
    input,
    taints: false,
    rate: { perMinute: 60, perHour: 1000 },
    quote: async () => ({ amountMicros: 0n, payee: null, effect: "Reads this goal's orders.", expectedReturn: null }),
    run: async (request, context) => ({
      ok: true,
      output: { orders: await listOrdersOfGoal(db, context.mode, context.goalId, request.orderId ?? null) },
      // Rows of ours prove no work outside.
      evidence: [],
      spentMicros: 0n,
      receipt: null,
    }),
  };
}
