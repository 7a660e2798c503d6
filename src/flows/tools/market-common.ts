// What the marketplace tools share: the facts every one states, plain JSON of the market's answers, and looking an effect up by its key.
import type { Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { MarketEffect, Marketplace } from '../../domain/offers/marketplace.ts';
import type { Quote, Reconciliation, Success, ToolContext } from '../../domain/tools/tool.ts';
import { attempt } from './attempt.ts';

export const PAYEE = 'practice market';
const RATE = { perMinute: 60, perHour: 1000 };

/** A call that moves no money. */
export const free = (effect: string): Quote => ({ amountMicros: 0n, payee: null, effect, expectedReturn: null });

/** Bigints of micro-dollars become numbers; they stay far below 2^53. */
export const plain = (value: unknown): Json =>
  JSON.parse(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? Number(item) : item))) as Json;

export const toMicros = (dollars: number): Micros => BigInt(Math.round(dollars * 100)) * 10_000n;

export const readOnly = {
  version: '1',
  touches: 'nothing',
  reversible: true,
  reach: 'nobody',
  credentials: false,
  production: false,
  modes: ['practice'],
  taints: false,
  repeatable: true,
  rate: RATE,
  service: () => ({ name: PAYEE, others: false }),
} as const;

export const nothingToReconcile = async (): Promise<Reconciliation> => ({ kind: 'never_happened' });

/** Asks the market what became of the call's key. */
export async function reconcileWith(
  market: Marketplace,
  context: ToolContext,
  read: (effect: MarketEffect) => Success | null,
): Promise<Reconciliation> {
  const found = await attempt(async () => {
    const effects = await market.effects(context.idempotencyKey, context.signal);
    return effects.map(read).find((outcome) => outcome !== null) ?? { ok: false, error: 'nothing under this key', retryable: false };
  }).catch((error: unknown) => ({ ok: false as const, error: String(error), retryable: true }));
  if (found.ok) return { kind: 'happened', outcome: found };
  return found.retryable ? { kind: 'unknown', why: found.error } : { kind: 'never_happened' };
}
