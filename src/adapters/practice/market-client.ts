// The bot's side of the practice market's API: typed, timed out, loopback only. Money is bigint micro-dollars from here on.
import { z } from 'zod';
import { Upstream } from '../../core/errors.ts';
import type { Micros } from '../../core/money.ts';
import type { Marketplace } from '../../domain/offers/marketplace.ts';
import { pause } from './market-turn.ts';

const TIMEOUT_MS = 10_000;
const KNOCK_AGAIN_MS = 250;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

const micros = z.int().transform(BigInt);
const status = z.enum(['running', 'ended', 'stopped']);

const offersAnswer = z.object({
  day: z.int(),
  offers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      category: z.string(),
      channel: z.string(),
      listPriceMicros: micros,
      costPerVisitorMicros: micros,
      capacityPerDay: z.int(),
      running: z.boolean(),
    }),
  ),
});

const launchAnswer = z.object({
  id: z.string(),
  offerId: z.string(),
  budgetMicros: micros,
  days: z.int(),
  status: z.literal('running'),
  startedDay: z.int(),
  receipt: z.string(),
  idempotencyKey: z.string(),
});

const resultsAnswer = z.object({
  id: z.string(),
  offerId: z.string(),
  status,
  day: z.int(),
  startedDay: z.int(),
  days: z.int(),
  budgetMicros: micros,
  spentMicros: micros,
  returnedMicros: micros,
  visitors: z.int(),
  orders: z.int(),
  grossMicros: micros,
  feeMicros: micros,
  refundedMicros: micros,
  receipt: z.string(),
  byDay: z.array(z.object({ day: z.int(), visitors: z.int(), spentMicros: micros, orders: z.int(), grossMicros: micros })),
});

const stopAnswer = z.object({ id: z.string(), status: z.literal('stopped'), returnedMicros: micros, receipt: z.string() });

const effectsAnswer = z.object({
  effects: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('launch'), id: z.string(), receipt: z.string(), response: launchAnswer }),
      z.object({ kind: z.literal('stop'), id: z.string(), receipt: z.string(), response: stopAnswer }),
    ]),
  ),
});

const problemAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: object;
  idempotencyKey?: string;
}

/**
 * Every method throws Upstream: `retryable` false means the market turned the request down and nothing happened; true means it could not
 * be reached, or did not answer in time, so a launch or stop may have happened: ask `effects`, or ask again with the same key.
 * When the signal fires, its reason is thrown instead, and the same doubt holds. No effects for a key means that nothing was done.
 * @param options.endpoint asked before every try: the market moves when another process takes it over
 * @param options.patienceMs how long a door that nobody opens is tried again: nothing was sent, so nothing can happen twice. Default 0.
 */
export function createMarketClient(options: {
  endpoint: () => Promise<{ url: string; apiKey: string }>;
  patienceMs?: number;
}): Marketplace {
  const send = async (request: Call, signal: AbortSignal): Promise<RawAnswer> => {
    const deadline = performance.now() + (options.patienceMs ?? 0);
    for (;;) {
      const { url, apiKey } = await options.endpoint();
      try {
        return await sendRequest(marketUrl(url, request.path), apiKey, request, signal);
      } catch (error) {
        if (!isRefusedConnection(error) || performance.now() > deadline) throw error;
        await pause(KNOCK_AGAIN_MS, signal);
        signal.throwIfAborted();
      }
    }
  };
  const call = async <Schema extends z.ZodType>(schema: Schema, request: Call, signal: AbortSignal): Promise<z.output<Schema>> =>
    readAnswer(schema, await send(request, signal));
  return {
    offers: (signal) => call(offersAnswer, { method: 'GET', path: '/v1/offers' }, signal),
    launch: async ({ offerId, budgetMicros, days, idempotencyKey }, signal) => {
      const body = { offerId, budgetMicros: exactNumber(budgetMicros), days };
      return call(launchAnswer, { method: 'POST', path: '/v1/launches', body, idempotencyKey }, signal);
    },
    results: (launchId, signal) => call(resultsAnswer, { method: 'GET', path: `/v1/launches/${encodeURIComponent(launchId)}` }, signal),
    stop: ({ launchId, idempotencyKey }, signal) =>
      call(stopAnswer, { method: 'POST', path: `/v1/launches/${encodeURIComponent(launchId)}/stop`, body: {}, idempotencyKey }, signal),
    effects: async (idempotencyKey, signal) => {
      const path = `/v1/effects?idempotencyKey=${encodeURIComponent(idempotencyKey)}`;
      return (await call(effectsAnswer, { method: 'GET', path }, signal)).effects;
    },
  };
}

interface RawAnswer {
  ok: boolean;
  status: number;
  text: string;
}

/** Nobody listens there: the request provably never left. */
function isRefusedConnection(error: unknown): boolean {
  const cause = error instanceof Upstream && error.cause instanceof TypeError ? error.cause.cause : null;
  return cause instanceof Error && (cause as NodeJS.ErrnoException).code === 'ECONNREFUSED';
}

async function sendRequest(url: URL, apiKey: string, request: Call, signal: AbortSignal): Promise<RawAnswer> {
  const headers = new Headers({ authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' });
  if (request.idempotencyKey !== undefined) headers.set('idempotency-key', request.idempotencyKey);
  try {
    const answer = await fetch(url, {
      method: request.method,
      headers,
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      redirect: 'error',
    });
    return { ok: answer.ok, status: answer.status, text: await answer.text() };
  } catch (cause) {
    signal.throwIfAborted();
    throw new Upstream('The practice market does not answer.', { retryable: true, cause });
  }
}

function readAnswer<Schema extends z.ZodType>(schema: Schema, answer: RawAnswer): z.output<Schema> {
  const json = parseJson(answer.text);
  if (!answer.ok) {
    const problem = problemAnswer.safeParse(json);
    const said = problem.success ? problem.data.error.message : `it answered ${answer.status}`;
    throw new Upstream(`The practice market says: ${said}`, { retryable: answer.status >= 500 || answer.status === 429 });
  }
  const parsed = schema.safeParse(json);
  // The request went through, so what it did stands: asking again with the same key is the safe way on.
  if (!parsed.success)
    throw new Upstream('The practice market gave an answer that cannot be read.', { retryable: true, cause: parsed.error });
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function marketUrl(base: string, path: string): URL {
  const url = new URL(path, base);
  if (url.protocol === 'http:' && LOOPBACK.has(url.hostname)) return url;
  throw new Upstream('The practice market must be on this machine.', { retryable: false });
}

function exactNumber(micros: Micros): number {
  const number = Number(micros);
  if (Number.isSafeInteger(number)) return number;
  throw new Upstream('The practice market takes no such amount.', { retryable: false });
}
