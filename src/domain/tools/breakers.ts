// The port to circuit breakers: one per model and per outside service. A service that is down is asked once per pause instead of by everybody.
import type { ServiceState } from '../../db/tables/decision-tables.ts';

export interface BreakerState {
  service: string;
  state: ServiceState;
  /** In a row, so far. */
  failures: number;
  why: string | null;
  since: Date;
  /** When the next call may try it; null while it is closed. */
  nextTryAt: Date | null;
}

/** What one call says about its service: it is there, it is not, or nothing (it was stopped, or what was asked was wrong). */
export type Word = 'well' | 'outage' | 'nothing';
export type Settled<T> = { value: T } | { error: unknown };

export interface Breakers {
  /** @throws Upstream, retryable and never sent, while the service is left alone; otherwise what `call` throws */
  run<T>(service: string, call: () => Promise<T>, judge: (settled: Settled<T>) => Word): Promise<T>;
  /** Milliseconds until a call may try it; 0 = now. */
  restMs(service: string): number;
  /** The last calls said that it is not there, whether or not the next may try. */
  isFailing(service: string): boolean;
  /** Told of every change. */
  onChange(listener: (state: BreakerState) => void): void;
}
