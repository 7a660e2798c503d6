// What tests of the practice market share: a place its webhooks arrive at, the market in this process or in a child, and its own rows.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import pg from 'pg';
import Stripe from 'stripe';
import { type PracticeMarket, startPracticeMarket } from '../../src/adapters/practice/market.ts';

const WEBHOOK_SECRET = 'whsec_of_the_practice_market';
export const API_KEY = 'practice-key';

// biome-ignore lint/suspicious/noExplicitAny: the events' objects differ by type and are picked apart by the tests
export type ReceivedEvent = { id: string; type: string; livemode: boolean; data: { object: any } };

export interface WebhookSink {
  url: string;
  /** Verified events in the order they came, duplicates included. */
  events: ReceivedEvent[];
  /** Requests whose signature did not verify. */
  refused: number;
  /** Answers given before an event counts as taken. */
  answer: (event: ReceivedEvent) => number;
  close(): Promise<void>;
}

/** Verifies like the product does, with Stripe's own library; `answer` decides the status, and only 2xx are recorded. */
export async function openWebhookSink(): Promise<WebhookSink> {
  const { webhooks } = new Stripe('sk_test_unused');
  const sink: WebhookSink = { url: '', events: [], refused: 0, answer: () => 200, close: async () => {} };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    let status = 400;
    try {
      const signature = String(request.headers['stripe-signature']);
      const event = webhooks.constructEvent(Buffer.concat(chunks), signature, WEBHOOK_SECRET) as unknown as ReceivedEvent;
      status = sink.answer(event);
      if (status < 300) sink.events.push(event);
    } catch {
      sink.refused += 1;
    }
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  sink.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  sink.close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return sink;
}

export interface MarketSettings {
  connection: pg.PoolConfig;
  webhookUrl: string;
  seed?: number;
  daySeconds?: number;
}

/** The market in this process, by default with a stepped clock. */
export function startTestMarket(settings: MarketSettings): Promise<PracticeMarket> {
  const quiet = { info: () => {}, warn: () => {} };
  return startPracticeMarket({ ...fill(settings), log: quiet, onRunning: async () => {} });
}

export interface MarketProcess {
  child: ChildProcess;
  /** Resolves when it runs the market. */
  running: Promise<string>;
  /** Resolves when it is settled whether it runs the market or stands by. */
  settled: Promise<void>;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
}

export function spawnMarket(settings: MarketSettings): MarketProcess {
  const script = new URL('./practice-market-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, JSON.stringify(fill(settings))], { stdio: ['ignore', 'pipe', 'inherit'] });
  const running = Promise.withResolvers<string>();
  const settled = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => (line === 'settled' ? settled.resolve() : running.resolve(line)));
  const exited = once(child, 'exit');
  return {
    child,
    running: running.promise,
    settled: settled.promise,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function fill(settings: MarketSettings) {
  return { seed: 1, daySeconds: 0, webhookSecret: WEBHOOK_SECRET, apiKey: API_KEY, ...settings };
}

/** One request to the market's API. */
export async function ask(url: string, path: string, options: { body?: unknown; key?: string; apiKey?: string } = {}) {
  const headers = new Headers({ authorization: `Bearer ${options.apiKey ?? API_KEY}`, 'content-type': 'application/json' });
  if (options.key !== undefined) headers.set('idempotency-key', options.key);
  const { body } = options;
  const post = body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
  const answer = await fetch(`${url}${path}`, { headers, ...post });
  const text = await answer.text();
  // biome-ignore lint/suspicious/noExplicitAny: answers differ by route and are picked apart by the tests
  return { status: answer.status, text, json: JSON.parse(text) as any, replayed: answer.headers.get('idempotent-replayed') === 'true' };
}

/** Rows of a statement, as the given role. */
export async function rowsOf(connection: pg.PoolConfig, sql: string) {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
