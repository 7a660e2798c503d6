// The market's HTTP face on loopback: a key on every request, JSON in and out, whole micro-dollars. Hidden parameters have no route.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type pg from 'pg';
import { hashOf } from '../../core/canonical-json.ts';
import { LISTED_DAYS, listArrivals } from './market-arrivals.ts';
import type { MarketLog } from './market-clock.ts';
import { findOffer, type World } from './market-day-plan.ts';
import { type Answer, type Desk, MarketRefusal } from './market-desk.ts';
import { launchName } from './market-events.ts';
import { type LaunchReport, reportLaunches } from './market-reports.ts';
import { findKey, listLaunchedOffers, listTransactions, readClock } from './market-store.ts';

const BODY_LIMIT_BYTES = 64 * 1024;
const MAX_KEY_LENGTH = 255;

interface ServerOptions {
  pool: pg.Pool;
  world: World;
  desk: Desk;
  apiKey: string;
  daySeconds: number;
  log: MarketLog;
}

/** Listens on a free loopback port. */
export async function startMarketServer(options: ServerOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createAdaptorServer({ fetch: marketApp(options).fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeIdleConnections' in server) server.closeIdleConnections();
        // Requests under way get a moment; the key makes an unanswered one safe to ask again.
        setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), 500).unref();
      }),
  };
}

function marketApp(options: ServerOptions): Hono {
  const { pool, world, desk } = options;
  const app = new Hono();
  app.use(async (c, next) => {
    if (!isSame(c.req.header('authorization') ?? '', `Bearer ${options.apiKey}`)) {
      return c.json(problem('unauthorized', 'A valid API key is needed.'), 401);
    }
    return next();
  });
  app.use(bodyLimit({ maxSize: BODY_LIMIT_BYTES, onError: (c) => c.json(problem('too_large', 'At most 64 KB.'), 413) }));
  app.get('/v1/day', async (c) => c.json({ day: (await readClock(pool)).day, daySeconds: options.daySeconds }));
  app.get('/v1/offers', async (c) => c.json(await listOffers(pool, world)));
  app.get('/v1/balance', async (c) => c.json({ transactions: (await listTransactions(pool)).map(showTransaction) }));
  app.get('/v1/launches', async (c) => {
    const launches = await reportLaunches(pool, { idempotencyKey: queriedKey(c.req.query('idempotencyKey')) });
    return c.json({ launches: launches.map(showLaunch) });
  });
  app.get('/v1/launches/:id', async (c) => {
    const [launch] = await reportLaunches(pool, { id: launchNumber(c.req.param('id')) });
    if (launch === undefined) throw unknownLaunch();
    return c.json(showLaunch(launch));
  });
  app.get('/v1/effects', async (c) => c.json({ effects: await listEffects(pool, queriedKey(c.req.query('idempotencyKey'))) }));
  app.post('/v1/launches', async (c) => {
    const body = parseJson(await c.req.text());
    return send(await desk.launch({ ...identify(c.req.header('idempotency-key'), c.req.path, body), body }));
  });
  app.post('/v1/launches/:id/stop', async (c) => {
    const launchId = launchNumber(c.req.param('id'));
    const body = parseJson((await c.req.text()) || '{}');
    return send(await desk.stop({ ...identify(c.req.header('idempotency-key'), c.req.path, body), launchId }));
  });
  app.notFound((c) => c.json(problem('not_found', 'There is no such route.'), 404));
  app.onError((error, c) => {
    if (error instanceof MarketRefusal) return c.json(problem(error.code, error.message), error.status);
    options.log.warn({ err: error }, 'The practice market could not answer');
    return c.json(problem('internal', 'The market could not answer; ask again with the same key.'), 500);
  });
  return app;
}

async function listOffers(pool: pg.Pool, world: World): Promise<object> {
  const { day } = await readClock(pool);
  const launched = await listLaunchedOffers(pool, day - LISTED_DAYS);
  const newest = [...world.offers, ...listArrivals(world.seed, day)];
  const known = new Set(newest.map(({ id }) => id));
  // What sells stays on the list however long ago it came.
  const kept = launched.flatMap(({ offerId }) => (known.has(offerId) ? [] : (findOffer(world, offerId, day) ?? [])));
  const busy = new Set(launched.flatMap(({ offerId, running }) => (running ? [offerId] : [])));
  return { day, offers: [...newest, ...kept].map(({ hidden: _, ...offer }) => ({ ...offer, running: busy.has(offer.id) })) };
}

function showLaunch(report: LaunchReport): object {
  const { id, byDay, idempotencyKey, ...launch } = report;
  const sum = (key: 'orders' | 'grossMicros' | 'feeMicros' | 'refundedMicros') => byDay.reduce((total, day) => total + day[key], 0);
  return {
    ...launch,
    id: launchName(id),
    idempotencyKey,
    orders: sum('orders'),
    grossMicros: sum('grossMicros'),
    feeMicros: sum('feeMicros'),
    refundedMicros: sum('refundedMicros'),
    byDay: byDay.map(({ feeMicros: _, refundedMicros: __, ...day }) => day),
  };
}

function showTransaction(entry: Awaited<ReturnType<typeof listTransactions>>[number]): object {
  const { txnId, kind, launchId, ...rest } = entry;
  return { id: txnId, type: kind, launchId: launchName(launchId), ...rest, netMicros: entry.amountMicros - entry.feeMicros };
}

async function listEffects(pool: pg.Pool, key: string): Promise<object[]> {
  const known = await findKey(pool, key);
  if (known === null) return [];
  const response = JSON.parse(known.response) as { receipt: string };
  return [{ kind: known.kind, id: launchName(known.launchId), receipt: response.receipt, response }];
}

function send(answer: Answer): Response {
  const headers = new Headers({ 'content-type': 'application/json' });
  if (answer.replayed) headers.set('Idempotent-Replayed', 'true');
  return new Response(answer.body, { status: answer.status, headers });
}

function identify(key: string | undefined, path: string, body: unknown): { idempotencyKey: string; requestHash: string } {
  if (!isKey(key))
    throw new MarketRefusal(
      400,
      'idempotency_key_required',
      `An Idempotency-Key of 1 to ${MAX_KEY_LENGTH} printable characters is needed.`,
    );
  return { idempotencyKey: key, requestHash: hashOf({ path, body }) };
}

function queriedKey(key: string | undefined): string {
  if (!isKey(key)) throw new MarketRefusal(400, 'idempotency_key_required', 'Say which key: ?idempotencyKey=…');
  return key;
}

function isKey(key: string | undefined): key is string {
  return key !== undefined && key.length <= MAX_KEY_LENGTH && /^[\x21-\x7e]+$/.test(key);
}

function launchNumber(name: string): number {
  const match = /^launch_([1-9]\d{0,8})$/.exec(name);
  if (match === null) throw unknownLaunch();
  return Number(match[1]);
}

function unknownLaunch(): MarketRefusal {
  return new MarketRefusal(404, 'unknown_launch', 'There is no such launch.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MarketRefusal(400, 'invalid_json', 'The body is not JSON.');
  }
}

function problem(code: string, message: string): object {
  return { error: { code, message } };
}

/** Compares digests, so that neither length nor content shows in the time taken. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
