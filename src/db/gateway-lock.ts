// At most one process holds a platform's gateway: a session lock on a connection of its own. When the holder dies, the database lets the
// lock go with its connection, and the next process that asks has it.
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from './database.ts';

/** First half of the lock's key; the second is the platform. */
const GATEWAY_LOCK = 7703;
const DISCORD = 1;
/** How often others ask, and how often the holder makes sure it still is one. */
const ASK_MS = 1_500;

export interface GatewayLockOptions {
  db: Database;
  /** Runs while the lock is held; it ends when `lost` is raised, and only then does the next one begin. */
  whileHeld: (lost: AbortSignal) => Promise<void>;
  onTrouble: (error: unknown) => void;
}

export interface GatewayLock {
  /** `asking` until the database has answered for the first time. */
  state(): 'asking' | 'held' | 'elsewhere';
  /** Ends the work, gives the lock back. */
  stop(): Promise<void>;
}

/** Begins to ask for the lock at once. Short moments with two holders are possible when a network splits, so events are still counted once. */
export function startGatewayLock({ db, whileHeld, onTrouble }: GatewayLockOptions): GatewayLock {
  const stopping = new AbortController();
  let state: ReturnType<GatewayLock['state']> = 'asking';

  const pause = (): Promise<unknown> => sleep(ASK_MS, null, { signal: stopping.signal }).catch(() => null);

  /** Until somebody stops us or the connection is gone. */
  async function watch(connection: Database, lost: AbortController): Promise<void> {
    try {
      while (!stopping.signal.aborted && !lost.signal.aborted) {
        await pause();
        await sql`select 1`.execute(connection);
      }
    } finally {
      lost.abort();
    }
  }

  async function hold(connection: Database): Promise<void> {
    const lost = new AbortController();
    state = 'held';
    try {
      const work = whileHeld(lost.signal).finally(() => lost.abort());
      const [watched, worked] = await Promise.allSettled([watch(connection, lost), work]);
      for (const end of [watched, worked]) if (end.status === 'rejected') throw end.reason;
    } finally {
      state = 'elsewhere';
      await sql`select pg_advisory_unlock(${sql.lit(GATEWAY_LOCK)}, ${sql.lit(DISCORD)})`.execute(connection);
    }
  }

  async function ask(): Promise<void> {
    await db.connection().execute(async (connection) => {
      const { rows } = await sql<{
        got: boolean;
      }>`select pg_try_advisory_lock(${sql.lit(GATEWAY_LOCK)}, ${sql.lit(DISCORD)}) as got`.execute(connection);
      if (rows[0]?.got !== true) {
        state = 'elsewhere';
        return;
      }
      // A holder whose machine vanished is given up within seconds; on a Unix socket these mean nothing.
      await sql`set tcp_keepalives_idle = 2; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 2`.execute(connection);
      await hold(connection);
    });
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await ask().catch(onTrouble);
      await pause();
    }
  }

  const running = run();
  return {
    state: () => state,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
