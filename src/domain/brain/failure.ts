// The kinds of failure and what is done about each. Told apart by types and status codes, never by words. Pure.
import { AppError, Upstream } from '../../core/errors.ts';
import { type CallFailureKind, ModelCallFailure } from './call-failure.ts';

export const FAILURE_KINDS = [
  'rate_limit',
  'timeout',
  'auth',
  'invalid_response',
  'model_error',
  'tool_error',
  'network',
  'unknown',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

const OF_MODEL: Record<Exclude<CallFailureKind, 'rejected'>, FailureKind> = {
  rate_limited: 'rate_limit',
  timeout: 'timeout',
  connect: 'network',
  network: 'network',
  breaker_open: 'network',
  server: 'model_error',
  garbled: 'invalid_response',
  stopped: 'unknown',
};

/** An Upstream that no model threw came from a tool's service. */
export function kindOfFailure(error: unknown): FailureKind {
  if (!(error instanceof Upstream)) return error instanceof AppError ? 'tool_error' : 'unknown';
  const { cause } = error;
  if (!(cause instanceof ModelCallFailure)) return error.retryAfterMs === null ? 'tool_error' : 'rate_limit';
  if (cause.kind !== 'rejected') return OF_MODEL[cause.kind];
  // No credit (402, or 429 that waiting won't help) is the account's matter too.
  return cause.status === 401 || cause.status === 402 || cause.status === 403 || cause.status === 429 ? 'auth' : 'model_error';
}

/** A wrong key, or no credit left: another model has the same key and the same account. 403 and 404 may be one model's matter. */
export function isOfAccount(error: unknown): boolean {
  if (!(error instanceof Upstream) || !(error.cause instanceof ModelCallFailure)) return false;
  const { kind, status } = error.cause;
  return kind === 'rejected' && (status === 401 || status === 402 || status === 429);
}

export type Treatment =
  /** The same model again after the pause it asked for. */
  | { do: 'wait'; ms: number }
  | { do: 'switch' }
  /** The same model again with less to read. */
  | { do: 'degrade' }
  | { do: 'give_up' };

export interface Situation {
  kind: FailureKind;
  /** Every model behind this key is refused like this one. */
  ofAccount: boolean;
  retryable: boolean;
  /** What the provider asked for. */
  retryAfterMs: number | null;
  tooLong: boolean;
  /** Times this model was waited for or given less in this piece of work. */
  waited: number;
  degraded: boolean;
  /** Less can be sent than was. */
  canDegrade: boolean;
  hasNext: boolean;
}

/** The service itself said when to come back; our own breaker is not it. */
export const isTold = (error: Upstream): boolean =>
  error.retryAfterMs !== null && !(error.cause instanceof ModelCallFailure && error.cause.kind === 'breaker_open');

/**
 * Of several failures the one to go by: whoever says when to come back, soonest first; then what trying again may help; then the last.
 * So a pause that one model asks for costs no attempt because another failed otherwise.
 */
export function failureToGoBy(failures: readonly unknown[]): unknown {
  const retryable = failures.filter((error) => error instanceof Upstream && error.retryable) as Upstream[];
  const told = retryable.filter(isTold);
  return told.toSorted((a, b) => (a.retryAfterMs ?? 0) - (b.retryAfterMs ?? 0))[0] ?? retryable.at(-1) ?? failures.at(-1);
}

/** A provider that asks for a longer pause is left; the work waits as a row instead, and that costs it no attempt. */
const LONGEST_PAUSE_MS = 5_000;

/** What to do about a failed call of a model. */
export function treatCall(now: Situation): Treatment {
  const { kind, retryAfterMs, hasNext } = now;
  const next: Treatment = hasNext ? { do: 'switch' } : { do: 'give_up' };
  if (now.tooLong) return now.canDegrade && !now.degraded ? { do: 'degrade' } : next;
  if (now.retryable && retryAfterMs !== null && retryAfterMs <= LONGEST_PAUSE_MS && now.waited === 0)
    return { do: 'wait', ms: retryAfterMs };
  if (now.ofAccount || kind === 'unknown') return { do: 'give_up' };
  if (kind === 'timeout' && !hasNext && now.canDegrade && !now.degraded) return { do: 'degrade' };
  return next;
}
