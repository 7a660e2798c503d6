// The library's client: API version pinned, Stripe's host or another, few quick retries; and how its last calls went.
import type { Stripe } from 'stripe';
import { Upstream } from '../../core/errors.ts';
import type { StripeConfig } from '../../payment-config.ts';
import { isKeyRefused, toUpstream } from './stripe-errors.ts';

/** Pinned: what objects and events look like changes with it. Webhook endpoints are to be made with the same one. */
export const STRIPE_API_VERSION = '2026-10-28.endive';
const TIMEOUT_MS = 20_000;
/** Seconds apart at most, so far within the day for which Stripe remembers a key. */
const RETRIES = 2;
/** So many failures in a row are an outage. */
const DOWN_AFTER = 3;

export interface StripeClient {
  /** @throws Upstream; with retryable true also when `signal` ends the wait: the call may have left. */
  ask<T>(work: (stripe: Stripe) => Promise<T>, signal?: AbortSignal): Promise<T>;
  health(): 'ok' | 'degraded' | 'down';
}

/** Options of the library for a configuration. */
export function stripeOptions(config: Pick<StripeConfig, 'apiUrl'>, more: { retries?: number; timeoutMs?: number } = {}) {
  const { retries = RETRIES, timeoutMs = TIMEOUT_MS } = more;
  const base = { apiVersion: STRIPE_API_VERSION, maxNetworkRetries: retries, timeout: timeoutMs, telemetry: false } as const;
  if (config.apiUrl === null) return base;
  const { protocol, hostname, port } = new URL(config.apiUrl);
  const secure = protocol === 'https:';
  return {
    ...base,
    protocol: secure ? ('https' as const) : ('http' as const),
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
  };
}

export function createStripeClient(config: StripeConfig): StripeClient {
  // The library is large: loaded with the first call.
  let opened: Promise<Stripe> | null = null;
  const open = (): Promise<Stripe> => {
    opened ??= import('stripe').then((library) => new library.Stripe(config.secretKey.reveal(), stripeOptions(config)));
    return opened;
  };
  let failures = 0;
  let keyRefused = false;
  return {
    health: () => (keyRefused || failures >= DOWN_AFTER ? 'down' : failures > 0 ? 'degraded' : 'ok'),
    ask: async (work, signal) => {
      try {
        const answer = await unlessAborted(work(await open()), signal);
        [failures, keyRefused] = [0, false];
        return answer;
      } catch (error) {
        const upstream = toUpstream(error);
        keyRefused = isKeyRefused(error);
        // A clear no is an answer: Stripe works.
        if (upstream.retryable && signal?.aborted !== true) failures += 1;
        else if (!keyRefused) failures = 0;
        throw upstream;
      }
    },
  };
}

/** The library takes no signal: the wait ends, the request may go on. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new Upstream('Stripe was not waited for any longer.', { retryable: true, cause: signal.reason }));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
