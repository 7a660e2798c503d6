// The practice market in the test's own process, so that it outlives the bots, with a gate in the request path: counts every request a
// bot makes outside, and lets a test act just before one goes in or just after it was answered. Webhooks go to the bot that lives now.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { startPracticeMarket } from '../../src/adapters/practice/market.ts';
import type { TestDatabase } from './postgres.ts';

/** 'drop' breaks the connection instead of passing on the request, or its answer. */
type GateHook = (n: number, what: string) => 'forward' | 'drop' | Promise<'forward' | 'drop'>;

export interface MarketGate {
  /** `POST /v1/launches` and so on, in the order they came. */
  readonly requests: readonly string[];
  onRequest(hook: GateHook | null): void;
  onAnswer(hook: GateHook | null): void;
  /** Where signed events go: the port of the bot that lives now. */
  deliverTo(port: number): void;
  /** Ends market days; returns the last. */
  endDays(count: number): Promise<number>;
  stop(): Promise<void>;
}

const API_KEY = 'key-of-the-gated-market';
const WEBHOOK_SECRET = 'whsec_of_the_gated_market';

const quiet = { info: () => {}, warn: () => {} };

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends a request on as it came and hands back what came. Rejects when nobody answers. */
async function pass(incoming: IncomingMessage, body: Buffer, to: string): Promise<{ status: number; headers: Headers; body: Buffer }> {
  const headers = new Headers();
  for (const name of ['authorization', 'content-type', 'idempotency-key', 'stripe-signature']) {
    const value = incoming.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const answer = await fetch(`${to}${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers,
    ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}

export async function openMarketGate(database: TestDatabase, seed: number): Promise<MarketGate> {
  const requests: string[] = [];
  const hooks: { request: GateHook | null; answer: GateHook | null } = { request: null, answer: null };
  let marketUrl = '';
  let botPort = 0;

  const gate = createServer(async (incoming, response) => {
    const body = await readAll(incoming);
    const what = `${incoming.method} ${incoming.url}`;
    const n = requests.push(what);
    try {
      if ((await hooks.request?.(n, what)) === 'drop') throw new Error('dropped');
      const answer = await pass(incoming, body, marketUrl);
      if ((await hooks.answer?.(n, what)) === 'drop') throw new Error('dropped');
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    } catch {
      response.socket?.destroy();
    }
  });
  const mailbox = createServer(async (incoming, response) => {
    const body = await readAll(incoming);
    const status = await pass(incoming, body, `http://127.0.0.1:${botPort}`).then(
      (answer) => answer.status,
      () => 503,
    );
    response.writeHead(status).end();
  });
  const [gateUrl, mailUrl] = await Promise.all([listen(gate), listen(mailbox)]);

  const client = new pg.Client(database.connection);
  await client.connect();
  const row = [gateUrl, API_KEY, WEBHOOK_SECRET];
  await client.query('insert into practice_far_side (id, url, api_key, webhook_secret) values (1, $1, $2, $3)', row);
  await client.end();
  const market = await startPracticeMarket({
    connection: database.marketConnection,
    seed,
    daySeconds: 0,
    webhookUrl: `${mailUrl}/webhooks/stripe`,
    webhookSecret: WEBHOOK_SECRET,
    apiKey: API_KEY,
    log: quiet,
    // The bots know the gate only.
    onRunning: async (url) => {
      marketUrl = url;
    },
  });
  return {
    requests,
    onRequest: (hook) => {
      hooks.request = hook;
    },
    onAnswer: (hook) => {
      hooks.answer = hook;
    },
    deliverTo: (port) => {
      botPort = port;
    },
    endDays: async (count) => {
      let day = 0;
      for (let index = 0; index < count; index += 1) day = await market.endDay();
      return day;
    },
    stop: async () => {
      await market.stop();
      for (const server of [gate, mailbox]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
