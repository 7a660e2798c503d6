// Connections that wait for a server that is away: after a failed try nobody in this process knocks for a second, then one does, for all.
// What begins while PostgreSQL restarts is held up by that much instead of failing, and a server that is coming up is not hammered.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const PAUSE_MS = 1000;

/** One server as this process sees it: there, or to be tried by one at a time. */
class Door {
  #isAway = false;
  #failedAt = Number.NEGATIVE_INFINITY;
  #knocking: Promise<unknown> | null = null;

  /** A connection that stood was lost: perhaps the server went, so the next one to try goes alone, at once. */
  suspect(): void {
    this.#isAway = true;
  }

  /** @throws what `knock` throws; others that wait meanwhile go on waiting, until `hasGivenUp` */
  async pass(knock: () => Promise<unknown>, hasGivenUp: () => boolean): Promise<void> {
    while (this.#isAway) {
      if (hasGivenUp()) throw new Error('timeout exceeded when trying to connect');
      if (this.#knocking === null) return this.#knockFirst(knock);
      await this.#knocking;
    }
    await this.#note(knock());
  }

  async #knockFirst(knock: () => Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#knocking = promise;
    try {
      // Not unref'd: whoever knocks is work that the process has.
      await sleep(Math.max(0, this.#failedAt + PAUSE_MS - performance.now()));
      await this.#note(knock());
    } finally {
      this.#knocking = null;
      resolve();
    }
  }

  async #note(knocked: Promise<unknown>): Promise<void> {
    try {
      await knocked;
      this.#isAway = false;
    } catch (error) {
      // A refused password or a missing database is an answer: the server is there.
      if (!(error instanceof pg.DatabaseError) || /^(57P|53)/.test(error.code ?? '')) {
        this.#isAway = true;
        this.#failedAt = performance.now();
      }
      throw error;
    }
  }
}

const doors = new Map<string, Door>();

function doorTo(host: string, port: number): Door {
  const key = `${host}:${port}`;
  const door = doors.get(key) ?? new Door();
  doors.set(key, door);
  return door;
}

/** A pg client whose `connect` waits its turn while the server is away; otherwise the same. */
export class PatientClient extends pg.Client {
  readonly #door: Door;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.#door = doorTo(this.host, this.port);
    this.on('error', () => this.#door.suspect());
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: ((error: Error) => void) | ((error: null, client: pg.Client) => void)): void;
  override connect(callback?: (error: never, client: pg.Client) => void): Promise<pg.Client> | undefined {
    const connected = this.#door.pass(
      () => super.connect(),
      () => this.#isDestroyed(),
    );
    if (callback === undefined) return connected.then(() => this);
    connected.then(
      () => callback(null as never, this),
      (error: Error) => callback(error as never, this),
    );
    return undefined;
  }

  /** The pool's way to give up on a client: it destroys its socket, which need not be connected yet. */
  #isDestroyed(): boolean {
    const { connection } = this as unknown as { connection: { stream: { destroyed: boolean } } };
    return connection.stream.destroyed;
  }
}
