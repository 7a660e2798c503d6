// Who runs the market, and when its day ends. One process at a time holds a session advisory lock; the day is that process's timer.
import type pg from 'pg';
import { PatientClient } from '../../db/patient-client.ts';
import { pause } from './market-turn.ts';

export interface MarketLog {
  info(o: object, m: string): void;
  warn(o: object, m: string): void;
}

/** 'jugm' and 1: the two-number key space, apart from every one-number lock of the product. */
const LOCK = 'select pg_try_advisory_lock(1785948013, 1) as held';
const RETRY_MS = 1000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Keeps trying for the market's lock, once a second, and calls `whileHeld` each time it is got: with the lock's own connection and a signal
 * that fires when the lock is lost or `stop` is called. `whileHeld` calls `opened` once it serves and returns when all of its work has ended.
 * No connection error ends the process. `firstTry` resolves when the first attempt has been decided, either way.
 */
export function contendForMarket(options: {
  connection: pg.PoolConfig;
  log: MarketLog;
  whileHeld: (client: pg.Client, over: AbortSignal, opened: () => void) => Promise<void>;
}): { firstTry: Promise<void>; stop(): Promise<void> } {
  const stopping = new AbortController();
  const decided = Promise.withResolvers<void>();
  const contend = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await holdOnce(options, stopping.signal, decided.resolve).catch((error: unknown) => {
        options.log.warn({ err: error }, 'The practice market is interrupted; trying again in a second');
      });
      decided.resolve();
      await pause(RETRY_MS, stopping.signal);
    }
  };
  const ended = contend();
  return {
    firstTry: decided.promise,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

/** One connection's life: waits for the lock, holds it, lets go. @throws whatever ended it early */
async function holdOnce(options: Parameters<typeof contendForMarket>[0], stopping: AbortSignal, decided: () => void): Promise<void> {
  const client = new PatientClient({ connectionTimeoutMillis: 5000, keepAlive: true, ...options.connection });
  const lost = new AbortController();
  let failure: Error | null = null;
  client.on('error', (error) => {
    failure = error;
    lost.abort();
  });
  client.on('end', () => lost.abort());
  const over = AbortSignal.any([stopping, lost.signal]);
  try {
    await client.connect();
    while (!over.aborted) {
      const { rows } = await client.query<{ held: boolean }>(LOCK);
      if (rows[0]?.held === true) return await options.whileHeld(client, over, decided);
      decided();
      await pause(RETRY_MS, over);
    }
    if (failure !== null) throw failure;
  } finally {
    // A server that has gone does not answer a goodbye.
    await Promise.race([client.end().catch(() => undefined), pause(RETRY_MS, new AbortController().signal)]);
  }
}

/**
 * Ends a day every `dayMs` while it runs; 0 means only when told. The time that has passed of the first day is `fraction` (0 to 1).
 * A day that cannot be ended now is tried again after a second; days missed are not made up: the market's time stood still.
 */
export function startDayTimer(options: { dayMs: number; fraction: number; endDay: () => Promise<unknown>; log: MarketLog }): {
  /** Begins the day anew, for a day ended by hand. */
  restart(): void;
  /** Stops the timer and says how much of the day has passed, 0 to 1. */
  stop(): number;
} {
  const { dayMs } = options;
  let startedAt = performance.now() - options.fraction * dayMs;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const schedule = (inMs: number): void => {
    clearTimeout(timer);
    if (dayMs > 0 && !stopped) timer = setTimeout(() => void tick(), Math.min(Math.max(0, inMs), MAX_TIMER_MS));
  };
  const tick = async (): Promise<void> => {
    const due = startedAt + dayMs;
    try {
      await options.endDay();
      // From when it was due, so that days keep their length; from now after a stall.
      startedAt = performance.now() - due < dayMs ? due : performance.now();
      schedule(startedAt + dayMs - performance.now());
    } catch (error) {
      if (stopped) return;
      options.log.warn({ err: error }, 'The market day could not be ended; trying again in a second');
      schedule(RETRY_MS);
    }
  };
  schedule(dayMs * (1 - options.fraction));
  return {
    restart: () => {
      startedAt = performance.now();
      schedule(dayMs);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return dayMs > 0 ? Math.min(1, Math.max(0, (performance.now() - startedAt) / dayMs)) : 0;
    },
  };
}
