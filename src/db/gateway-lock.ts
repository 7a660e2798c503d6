// At most one process holds a platform's gateway: a session lock on a connection of its own. Who stops in order hands it over first and
// goes on listening until the next one does; when the holder dies, the database lets the lock go with its connection.
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { PatientClient } from './patient-client.ts';

/** First half of the lock's key; the second is the platform. */
const GATEWAY_LOCK = 7703;
const DISCORD = 1;
const CHANNEL = 'jug_gateway';
const NAME = 'juggernaut gateway';
/** How often others ask, and how often the holder makes sure it still is one; an orderly end wakes the others at once. */
const ASK_MS = 2_000;
const RETRY_MS = 1_000;
/** A connection that does not answer for so long is taken for dead. */
const QUERY_MS = 3_000;
/** How long a holder that stops goes on listening for the next one's word that it does. */
const HAND_OVER_MS = 2_000;

export interface GatewayLockOptions {
  connection: pg.ClientConfig;
  /** Runs while the lock is held; it ends when `lost` is raised, and calls `onReady` once it does its work. */
  whileHeld: (lost: AbortSignal, onReady: () => void) => Promise<void>;
  onTrouble: (error: unknown) => void;
}

export interface GatewayLock {
  /** `asking` until the database has answered, and whenever it is away. */
  state(): 'asking' | 'held' | 'elsewhere';
  /** Hands the lock over, waits for the next holder if there is one, ends the work. */
  stop(): Promise<void>;
}

/** Begins to ask for the lock at once. For moments two may listen (a handover, a split network), so events are counted once all the same. */
export function startGatewayLock({ connection, whileHeld, onTrouble }: GatewayLockOptions): GatewayLock {
  const stopping = new AbortController();
  let state: ReturnType<GatewayLock['state']> = 'asking';

  async function hold(line: Line): Promise<void> {
    const lost = new AbortController();
    const ended = new AbortController();
    state = 'held';
    const work = whileHeld(lost.signal, () => line.tell('ready').catch(onTrouble)).finally(() => ended.abort());
    try {
      while (!stopping.signal.aborted && !ended.signal.aborted) {
        await line.wait(ASK_MS, AbortSignal.any([stopping.signal, ended.signal]));
        await line.check();
      }
      await line.handOver();
    } finally {
      lost.abort();
      await work;
    }
  }

  async function ask(): Promise<void> {
    const line = await openLine(connection, onTrouble);
    try {
      while (!stopping.signal.aborted) {
        if (await line.take()) await hold(line);
        else {
          state = 'elsewhere';
          await line.wait(ASK_MS, stopping.signal);
        }
      }
    } finally {
      state = 'asking';
      await line.close();
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await ask().catch(onTrouble);
      await sleep(RETRY_MS, null, { signal: stopping.signal }).catch(() => null);
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

type Line = Awaited<ReturnType<typeof openLine>>;

/** The connection the lock lives on, and what the processes tell each other over it. */
async function openLine(connection: pg.ClientConfig, onTrouble: (error: unknown) => void) {
  const client = new PatientClient({ ...connection, application_name: NAME, keepAlive: true, query_timeout: QUERY_MS });
  let wake: ((word: string) => void) | null = null;
  client.on('error', onTrouble);
  client.on('end', () => wake?.('end'));
  client.on('notification', ({ channel, payload, processId }) => {
    if (channel === CHANNEL && processId !== (client as unknown as { processID: number }).processID) wake?.(payload ?? '');
  });
  await client.connect();

  /** Until one of these words (any, when none is named), the connection's end, the time or the signal. */
  async function wait(ms: number, ending: AbortSignal, word?: string): Promise<void> {
    const woken = new AbortController();
    wake = (said) => {
      if (word === undefined || said === word || said === 'end') woken.abort();
    };
    await sleep(ms, null, { signal: AbortSignal.any([ending, woken.signal]) }).catch(() => null);
    wake = null;
  }

  async function read<Value>(text: string): Promise<Value | undefined> {
    const { rows } = await client.query<{ value: Value }>(text);
    return rows[0]?.value;
  }

  const tell = async (word: 'free' | 'ready'): Promise<void> => {
    await client.query(`notify ${CHANNEL}, '${word}'`);
  };

  // A holder whose machine vanished is given up within seconds; on a Unix socket these mean nothing.
  await client.query(`set tcp_keepalives_idle = 2; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 2; listen ${CHANNEL}`);
  return {
    wait,
    tell,
    take: async () => (await read<boolean>(`select pg_try_advisory_lock(${GATEWAY_LOCK}, ${DISCORD}) as value`)) === true,
    /** @throws when the connection, and with it the lock, is gone. */
    check: () => read(`select true as value`),
    handOver: async () => {
      const others = await read<number>(
        `with freed as materialized (select pg_advisory_unlock(${GATEWAY_LOCK}, ${DISCORD}))
         select count(*)::int as value from pg_stat_activity, freed where application_name = '${NAME}' and datname = current_database() and pid <> pg_backend_pid()`,
      );
      const answered = others ? wait(HAND_OVER_MS, new AbortController().signal, 'ready') : null;
      await tell('free');
      await answered;
    },
    close: () => client.end().catch(onTrouble),
  };
}
