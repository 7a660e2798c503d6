// A Stripe-compatible server on loopback: API, idempotency keys that it forgets after a day of its own clock, signed webhooks, and books of
// its own. The doubles' books are the truth; what a bot booked is held against them.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';
import { answer, Refused, type Reply } from './stripe-double-api.ts';
import { parseForm } from './stripe-double-form.ts';
import { newId, type Thing, type World } from './stripe-double-world.ts';

const KEY_KEPT_MS = 24 * 3_600_000;

export interface StripeRequest {
  method: string;
  path: string;
  key: string | null;
  version: string | null;
}

type Match = RegExp | ((line: string) => boolean);

/** Takes the place of an answer: a status, or `cut` after the work was done. */
type Fault = { status: number } | 'cut_before' | 'cut_after';

export interface StripeDouble {
  apiUrl: string;
  secretKey: string;
  webhookSecret: string;
  world: World;
  /** Every request that arrived. */
  requests: StripeRequest[];
  /** The next request whose method and path match gets this instead. */
  fault(match: Match, fault: Fault): void;
  /** The double's clock goes on. */
  advance(ms: number): void;
  /** Headers and body of an event as Stripe sends it; @param at when it was signed, in ms of the real clock */
  signed(event: Thing, options?: { secret?: string; at?: number }): { body: string; headers: Record<string, string> };
  /** Sends an event to a bot; returns the status. */
  deliver(port: number, event: Thing, options?: { secret?: string; at?: number }): Promise<number>;
  stop(): Promise<void>;
}

export async function startStripeDouble(options: { livemode?: boolean } = {}): Promise<StripeDouble> {
  const livemode = options.livemode ?? false;
  let ahead = 0;
  const world: World = { livemode, accountId: newId('acct'), kinds: new Map(), events: [], now: () => Date.now() + ahead };
  const secretKey = `sk_${livemode ? 'live' : 'test'}_${newId('double')}`;
  const webhookSecret = newId('whsec').replace('whsec_', 'whsec_double');
  const requests: StripeRequest[] = [];
  const faults: { match: Match; fault: Fault }[] = [];
  const kept = new Map<string, { at: number; request: string; reply: Reply }>();

  /** The same key and the same request: the same answer. Errors of validation are not kept, as with Stripe. */
  function once(key: string | null, request: string, work: () => Reply): Reply {
    const known = key === null ? undefined : kept.get(key);
    if (known !== undefined && world.now() - known.at < KEY_KEPT_MS) {
      if (known.request === request) return known.reply;
      const message = 'Keys for idempotent requests can only be used with the same parameters they were first used with.';
      return new Refused(400, message, { type: 'idempotency_error' }).reply;
    }
    const reply = work();
    if (key !== null) kept.set(key, { at: world.now(), request, reply: structuredClone(reply) });
    return reply;
  }

  function handle(method: string, url: string, body: string, key: string | null): Reply {
    const { pathname, search } = new URL(url, 'http://double');
    const path = pathname.replace(/^\/v1\//, '');
    const form = parseForm(method === 'GET' ? search.slice(1) : body);
    try {
      return once(method === 'POST' ? key : null, `${path} ${body}`, () => answer(world, method, path, form));
    } catch (error) {
      if (error instanceof Refused) return error.reply;
      throw error;
    }
  }

  const server = createServer(async (incoming: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const [method = 'GET', url = '/'] = [incoming.method, incoming.url];
    const header = (name: string): string | null => (incoming.headers[name] as string | undefined) ?? null;
    requests.push({ method, path: url, key: header('idempotency-key'), version: header('stripe-version') });
    const line = `${method} ${url}`;
    const at = faults.findIndex(({ match }) => (typeof match === 'function' ? match(line) : match.test(line)));
    const fault = at < 0 ? null : (faults.splice(at, 1)[0]?.fault ?? null);
    if (fault === 'cut_before') return void incoming.socket.destroy();
    const reply =
      header('authorization') !== `Bearer ${secretKey}`
        ? new Refused(401, 'Invalid API Key provided').reply
        : typeof fault === 'object' && fault !== null
          ? { status: fault.status, body: { error: { type: 'api_error', message: 'The double was told to fail.' } } }
          : handle(method, url, Buffer.concat(chunks).toString('utf8'), header('idempotency-key'));
    if (fault === 'cut_after') return void incoming.socket.destroy();
    response.writeHead(reply.status, { 'content-type': 'application/json', 'request-id': newId('req') });
    response.end(JSON.stringify(reply.body));
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const signed: StripeDouble['signed'] = (event, { secret = webhookSecret, at = Date.now() } = {}) => {
    const payload = JSON.stringify(event);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(at / 1000) });
    return { body: payload, headers: { 'stripe-signature': signature, 'content-type': 'application/json' } };
  };
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secretKey,
    webhookSecret,
    world,
    requests,
    fault: (match, fault) => void faults.push({ match, fault }),
    advance: (ms) => {
      ahead += ms;
    },
    signed,
    deliver: async (port, event, how) => {
      const response = await fetch(`http://127.0.0.1:${port}/webhooks/stripe`, { method: 'POST', ...signed(event, how) });
      await response.arrayBuffer();
      return response.status;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
