// One connection that stands for this process: it holds the session lock that says "alive" and hears what other processes tell.
import type pg from 'pg';
import type { Json } from '../core/canonical-json.ts';
import { PatientClient } from './patient-client.ts';

/** First half of every process's lock key; the second is the process's id. */
export const PRESENCE_LOCK = 7702;
const RETRY_MS = 1000;

export type Signal = 'jug_message' | 'jug_due' | 'jug_control' | 'jug_audit' | 'jug_ready';
const SIGNALS: readonly Signal[] = ['jug_message', 'jug_due', 'jug_control', 'jug_audit', 'jug_ready'];

export interface PresenceOptions {
  connection: pg.PoolConfig;
  processId: number;
  onSignal: (signal: Signal) => void;
  /** After the connection broke and stands again: everything may have been missed meanwhile. */
  onReturn: () => void;
  onTrouble: (error: Json) => void;
}

export interface Presence {
  connected(): boolean;
  stop(): Promise<void>;
}

/** Takes the lock and listens; reconnects by itself, at most once a second. @throws when the first connection fails. */
export async function startPresence(options: PresenceOptions): Promise<Presence> {
  let client: pg.Client | null = null;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;

  const connect = async (): Promise<void> => {
    const fresh = new PatientClient({ ...options.connection, application_name: 'juggernaut presence', keepAlive: true });
    fresh.on('error', (error) => options.onTrouble(error.message));
    fresh.on('end', () => {
      if (client === fresh) client = null;
      if (!stopped && timer === null) timer = setTimeout(reconnect, RETRY_MS);
    });
    fresh.on('notification', (message) => {
      const signal = SIGNALS.find((name) => name === message.channel);
      if (signal !== undefined) options.onSignal(signal);
    });
    await fresh.connect();
    await fresh.query(
      `select pg_advisory_lock(${PRESENCE_LOCK}, ${options.processId}); ${SIGNALS.map((name) => `listen ${name}`).join('; ')}`,
    );
    client = fresh;
  };

  function reconnect(): void {
    timer = null;
    if (stopped) return;
    connect().then(options.onReturn, (error: unknown) => {
      options.onTrouble(String(error));
      if (!stopped && timer === null) timer = setTimeout(reconnect, RETRY_MS);
    });
  }

  await connect();
  return {
    connected: () => client !== null,
    stop: async () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      const open = client;
      client = null;
      await open?.end().catch((error: unknown) => options.onTrouble(String(error)));
    },
  };
}
