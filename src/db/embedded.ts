// The default database: starts or joins the data directory's PostgreSQL, stays present in it, and as the last to leave stops it.
// Presence is a shared session lock in the server: it ends with the process, however that ends.
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Place, PORT, preparePlace } from './embedded-files.ts';
import { DATABASE, joinServer, PRESENCE_LOCK, setKeepsAlive } from './embedded-join.ts';
import { stopServer } from './embedded-server.ts';
import { ADMIN_ROLE, BOT_ROLE, MARKET_ROLE } from './roles.ts';

export interface EmbeddedPostgres {
  socketDir: string;
  port: number;
  database: string;
  user: string;
  marketUser: string;
  adminUser: string;
  /** Where things were put when not in the data directory; only from the start that put them there. */
  notice: string | null;
  /** Stops being present; the last one stops the server, so close your pools first. Never rejects. */
  leave(): Promise<void>;
}

const REJOIN_PAUSE_MS = 1000;

/** The connection that stands for this process, joined again (≤ 1 try/s) whenever the server goes away under it. */
class Presence {
  readonly #place: Place;
  readonly #log: (message: string) => void;
  readonly #leaving = new AbortController();
  #client: pg.Client;
  #rejoining: Promise<void> = Promise.resolve();

  constructor(place: Place, client: pg.Client, log: (message: string) => void) {
    this.#place = place;
    this.#log = log;
    this.#client = client;
    this.#watch();
  }

  #watch(): void {
    this.#client.once('end', () => {
      if (!this.#leaving.signal.aborted) this.#rejoining = this.#rejoin();
    });
  }

  async #rejoin(): Promise<void> {
    this.#log('The embedded PostgreSQL went away; starting or joining it again.');
    while (!this.#leaving.signal.aborted) {
      try {
        await sleep(REJOIN_PAUSE_MS, undefined, { signal: this.#leaving.signal, ref: false });
        this.#client = await joinServer(this.#place);
        this.#watch();
        this.#log('The embedded PostgreSQL is back.');
        return;
      } catch (error) {
        if (!this.#leaving.signal.aborted) this.#log((error as Error).message);
      }
    }
  }

  async leave(): Promise<void> {
    if (this.#leaving.signal.aborted) return;
    this.#leaving.abort();
    await this.#rejoining;
    const client = this.#client;
    setKeepsAlive(client, true);
    try {
      const { rows } = await client.query<{ last: boolean }>('select pg_advisory_unlock_shared($1), pg_try_advisory_lock($1) as last', [
        PRESENCE_LOCK,
      ]);
      if (rows[0]?.last && !(await stopServer(this.#place)))
        this.#log(`The embedded PostgreSQL is taking long to stop: see ${this.#place.home}/log.`);
    } catch {
      // The connection is gone, and our presence with it: whoever is left stops the server.
    }
    await client.end().catch(() => {});
  }
}

/**
 * Starts or joins the data directory's server. Many processes may do so at the same moment.
 * @throws Error within 90 s, with a sentence that says what to do
 */
export async function openEmbedded(options: {
  dataDir: string;
  log: (message: string) => void;
  binaries?: string;
}): Promise<EmbeddedPostgres> {
  const place = await preparePlace(options.dataDir, options.binaries);
  const presence = new Presence(place, await joinServer(place), options.log);
  return {
    socketDir: place.socketDir,
    port: PORT,
    database: DATABASE,
    user: BOT_ROLE,
    marketUser: MARKET_ROLE,
    adminUser: ADMIN_ROLE,
    notice: place.notice,
    leave: () => presence.leave(),
  };
}
