// What the payment tools share: the facts every one states, and a lookup at the provider as a verdict about a key.
import type { Json } from '../../core/canonical-json.ts';
import { type AppError, Upstream } from '../../core/errors.ts';
import type { Quote, Reconciliation, Success } from '../../domain/tools/tool.ts';

/** The service behind every tool that sells or refunds. */
export const processor = () => ({ name: 'Stripe', others: false });

export const paymentTool = {
  version: '1',
  credentials: false,
  production: false,
  modes: ['practice', 'live'],
  taints: false,
  rate: { perMinute: 10, perHour: 60 },
  service: processor,
} as const;

export const costsNothing = (effect: string, expectedReturn: string | null = null): Quote => ({
  amountMicros: 0n,
  payee: null,
  effect,
  expectedReturn,
});

/** Bigints as digits: amounts of a currency in micro units. */
export const plain = (value: unknown): Json =>
  JSON.parse(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item))) as Json;

/** Asks the provider what became of a key. Found: it happened. Nothing there: it never did, as listings show at once what was made. */
export async function lookFor(find: () => Promise<Success | null>): Promise<Reconciliation> {
  try {
    const found = await find();
    return found === null ? { kind: 'never_happened' } : { kind: 'happened', outcome: found };
  } catch (error) {
    return { kind: 'unknown', why: error instanceof Upstream ? (error as AppError).reply : String(error) };
  }
}
