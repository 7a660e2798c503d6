// The practice market: a far side of its own behind loopback HTTP, run by one process at a time, heard only through signed webhooks.
import pg from 'pg';
import { keepAlive } from '../../db/database.ts';
import { PatientClient } from '../../db/patient-client.ts';
import { contendForMarket, type MarketLog, startDayTimer } from './market-clock.ts';
import { endMarketDay } from './market-day.ts';
import type { World } from './market-day-plan.ts';
import { openDesk } from './market-desk.ts';
import { generateOffers } from './market-model.ts';
import { prepareSchema } from './market-schema.ts';
import { startMarketServer } from './market-server.ts';
import { beginTerm, type MarketClock, saveDayFraction } from './market-store.ts';
import { pause, takeTurns } from './market-turn.ts';
import { startDeliveries } from './market-webhooks.ts';

export interface PracticeMarketOptions {
  /** The market's own role; its schema is `market`. */
  connection: pg.PoolConfig;
  seed: number;
  /** Seconds of a market day; 0 = days end only by `endDay`. */
  daySeconds: number;
  webhookUrl: string;
  webhookSecret: string;
  apiKey: string;
  log: MarketLog;
  /** Called with http://127.0.0.1:PORT each time this process becomes the one that runs the market; its clock moves only afterwards. */
  onRunning: (url: string) => Promise<void>;
}

export interface PracticeMarket {
  /** Saves how much of the day has passed and lets another process take over. */
  stop(): Promise<void>;
  /** Null while another process runs the market. */
  url(): string | null;
  /** Ends the day now and returns the number of the day that ended. @throws Error when another process runs the market */
  endDay(): Promise<number>;
}

/** The market's bigints are whole micro-dollars well below 2^53, so they come as numbers (20 is the type id of bigint). */
const MICROS_AS_NUMBERS: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format: 'text') =>
    id === 20 ? Number : pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser,
};

interface Term {
  url: string;
  endDay(): Promise<number>;
  /** Ends the day's timer, the server and the deliveries. `orderly` also saves the time of day. */
  close(orderly: boolean): Promise<void>;
}

/** Resolves when it is settled whether this process runs the market or stands by; standing by, it takes over within about a second. */
export async function startPracticeMarket(options: PracticeMarketOptions): Promise<PracticeMarket> {
  let term: Term | null = null;
  let stopping = false;
  const connection: pg.PoolConfig = { ...options.connection, types: MICROS_AS_NUMBERS };
  const contention = contendForMarket({
    connection,
    log: options.log,
    whileHeld: async (client, over, opened) => {
      const mine = await openTerm({ ...options, connection }, client);
      term = mine;
      opened();
      if (!over.aborted) await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
      term = null;
      await mine.close(stopping);
    },
  });
  await contention.firstTry;
  return {
    stop: () => {
      stopping = true;
      return contention.stop();
    },
    url: () => term?.url ?? null,
    endDay: async () => {
      if (term === null) throw new Error('another process runs the practice market');
      return term.endDay();
    },
  };
}

/** Everything one term needs, on the lock's connection and a pool of two. */
async function openTerm(options: PracticeMarketOptions, client: pg.Client): Promise<Term> {
  await prepareSchema(client);
  const clock = await beginTerm(client, options.seed);
  if (clock.seed !== options.seed) {
    options.log.warn({ seed: clock.seed, configured: options.seed }, 'This market keeps the seed it was begun with');
  }
  const pool = marketPool(options);
  try {
    return await openDoors(options, clock, pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
}

async function openDoors(options: PracticeMarketOptions, clock: MarketClock, pool: pg.Pool): Promise<Term> {
  const { log, daySeconds } = options;
  const world: World = {
    marketId: clock.marketId,
    seed: clock.seed,
    offers: generateOffers(clock.seed),
    term: clock.term,
    holdMs: daySeconds === 0 ? 200 : Math.min(daySeconds * 300, 3000),
  };
  const inTurn = takeTurns();
  const deliveries = startDeliveries({ pool, url: options.webhookUrl, secret: options.webhookSecret, log });
  const desk = openDesk({ pool, world, inTurn, onMessages: deliveries.wake });
  const server = await startMarketServer({ pool, world, desk, apiKey: options.apiKey, daySeconds, log });
  let { day } = clock;
  const endDay = (): Promise<number> =>
    inTurn(async () => {
      const ended = day;
      day = await endMarketDay(pool, world, ended);
      deliveries.wake();
      return ended;
    });
  try {
    await options.onRunning(server.url);
  } catch (error) {
    await Promise.all([server.stop(), deliveries.stop()]);
    throw error;
  }
  log.info({ url: server.url, day, seed: world.seed, term: world.term }, 'The practice market is open');
  const timer = startDayTimer({ dayMs: daySeconds * 1000, fraction: clock.dayFraction, endDay, log });
  return {
    url: server.url,
    endDay: async () => {
      const ended = await endDay();
      timer.restart();
      return ended;
    },
    close: async (orderly) => {
      const fraction = timer.stop();
      await Promise.all([server.stop(), deliveries.stop()]);
      if (orderly)
        await inTurn(() => saveDayFraction(pool, world.term, fraction)).catch((error: unknown) =>
          log.warn({ err: error }, 'Time of day not saved'),
        );
      // A connection that hangs must not keep this process from trying again.
      await Promise.race([pool.end().catch(() => undefined), pause(2000, new AbortController().signal)]);
    },
  };
}

/** Two connections beside the lock's. */
function marketPool(options: PracticeMarketOptions): pg.Pool {
  const pool = new pg.Pool({ Client: PatientClient, connectionTimeoutMillis: 5000, ...options.connection, max: 2 });
  return keepAlive(pool, (error) => options.log.warn({ err: error }, 'The practice market lost a connection'));
}
