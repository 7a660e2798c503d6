// How Slack's double sends what people do: over a socket or as signed HTTP, with Slack's retries for events.
// Commands, clicks and views are sent once; a person who gets no acknowledgement in three seconds sees an error.
import { createHmac } from 'node:crypto';
import type { Fields, World } from './slack-double-model.ts';
import type { Attempt, Envelope, Retry, SocketDoor } from './slack-double-socket.ts';

/** Ways to get an HTTP delivery wrong on purpose. */
export interface Wire {
  /** Signs with another secret. */
  forge?: boolean;
  /** Leaves the signature out. */
  unsigned?: boolean;
  /** Seconds added to the timestamp that is sent and signed. */
  timestampOffset?: number;
  /** Sent instead of the body, under the real body's signature. */
  rawBody?: string;
}

/** What the person at the other end gets to see. */
export interface Shown extends Attempt {
  attempts: number;
  /** Until the first acknowledgement, or until nothing more was tried. */
  ms: number;
  payload: Fields;
}

export interface Delivery {
  send(envelope: Envelope, wire?: Wire): Promise<Shown>;
  /** One delivery without a retry, like a duplicate. */
  sendOnce(envelope: Envelope, wire?: Wire, retry?: Retry | null): Promise<Attempt>;
  deliverTo(url: string, signingSecret: string): void;
  /** Whether anybody listens. */
  isOpen(): boolean;
  /** Gives up what is still to be tried again. */
  cancel(): void;
}

function encode(envelope: Envelope): { type: string; body: string } {
  if (envelope.kind === 'events_api') return { type: 'application/json', body: JSON.stringify(envelope.payload) };
  const form =
    envelope.kind === 'slash_commands'
      ? Object.fromEntries(Object.entries(envelope.payload).map(([name, value]) => [name, String(value)]))
      : { payload: JSON.stringify(envelope.payload) };
  return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(form).toString() };
}

function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}

async function post(
  target: { url: string; secret: string },
  options: { envelope: Envelope; retry: Retry | null; wire: Wire; timeoutMs: number },
): Promise<Attempt> {
  const { envelope, retry, wire } = options;
  const { type, body } = encode(envelope);
  const timestamp = Math.floor(Date.now() / 1000) + (wire.timestampOffset ?? 0);
  const secret = wire.forge === true ? `${target.secret}-of-somebody-else` : target.secret;
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  const headers = {
    'content-type': type,
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    'x-slack-request-timestamp': String(timestamp),
    ...(wire.unsigned === true ? {} : { 'x-slack-signature': signature }),
    ...(retry === null ? {} : { 'x-slack-retry-num': String(retry.num), 'x-slack-retry-reason': retry.reason }),
  };
  try {
    const signal = AbortSignal.timeout(options.timeoutMs);
    const response = await fetch(target.url, { method: 'POST', headers, body: wire.rawBody ?? body, signal, redirect: 'manual' });
    const answer = parse(await response.text());
    return { outcome: response.ok ? 'ack' : 'refused', status: response.status, body: answer };
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { outcome: isLate ? 'timeout' : 'unreachable', status: null, body: null };
  }
}

const REASONS = { ack: '', timeout: 'http_timeout', refused: 'http_error', unreachable: 'connection_failed' };

export function createDelivery(
  world: World,
  door: SocketDoor,
  options: { ackTimeoutMs: number; retryDelaysMs: readonly number[] },
): Delivery {
  let target: { url: string; secret: string } | null = null;
  const sleepers = new Set<() => void>();
  let cancelled = 0;

  const sendOnce = (envelope: Envelope, wire: Wire = {}, retry: Retry | null = null): Promise<Attempt> =>
    target === null ? door.send(envelope, retry) : post(target, { envelope, retry, wire, timeoutMs: options.ackTimeoutMs });

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      sleepers.add(wake);
    });
  }

  async function send(envelope: Envelope, wire: Wire = {}): Promise<Shown> {
    const started = world.now();
    const delays = envelope.kind === 'events_api' ? options.retryDelaysMs : [];
    const generation = cancelled;
    let attempt = await sendOnce(envelope, wire);
    let attempts = 1;
    for (const delay of delays) {
      if (attempt.outcome === 'ack') break;
      await sleep(delay);
      if (generation !== cancelled) break;
      attempt = await sendOnce(envelope, wire, { num: attempts, reason: REASONS[attempt.outcome] });
      attempts += 1;
    }
    return { ...attempt, attempts, ms: world.now() - started, payload: envelope.payload };
  }

  return {
    send,
    sendOnce,
    deliverTo(url, secret) {
      target = { url, secret };
    },
    isOpen: () => target !== null || door.count() > 0,
    cancel() {
      cancelled += 1;
      for (const wake of [...sleepers]) wake();
    },
  };
}
