// Circuit breakers by cockatiel. After a pause one call is the probe: its success closes the breaker at once, its failure starts the pause again,
// and a probe that proved nothing does so too: there is no state that only a second success could leave.
import { type CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { Upstream } from '../core/errors.ts';
import type { BreakerState, Breakers, Settled, Word } from '../domain/tools/breakers.ts';

export interface BreakerLimits {
  /** Failures in a row that open it. */
  failures: number;
  /** Milliseconds until one probe may pass. */
  halfOpenAfterMs: number;
}

interface Breaker {
  policy: CircuitBreakerPolicy;
  openedAt: number;
  since: number;
  failures: number;
  why: string | null;
}

/** A probe is under way: by then its answer is usually known. */
const PROBE_WAIT_MS = 1_000;
/** Hosts of the web come and go; the ones that work are forgotten first. */
const MOST_SERVICES = 500;
const LONGEST_WHY = 200;

/** Carries what a call brought out of the policy, as the failure it is. */
class Judged extends Error {
  readonly word: Word;
  readonly settled: Settled<unknown>;
  constructor(word: Word, settled: Settled<unknown>) {
    super(word);
    this.word = word;
    this.settled = settled;
  }
}

export type Refusal = (service: string, failures: number, retryAfterMs: number) => Upstream;

const refuse: Refusal = (service, failures, retryAfterMs) =>
  new Upstream(`${service} failed ${failures} times in a row; it is left alone for a moment before the next try.`, {
    retryable: true,
    retryAfterMs,
  });

export function createBreakers(limits: BreakerLimits, refusal: Refusal = refuse): Breakers {
  const breakers = new Map<string, Breaker>();
  const listeners: ((state: BreakerState) => void)[] = [];

  function breakerOf(service: string): Breaker {
    const known = breakers.get(service);
    if (known !== undefined) return known;
    forgetOne(breakers);
    const policy: CircuitBreakerPolicy = circuitBreaker(
      handleWhen(
        (error) =>
          error instanceof Judged && (error.word === 'outage' || (error.word === 'nothing' && policy.state === CircuitState.HalfOpen)),
      ),
      { breaker: new ConsecutiveBreaker(limits.failures), halfOpenAfter: limits.halfOpenAfterMs },
    );
    const breaker: Breaker = { policy, openedAt: 0, since: 0, failures: 0, why: null };
    policy.onStateChange((state) => {
      if (state === CircuitState.Open) breaker.openedAt = Date.now();
      if (state === CircuitState.Open && breaker.since === 0) breaker.since = breaker.openedAt;
      if (state === CircuitState.Closed) Object.assign(breaker, { since: 0, failures: 0, why: null });
      for (const listener of listeners) listener(stateOf(service, breaker, limits));
    });
    breakers.set(service, breaker);
    return breaker;
  }

  return {
    async run(service, call, judge) {
      const breaker = breakerOf(service);
      const rest = restOf(breaker, limits);
      if (rest > 0) throw refusal(service, limits.failures, rest);
      try {
        return await breaker.policy.execute(async () => settle(breaker, call, judge));
      } catch (error) {
        if (!(error instanceof Judged)) throw error;
        const { settled } = error;
        if ('error' in settled) throw settled.error;
        return settled.value as Awaited<ReturnType<typeof call>>;
      }
    },
    restMs: (service) => restOf(breakers.get(service), limits),
    isFailing: (service) => (breakers.get(service)?.policy.state ?? CircuitState.Closed) !== CircuitState.Closed,
    onChange: (listener) => void listeners.push(listener),
  };
}

async function settle<T>(breaker: Breaker, call: () => Promise<T>, judge: (settled: Settled<T>) => Word): Promise<T> {
  const settled: Settled<T> = await call().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const word = judge(settled);
  if (word === 'outage') {
    breaker.failures += 1;
    breaker.why = whyOf(settled);
  }
  if (word === 'well') breaker.failures = 0;
  if (word !== 'well' || 'error' in settled) throw new Judged(word, settled);
  return settled.value;
}

function whyOf(settled: Settled<unknown>): string {
  const { reply, message, error } = ('error' in settled ? settled.error : settled.value) as Record<string, unknown>;
  return String(reply ?? error ?? message ?? 'it failed').slice(0, LONGEST_WHY);
}

/** Cockatiel would queue callers behind a probe, deaf to their abort signals; here they are told to come back. */
function restOf(breaker: Breaker | undefined, limits: BreakerLimits): number {
  const state = breaker?.policy.state ?? CircuitState.Closed;
  if (breaker === undefined || state === CircuitState.Closed) return 0;
  const left = breaker.openedAt + limits.halfOpenAfterMs - Date.now();
  if (state === CircuitState.Open) return Math.max(0, left);
  return PROBE_WAIT_MS;
}

function stateOf(service: string, breaker: Breaker, limits: BreakerLimits): BreakerState {
  const { state } = breaker.policy;
  const isClosed = state === CircuitState.Closed;
  return {
    service,
    state: isClosed ? 'closed' : state === CircuitState.HalfOpen ? 'half_open' : 'open',
    failures: breaker.failures,
    why: breaker.why,
    since: new Date(breaker.since === 0 ? Date.now() : breaker.since),
    nextTryAt: isClosed ? null : new Date(breaker.openedAt + limits.halfOpenAfterMs),
  };
}

function forgetOne(breakers: Map<string, Breaker>): void {
  if (breakers.size < MOST_SERVICES) return;
  for (const [service, { policy }] of breakers) {
    if (policy.state !== CircuitState.Closed) continue;
    breakers.delete(service);
    return;
  }
}
