// What a Stripe event points at: ids of lines in the provider's books. Its amounts are not read; the books themselves are asked.
import { z } from 'zod';
import type { EventPointer } from '../offers/payment-provider.ts';

const reference = z
  .union([z.string(), z.object({ id: z.string() })])
  .nullish()
  .transform((value) => (typeof value === 'string' ? value : (value?.id ?? null)));

const event = z.object({
  type: z.string(),
  data: z.object({
    object: z.object({
      id: z.string(),
      balance_transaction: reference,
      failure_balance_transaction: reference,
      balance_transactions: z.array(reference).nullish(),
    }),
  }),
});

/** Events about money that moved. `charge.dispute.created` may come before it has. */
const ABOUT_MONEY = /^(charge|refund|payout|topup)\./;

/** Null for an event of a kind that moves nothing, or that cannot be read. */
export function pointerOf(body: unknown): EventPointer | null {
  const parsed = event.safeParse(body);
  if (!parsed.success || !ABOUT_MONEY.test(parsed.data.type)) return null;
  const { type, data } = parsed.data;
  const { object } = data;
  const lines = [object.balance_transaction, object.failure_balance_transaction, ...(object.balance_transactions ?? [])];
  return {
    transactionIds: [...new Set(lines.filter((id) => id !== null))],
    chargeId: /^charge\.(succeeded|captured|updated)$/.test(type) ? object.id : null,
    refundsOf: type === 'charge.refunded' ? object.id : null,
    disputeId: type.startsWith('charge.dispute.') ? object.id : null,
  };
}
