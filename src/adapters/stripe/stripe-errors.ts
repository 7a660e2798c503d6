// Every way a call to Stripe can fail, as one Upstream: could it have happened, or can asking again help.
import type { Stripe } from 'stripe';
import { Upstream } from '../../core/errors.ts';

const MAX_WORDS = 300;

/** What Stripe's library throws, by the fields it documents; the class itself would need the library loaded. */
interface Failure {
  type: string;
  code: string | undefined;
  statusCode: number | undefined;
  message: string;
  headers: Record<string, string> | undefined;
}

function readFailure(error: unknown): Failure | null {
  if (!(error instanceof Error) || !('type' in error) || typeof error.type !== 'string' || !error.type.startsWith('Stripe')) return null;
  const { type, message } = error;
  const { code, statusCode, headers } = error as unknown as Stripe.errors.StripeError;
  return { type, code, statusCode, message, headers };
}

/** Stripe says that an object of this id or lookup key is there already. */
export function isAlreadyThere(error: unknown): boolean {
  const failure = readFailure(error);
  if (failure === null || failure.type !== 'StripeInvalidRequestError') return false;
  return failure.code === 'resource_already_exists' || /already (exists|uses)/i.test(failure.message);
}

/** Not there, or not for this key to see. */
export function isOutOfReach(error: unknown): boolean {
  const failure = readFailure(error);
  return failure !== null && (failure.statusCode === 404 || failure.type === 'StripePermissionError');
}

/** Whether the key itself was turned away. */
export const isKeyRefused = (error: unknown): boolean => readFailure(error)?.type === 'StripeAuthenticationError';

/**
 * A clear no (bad request, wrong key, a declined refund) is final. A cut line, a timeout, a fault at Stripe or a key that was used for
 * something else leaves doubt: retryable, to be looked up.
 */
export function toUpstream(error: unknown): Upstream {
  if (error instanceof Upstream) return error;
  const failure = readFailure(error);
  if (failure === null) return new Upstream('Stripe could not be asked.', { retryable: true, cause: error });
  const { type, code, message } = failure;
  const reply = `Stripe: ${message.slice(0, MAX_WORDS)}${code === undefined ? '' : ` (${code})`}`;
  const final = ['StripeInvalidRequestError', 'StripeAuthenticationError', 'StripePermissionError', 'StripeCardError'].includes(type);
  const seconds = Number(failure.headers?.['retry-after']);
  return new Upstream(reply, {
    retryable: !final,
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) * 1000 : null,
    cause: error,
  });
}
