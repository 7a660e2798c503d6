// The bot's client of the practice market against the real thing: bigint money, and failures that say whether to ask again.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PracticeMarket } from '../../src/adapters/practice/market.ts';
import { createMarketClient } from '../../src/adapters/practice/market-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { API_KEY, openWebhookSink, startTestMarket, type WebhookSink } from '../support/practice-market.ts';

const signal = new AbortController().signal;
let database: TestDatabase;
let sink: WebhookSink;
let market: PracticeMarket;
let client: ReturnType<typeof createMarketClient>;

const clientOf = (url: string, apiKey = API_KEY) => createMarketClient({ endpoint: async () => ({ url, apiKey }) });

beforeAll(async () => {
  database = await createTestDatabase();
  sink = await openWebhookSink();
  market = await startTestMarket({ connection: database.marketConnection, webhookUrl: sink.url });
  client = clientOf(market.url() ?? '');
});

afterAll(async () => {
  await market.stop();
  await sink.close();
  await database.drop();
});

test('reads offers, launches, reads results back, stops, and learns what a key did', async () => {
  const { day, offers } = await client.offers(signal);
  expect([day, offers.length]).toEqual([1, 12]);
  expect(typeof offers[0]?.listPriceMicros).toBe('bigint');
  const launch = await client.launch({ offerId: 'offer_1', budgetMicros: 15_000_000n, days: 7, idempotencyKey: 'a' }, signal);
  expect(launch).toMatchObject({ offerId: 'offer_1', budgetMicros: 15_000_000n, status: 'running', startedDay: 1 });
  await market.endDay();
  const results = await client.results(launch.id, signal);
  expect(results).toMatchObject({ id: launch.id, receipt: launch.receipt, status: 'running', budgetMicros: 15_000_000n });
  expect(results.byDay[0]?.spentMicros).toBe(results.spentMicros);
  const stopped = await client.stop({ launchId: launch.id, idempotencyKey: 'b' }, signal);
  expect(stopped.returnedMicros + results.spentMicros).toBe(15_000_000n);
  expect(await client.effects('a', signal)).toEqual([{ kind: 'launch', id: launch.id, receipt: launch.receipt, response: launch }]);
  expect(await client.effects('b', signal)).toEqual([{ kind: 'stop', id: launch.id, receipt: stopped.receipt, response: stopped }]);
  expect(await client.effects('never used', signal).catch((error) => error.retryable)).toBe(false);
  expect(await client.effects('never-used', signal)).toEqual([]);
});

test('what the market turns down is told in its words and is not to be tried again', async () => {
  await client.launch({ offerId: 'offer_2', budgetMicros: 2_000_000n, days: 2, idempotencyKey: 'c' }, signal);
  const refusals = [
    () => client.launch({ offerId: 'offer_2', budgetMicros: 2_000_000n, days: 2, idempotencyKey: 'd' }, signal),
    () => client.launch({ offerId: 'offer_3', budgetMicros: 2_000_000n, days: 2, idempotencyKey: 'c' }, signal),
    () => client.launch({ offerId: 'offer_3', budgetMicros: 1n, days: 2, idempotencyKey: 'e' }, signal),
    () => client.launch({ offerId: 'offer_3', budgetMicros: 10n ** 17n, days: 2, idempotencyKey: 'f' }, signal),
    () => client.results('launch_99', signal),
    () => clientOf(market.url() ?? '', 'wrong').offers(signal),
  ];
  const words = ['running already', 'used for another', 'budgetMicros', 'no such amount', 'no such launch', 'API key'];
  for (const [i, refusal] of refusals.entries()) {
    await expect(refusal()).rejects.toMatchObject({ code: 'upstream', retryable: false, reply: expect.stringContaining(words[i] ?? '') });
  }
});

test('a market that is away, failing or talking nonsense may be asked again', async () => {
  const server = createServer((request, response) => response.writeHead(request.url === '/v1/offers' ? 200 : 503).end('{"day":"one"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(clientOf(url).offers(signal)).rejects.toMatchObject({ code: 'upstream', retryable: true });
  await expect(clientOf(url).results('launch_1', signal)).rejects.toMatchObject({ code: 'upstream', retryable: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect(clientOf(url).offers(signal)).rejects.toMatchObject({ code: 'upstream', retryable: true });
});

test('talks to this machine only', async () => {
  for (const url of ['https://127.0.0.1:1', 'http://example.com', 'http://10.0.0.1', 'http://127.0.0.1.example.com']) {
    await expect(clientOf(url).offers(signal)).rejects.toMatchObject({
      code: 'upstream',
      retryable: false,
      reply: expect.stringContaining('this machine'),
    });
  }
});

test('a cancelled call ends with the reason it was cancelled for', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cancel = new AbortController();
  server.once('request', () => cancel.abort(new Error('task cancelled')));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(clientOf(url).offers(cancel.signal)).rejects.toThrow('task cancelled');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
