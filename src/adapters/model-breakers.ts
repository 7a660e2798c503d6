// One circuit breaker per model: a provider that is down is asked once per pause instead of by every task.
// Only outages count. A refused key, a rate limit or a stopped task says nothing about the provider's health.
import { type CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { Upstream } from '../core/errors.ts';
import { type CallFailureKind, ModelCallFailure } from '../domain/brain/call-failure.ts';

export interface BreakerLimits {
  /** Failures in a row that open it. */
  failures: number;
  /** Milliseconds until one probe may pass; its success closes the breaker, its failure starts the pause again. */
  halfOpenAfterMs: number;
}

export interface ModelBreakers {
  /** @throws Upstream, retryable and never sent, while the model's breaker is open; otherwise what `call` throws. */
  run<T>(model: string, call: () => Promise<T>): Promise<T>;
  /** The last word on this model was an outage or a refusal of our key or its name. */
  isFailing(model: string): boolean;
  /** It is failing and not even tried just now; behind a primary that works, nobody would notice that it is well again. */
  isResting(model: string): boolean;
}

interface Breaker {
  policy: CircuitBreakerPolicy;
  openedAt: number;
  rejected: boolean;
}

const OUTAGES: ReadonlySet<CallFailureKind> = new Set(['connect', 'network', 'timeout', 'server', 'garbled']);
/** A probe is under way: by then its answer is usually known. */
const PROBE_WAIT_MS = 1_000;

export function createModelBreakers(limits: BreakerLimits): ModelBreakers {
  const breakers = new Map<string, Breaker>();

  function breakerOf(model: string): Breaker {
    const known = breakers.get(model);
    if (known !== undefined) return known;
    const policy: CircuitBreakerPolicy = circuitBreaker(
      // A probe that was stopped proved nothing, so it must not close the breaker.
      handleWhen((error) => isOutage(error) || (policy.state === CircuitState.HalfOpen && kindOf(error) === 'stopped')),
      { breaker: new ConsecutiveBreaker(limits.failures), halfOpenAfter: limits.halfOpenAfterMs },
    );
    const breaker: Breaker = { policy, openedAt: 0, rejected: false };
    policy.onBreak(() => {
      breaker.openedAt = Date.now();
    });
    breakers.set(model, breaker);
    return breaker;
  }

  return {
    async run(model, call) {
      const breaker = breakerOf(model);
      refuseWhileOpen(model, breaker, limits);
      try {
        const reply = await breaker.policy.execute(call);
        breaker.rejected = false;
        return reply;
      } catch (error) {
        breaker.rejected = isAccountRefusal(error);
        throw error;
      }
    },
    isFailing(model) {
      const breaker = breakers.get(model);
      return breaker !== undefined && (breaker.rejected || breaker.policy.state !== CircuitState.Closed);
    },
    isResting(model) {
      const breaker = breakers.get(model);
      if (breaker === undefined || breaker.policy.state === CircuitState.Closed) return breaker?.rejected ?? false;
      return breaker.rejected || Date.now() < breaker.openedAt + limits.halfOpenAfterMs;
    },
  };
}

/** Cockatiel would queue callers behind a probe, deaf to their abort signals; here they are told to come back. */
function refuseWhileOpen(model: string, breaker: Breaker, limits: BreakerLimits): void {
  const { state } = breaker.policy;
  if (state === CircuitState.Closed) return;
  const left = breaker.openedAt + limits.halfOpenAfterMs - Date.now();
  if (state === CircuitState.Open && left <= 0) return;
  throw new Upstream(`The model ${model} failed ${limits.failures} times in a row; it is left alone for a moment before the next try.`, {
    retryable: true,
    retryAfterMs: state === CircuitState.Open ? left : PROBE_WAIT_MS,
    cause: new ModelCallFailure('circuit breaker is open', { kind: 'breaker_open', sent: false, mayCost: false }),
  });
}

function kindOf(error: unknown): CallFailureKind | null {
  return error instanceof Upstream && error.cause instanceof ModelCallFailure ? error.cause.kind : null;
}

function isOutage(error: unknown): boolean {
  const kind = kindOf(error);
  return kind !== null && OUTAGES.has(kind);
}

function isAccountRefusal(error: unknown): boolean {
  if (!(error instanceof Upstream) || !(error.cause instanceof ModelCallFailure)) return false;
  const { status } = error.cause;
  return status === 401 || status === 402 || status === 403 || status === 404;
}
