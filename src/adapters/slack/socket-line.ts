// One Socket Mode line to Slack that stays up. Asked to refresh, it opens the new connection before the old one ends; broken, it opens again.
// Bolt's own reconnection is off: it waits five seconds first, and where Slack is away it ends in an unhandled rejection.
import { setTimeout as sleep } from 'node:timers/promises';
import type { App, SocketModeReceiver } from '@slack/bolt';

export interface LineOptions {
  app: App;
  /** A fresh receiver; each connection gets its own. */
  open: () => SocketModeReceiver;
  random: () => number;
  onTrouble: (error: unknown) => void;
  /** It stands again after it could not be opened. */
  onUp: () => void;
}

const HELLO_MS = 15_000;
const LONGEST_PAUSE_MS = 30_000;
const FIRST_PAUSE_MS = 500;
/** A close that the other side does not answer is ended by us. */
const CLOSE_MS = 1_000;
/** How long a connection that Slack wants refreshed still takes what comes: longer than the ten seconds after which Slack ends it. Ended by us, a click under way to it would be lost. */
const GRACE_MS = 15_000;

export class SocketLine {
  readonly #options: LineOptions;
  readonly #stopping = new AbortController();
  /** Connections that stand; more than one only while one is replaced. */
  readonly #standing = new Set<SocketModeReceiver>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#standing.size > 0;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#standing].map(close));
    // A connection that is being opened closes itself when it is there; nobody waits for a far side that does not answer.
    await Promise.race([this.#running, sleep(2 * CLOSE_MS, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#connect(() => {
          if (failures > 0) this.#options.onUp();
          failures = 0;
        });
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.#options.onTrouble(error);
        failures += 1;
        const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, failures)) * (0.5 + this.#options.random() / 2);
        await waitFor(this.#stopping.signal, pause);
      }
    }
  }

  /** One connection, until it ended or another one is to follow. @throws when Slack refuses, or does not say hello. */
  async #connect(onHello: () => void): Promise<void> {
    const receiver = this.#options.open();
    receiver.init(this.#options.app);
    const over = new AbortController();
    receiver.client.once('disconnected', () => {
      this.#standing.delete(receiver);
      over.abort();
    });
    onRefresh(receiver, () => over.abort());
    await startReceiver(receiver);
    if (this.#stopping.signal.aborted) return close(receiver);
    this.#standing.add(receiver);
    onHello();
    for (const old of this.#standing) if (old !== receiver) void this.#retire(old);
    await waitFor(AbortSignal.any([this.#stopping.signal, over.signal]));
  }

  /** The old connection takes what still comes over it, then ends. */
  async #retire(old: SocketModeReceiver): Promise<void> {
    await waitFor(this.#stopping.signal, GRACE_MS);
    if (this.#standing.has(old)) await close(old);
  }
}

/** Until the signal, or the time is over. */
async function waitFor(signal: AbortSignal, ms?: number): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Slack's request to connect anew. The library would hang up on it at once; it gets to see everything else. */
function onRefresh({ client }: SocketModeReceiver, renew: () => void): void {
  const [library] = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (...message: unknown[]) => {
    if (isRefresh(message[0])) renew();
    else library?.(...message);
  });
}

/** A message that is no JSON is the library's to judge. */
function isRefresh(message: unknown): boolean {
  if (typeof message !== 'string' || !message.includes('disconnect')) return false;
  try {
    const { type, reason } = JSON.parse(message) as { type?: string; reason?: string };
    return type === 'disconnect' && (reason === 'refresh_requested' || reason === 'warning');
  } catch {
    return false;
  }
}

/** Resolves with Slack's hello. */
async function startReceiver(receiver: SocketModeReceiver): Promise<void> {
  const late = setTimeout(() => void close(receiver), HELLO_MS);
  try {
    await receiver.start();
  } catch (error) {
    // A connection that ended before hello rejects with nothing.
    throw error ?? new Error('the connection ended before Slack said hello');
  } finally {
    clearTimeout(late);
  }
}

async function close(receiver: SocketModeReceiver): Promise<void> {
  const { client } = receiver;
  const ended = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
  await receiver.stop();
  const isEnded = await Promise.race([ended.then(() => true), sleep(CLOSE_MS, false, { ref: false })]);
  // The second call ends a connection whose far side keeps silent.
  if (!isEnded) await receiver.stop();
}
