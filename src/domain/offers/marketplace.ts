// The port to a place where offers are launched and paid for. Behind it: the practice market's HTTP client.
import type { Micros } from '../../core/money.ts';

export interface MarketOffer {
  id: string;
  name: string;
  category: string;
  channel: string;
  listPriceMicros: Micros;
  costPerVisitorMicros: Micros;
  capacityPerDay: number;
  running: boolean;
}

export interface MarketLaunch {
  id: string;
  offerId: string;
  budgetMicros: Micros;
  days: number;
  startedDay: number;
  receipt: string;
}

export interface MarketResults {
  id: string;
  offerId: string;
  status: 'running' | 'ended' | 'stopped';
  day: number;
  startedDay: number;
  spentMicros: Micros;
  returnedMicros: Micros;
  visitors: number;
  orders: number;
  grossMicros: Micros;
  feeMicros: Micros;
  refundedMicros: Micros;
  receipt: string;
  byDay: { day: number; visitors: number; orders: number; spentMicros: Micros; grossMicros: Micros }[];
}

export type MarketEffect =
  | { kind: 'launch'; id: string; receipt: string; response: MarketLaunch }
  | { kind: 'stop'; id: string; receipt: string; response: { id: string; returnedMicros: Micros; receipt: string } };

/** Every method throws Upstream; retryable means that a launch or stop may have happened: ask `effects`. */
export interface Marketplace {
  offers(signal: AbortSignal): Promise<{ day: number; offers: MarketOffer[] }>;
  launch(
    input: { offerId: string; budgetMicros: Micros; days: number; idempotencyKey: string },
    signal: AbortSignal,
  ): Promise<MarketLaunch>;
  results(launchId: string, signal: AbortSignal): Promise<MarketResults>;
  stop(
    input: { launchId: string; idempotencyKey: string },
    signal: AbortSignal,
  ): Promise<{ id: string; returnedMicros: Micros; receipt: string }>;
  effects(idempotencyKey: string, signal: AbortSignal): Promise<MarketEffect[]>;
}
