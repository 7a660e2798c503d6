// One circuit breaker per model. Only outages count: a refused key, a rate limit or a stopped task says nothing about the provider's health.
import { Upstream } from '../core/errors.ts';
import { type CallFailureKind, ModelCallFailure } from '../domain/brain/call-failure.ts';
import type { BreakerState, Settled, Word } from '../domain/tools/breakers.ts';
import { type BreakerLimits, createBreakers } from './breakers.ts';

export interface ModelBreakers {
  /** @throws Upstream, retryable and never sent, while the model's breaker is open; otherwise what `call` throws. */
  run<T>(model: string, call: () => Promise<T>): Promise<T>;
  /** The last word on this model was an outage or a refusal of our key or its name. */
  isFailing(model: string): boolean;
  /** It is failing and not even tried just now; behind a primary that works, nobody would notice that it is well again. */
  isResting(model: string): boolean;
  onChange(listener: (state: BreakerState) => void): void;
}

const OUTAGES: ReadonlySet<CallFailureKind> = new Set(['connect', 'network', 'timeout', 'server', 'garbled']);

export function createModelBreakers(limits: BreakerLimits): ModelBreakers {
  const rejected = new Set<string>();
  const breakers = createBreakers(
    limits,
    (model, failures, retryAfterMs) =>
      new Upstream(`The model ${model} failed ${failures} times in a row; it is left alone for a moment before the next try.`, {
        retryable: true,
        retryAfterMs,
        cause: new ModelCallFailure('circuit breaker is open', { kind: 'breaker_open', sent: false, mayCost: false }),
      }),
  );
  return {
    async run(model, call) {
      const reply = await breakers.run(model, call, (settled) => {
        if ('error' in settled && isAccountRefusal(settled.error)) rejected.add(model);
        else rejected.delete(model);
        return wordOf(settled);
      });
      return reply;
    },
    isFailing: (model) => rejected.has(model) || breakers.isFailing(model),
    isResting: (model) => rejected.has(model) || breakers.restMs(model) > 0,
    onChange: (listener) => breakers.onChange((state) => listener({ ...state, service: `model ${state.service}` })),
  };
}

function wordOf(settled: Settled<unknown>): Word {
  if ('value' in settled) return 'well';
  const { error } = settled;
  if (!(error instanceof Upstream) || !(error.cause instanceof ModelCallFailure)) return 'nothing';
  if (OUTAGES.has(error.cause.kind)) return 'outage';
  // Refused or slowed down: somebody was there to say so.
  return error.cause.kind === 'stopped' ? 'nothing' : 'well';
}

function isAccountRefusal(error: unknown): boolean {
  if (!(error instanceof Upstream) || !(error.cause instanceof ModelCallFailure)) return false;
  const { status } = error.cause;
  return status === 401 || status === 402 || status === 403 || status === 404;
}
