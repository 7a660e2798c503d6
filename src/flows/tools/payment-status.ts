// Looking at what the provider holds: a link with its orders, a payment, a refund. The second call that proves a receipt.
import { z } from 'zod';
import { hashOf } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { Database } from '../../db/database.ts';
import { findPaymentLinkOfGoal } from '../../domain/offers/payment-link-store.ts';
import type { PaymentProvider } from '../../domain/offers/payment-provider.ts';
import type { Tool, ToolContext } from '../../domain/tools/tool.ts';
import { attempt } from './attempt.ts';
import { costsNothing, paymentTool, plain } from './payment-common.ts';

const input = z.object({
  id: z
    .string()
    .regex(/^(plink|ch|py|re|pyr)_\w{1,200}$/)
    .describe('a payment link (plink_…), a payment (ch_…) or a refund (re_…)'),
});
type Input = z.output<typeof input>;

export function createPaymentStatusTool(payments: PaymentProvider, db: Database): Tool<Input> {
  return {
    ...paymentTool,
    rate: { perMinute: 60, perHour: 1000 },
    name: 'payment_status',
    description: 'Read a payment link with its orders so far, a payment, or a refund, as the payment provider holds it.',
    input,
    act: 'read',
    touches: 'nothing',
    reversible: true,
    reach: 'nobody',
    repeatable: true,
    quote: async ({ id }, context) => {
      if (id.startsWith('plink_')) await requireLink(db, id, context);
      return costsNothing(`Reads ${id} at the payment provider.`);
    },
    run: ({ id }, context) =>
      attempt(async () => {
        const read = await readAt(payments, id, context.signal);
        const output = plain(read);
        const sha256 = hashOf(output);
        const orders = 'orders' in read && read.orders !== null;
        const points = orders ? [{ kind: 'metric_points' as const, source: id, sha256 }] : [];
        return { ok: true, output, evidence: [{ kind: 'readback', source: id, sha256 }, ...points], spentMicros: 0n, receipt: null };
      }),
    reconcile: async () => ({ kind: 'never_happened' }),
  };
}

async function readAt(payments: PaymentProvider, id: string, signal: AbortSignal) {
  if (id.startsWith('plink_')) return payments.readLink(id, signal);
  if (id.startsWith('re_') || id.startsWith('pyr_')) return payments.readRefund(id, signal);
  // Who paid is for the books and the people who fulfil, not for a model.
  const { email: _email, name: _name, metadata: _metadata, ...charge } = await payments.readCharge(id, signal);
  return charge;
}

async function requireLink(db: Database, id: string, context: ToolContext): Promise<void> {
  const link = await findPaymentLinkOfGoal(db, context.mode, id);
  if (link === undefined || link.goal_id !== context.goalId) throw new InvalidInput(`This goal has no payment link "${id}".`);
}
