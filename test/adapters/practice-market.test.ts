// The practice market's API on real PostgreSQL: who may ask, what a key protects, what a day does to a launch.
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { PracticeMarket } from '../../src/adapters/practice/market.ts';
import { generateOffers } from '../../src/adapters/practice/market-model.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { ask, openWebhookSink, rowsOf, startTestMarket, type WebhookSink } from '../support/practice-market.ts';

let database: TestDatabase;
let sink: WebhookSink;
let market: PracticeMarket;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  sink = await openWebhookSink();
  market = await startTestMarket({ connection: database.marketConnection, webhookUrl: sink.url });
  url = market.url() ?? '';
});

afterEach(() => vi.restoreAllMocks());

afterAll(async () => {
  await market.stop();
  await sink.close();
  await database.drop();
});

const launchOf = (offerId: string, budgetMicros = 15_000_000, days = 7) => ({ offerId, budgetMicros, days });
const journalCount = async (key: string) =>
  (await rowsOf(database.marketConnection, `select 1 from market.journal where idempotency_key = '${key}' and kind in ('launch', 'stop')`))
    .length;

test('shows twelve offers with what a buyer may see and nothing hidden', async () => {
  const { json, text } = await ask(url, '/v1/offers');
  expect(json.day).toBe(1);
  const visible = generateOffers(1).map(({ hidden: _, ...offer }) => ({ ...offer, running: false }));
  expect(json.offers).toEqual(visible);
  expect(text).not.toMatch(/hidden|conversion|delay|refundShare/i);
});

test('answers nobody without the right key, and says nothing else', async () => {
  for (const apiKey of ['', 'practice-ke', 'practice-keyy', 'Practice-key']) {
    const { status, json } = await ask(url, '/v1/offers', { apiKey });
    expect([status, json.error.code]).toEqual([401, 'unauthorized']);
  }
});

test.each([
  ['an unknown offer', launchOf('offer_13'), 404, 'unknown_offer'],
  ['less than a dollar', launchOf('offer_1', 999_999), 422, 'invalid'],
  ['part of a micro-dollar', launchOf('offer_1', 1_000_000.5), 422, 'invalid'],
  ['a negative budget', launchOf('offer_1', -5_000_000), 422, 'invalid'],
  ['no day', launchOf('offer_1', 5_000_000, 0), 422, 'invalid'],
  ['31 days', launchOf('offer_1', 5_000_000, 31), 422, 'invalid'],
  ['a field nobody knows', { ...launchOf('offer_1'), price: 1 }, 422, 'invalid'],
  ['half a body', '{"offerId":', 400, 'invalid_json'],
  ['more than 64 KB', JSON.stringify({ offerId: 'x'.repeat(70_000) }), 413, 'too_large'],
])('refuses a launch with %s, and nothing has happened', async (_, body, status, code) => {
  const before = (await ask(url, '/v1/balance')).json.transactions.length;
  const answer = await ask(url, '/v1/launches', { body, key: `refused-${code}` });
  expect([answer.status, answer.json.error.code]).toEqual([status, code]);
  expect((await ask(url, '/v1/balance')).json.transactions.length).toBe(before);
  expect((await ask(url, `/v1/effects?idempotencyKey=refused-${code}`)).json.effects).toEqual([]);
});

test('refuses to act without an idempotency key', async () => {
  for (const key of [undefined, 'x'.repeat(256)]) {
    const answer = await ask(url, '/v1/launches', key === undefined ? { body: launchOf('offer_1') } : { body: launchOf('offer_1'), key });
    expect([answer.status, answer.json.error.code]).toEqual([400, 'idempotency_key_required']);
  }
});

test('twenty requests at once with one key launch once, and all get the first answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ask(url, '/v1/launches', { body: launchOf('offer_2'), key: 'twenty' })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(await journalCount('twenty')).toBe(1);
  const { json: first } = answers[0] ?? { json: null };
  expect(first).toMatchObject({
    offerId: 'offer_2',
    budgetMicros: 15_000_000,
    days: 7,
    status: 'running',
    startedDay: 1,
    idempotencyKey: 'twenty',
  });
  // After a crash the bot asks what became of its key, in either way.
  const effects = (await ask(url, '/v1/effects?idempotencyKey=twenty')).json.effects;
  expect(effects).toEqual([{ kind: 'launch', id: first.id, receipt: first.receipt, response: first }]);
  const { launches } = (await ask(url, '/v1/launches?idempotencyKey=twenty')).json;
  expect(launches).toHaveLength(1);
  expect(launches[0]).toMatchObject({ id: first.id, receipt: first.receipt, status: 'running' });
});

test('a key used again for another request is refused, whatever the request', async () => {
  await ask(url, '/v1/launches', { body: launchOf('offer_3'), key: 'mine' });
  for (const body of [launchOf('offer_4'), launchOf('offer_3', 15_000_001), launchOf('offer_3', 1)]) {
    const answer = await ask(url, '/v1/launches', { body, key: 'mine' });
    expect([answer.status, answer.json.error.code]).toEqual([409, 'idempotency_mismatch']);
  }
  const stop = await ask(url, '/v1/launches/launch_1/stop', { body: {}, key: 'mine' });
  expect(stop.json.error.code).toBe('idempotency_mismatch');
  expect(await journalCount('mine')).toBe(1);
});

test('an offer runs once at a time, also when many ask at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => ask(url, '/v1/launches', { body: launchOf('offer_5'), key: `busy-${i}` })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status, json }) => status === 409 && json.error.code === 'offer_busy')).toHaveLength(9);
  const { offers } = (await ask(url, '/v1/offers')).json;
  expect(offers.find(({ id }: { id: string }) => id === 'offer_5').running).toBe(true);
});

test('stopping returns what was not spent, once, and frees the offer', async () => {
  const { id } = (await ask(url, '/v1/launches', { body: launchOf('offer_6', 70_000_000), key: 'to-stop' })).json;
  await market.endDay();
  const running = (await ask(url, `/v1/launches/${id}`)).json;
  expect(running.spentMicros).toBeGreaterThan(0);
  const stops = await Promise.all(Array.from({ length: 5 }, () => ask(url, `/v1/launches/${id}/stop`, { body: {}, key: 'stop-it' })));
  expect(new Set(stops.map(({ text }) => text)).size).toBe(1);
  const [{ json: stopped }] = stops as [(typeof stops)[0]];
  expect(stopped).toMatchObject({ id, status: 'stopped', returnedMicros: 70_000_000 - running.spentMicros });
  expect(await journalCount('stop-it')).toBe(1);
  const again = await ask(url, `/v1/launches/${id}/stop`, { body: {}, key: 'stop-it-again' });
  expect([again.status, again.json.error.code]).toEqual([409, 'not_running']);
  expect((await ask(url, '/v1/launches/launch_999/stop', { body: {}, key: 'nobody' })).status).toBe(404);
  expect((await ask(url, '/v1/launches', { body: launchOf('offer_6'), key: 'once-more' })).status).toBe(201);
});

test('orders and money show only once their payment has come, under the day of the visit', async () => {
  const body = launchOf('offer_7', 900_000_000, 3);
  const { id, startedDay } = (await ask(url, '/v1/launches', { body, key: 'results' })).json;
  await market.endDay();
  const first = (await ask(url, `/v1/launches/${id}`)).json;
  expect(first.visitors).toBeGreaterThan(0);
  expect([first.orders, first.grossMicros, first.feeMicros, first.day]).toEqual([0, 0, 0, startedDay + 1]);
  for (let i = 0; i < 45; i += 1) await market.endDay();
  const last = (await ask(url, `/v1/launches/${id}`)).json;
  expect([last.status, last.byDay.length]).toEqual(['ended', 3]);
  expect(last.spentMicros + last.returnedMicros).toBe(900_000_000);
  expect(last.orders).toBeGreaterThan(0);
  for (const key of ['visitors', 'spentMicros', 'orders', 'grossMicros'] as const) {
    expect(last.byDay.reduce((sum: number, day: Record<string, number>) => sum + (day[key] ?? 0), 0)).toBe(last[key]);
  }
  expect(Object.keys(last).toSorted()).toEqual(
    'budgetMicros byDay day days feeMicros grossMicros id idempotencyKey offerId orders receipt refundedMicros repeatFeeMicros repeatGrossMicros repeatOrders repeatRefundedMicros returnedMicros spentMicros startedDay status visitors'.split(
      ' ',
    ),
  );
});

test('what comes new is listed without what it hides, sells like the rest, and stays listed while it is launched', async () => {
  const { json, text } = await ask(url, '/v1/offers');
  const arrived = json.offers.slice(12);
  expect(arrived.length).toBe(40);
  expect(text).not.toMatch(/hidden|conversion|delay|refundShare/i);
  expect((await ask(url, '/v1/launches', { body: launchOf('arrival_9001_1'), key: 'not-yet' })).json.error.code).toBe('unknown_offer');
  const { id: offerId } = arrived[0];
  const { id } = (await ask(url, '/v1/launches', { body: launchOf(offerId, 90_000_000, 30), key: 'arrived' })).json;
  for (let i = 0; i < 12; i += 1) await market.endDay();
  const listed = (await ask(url, '/v1/offers')).json.offers;
  expect(listed.at(-1)).toMatchObject({ id: offerId, running: true });
  expect((await ask(url, `/v1/launches/${id}`)).json.visitors).toBeGreaterThan(0);
});

test('the bot’s own role cannot read or change anything of the market', async () => {
  for (const sql of [
    'select * from market.customer_order',
    'select * from market.clock',
    'delete from market.journal',
    'drop schema market cascade',
  ]) {
    await expect(rowsOf(database.connection, sql)).rejects.toThrow(/permission denied|must be owner/);
  }
});

test('the market’s journal takes no change, even from the market', async () => {
  for (const sql of ["update market.journal set kind = 'stop'", 'delete from market.journal', 'truncate market.journal']) {
    await expect(rowsOf(database.marketConnection, sql)).rejects.toThrow('append-only');
  }
});

test('an idle day costs at most three statements, and the market at most three connections', async () => {
  const idle = await createTestDatabase();
  const asked = vi.spyOn(pg.Pool.prototype, 'query');
  const quiet = await startTestMarket({ connection: idle.marketConnection, webhookUrl: sink.url });
  const seenBefore = sink.events.length;
  const hasEnded = (day: number) =>
    sink.events.slice(seenBefore).some(({ type, data }) => type === 'practice.day_ended' && data.object.day === day);
  // The first look of all, at what an earlier run left to send, belongs to the start: it is over before the first day.
  const isLook = ([text]: unknown[]) => String(text).startsWith('with open as');
  // The other market of this file sends at its own pace.
  const isItsPool = (at: number) => (asked.mock.contexts[at] as unknown as pg.Pool).options.database === idle.name;
  const firstLook = await vi.waitFor(() => {
    const at = asked.mock.calls.findIndex((call, index) => isLook(call) && isItsPool(index));
    expect(at).toBeGreaterThanOrEqual(0);
    return asked.mock.results[at]?.value as Promise<unknown>;
  });
  await firstLook;
  const statements = vi.spyOn(pg.Client.prototype, 'query');
  const made = () => statements.mock.calls.filter((_, at) => (statements.mock.contexts[at] as unknown as pg.Client).database === idle.name);
  const marks = () => made().filter(([text]) => String(text).startsWith('update market.delivery')).length;
  for (let day = 1; day <= 30; day += 1) {
    await quiet.endDay();
    // Its event was taken, and that was written down too: a day is counted whole.
    await vi.waitFor(() => expect([hasEnded(day), marks()]).toEqual([true, day]), { interval: 2 });
  }
  const used = made().length;
  expect(used).toBeGreaterThan(30);
  expect(used).toBeLessThanOrEqual(90);
  const sessions = `select 1 from pg_stat_activity where usename = 'juggernaut_market' and datname = '${idle.name}'`;
  expect((await rowsOf(idle.adminConnection, sessions)).length).toBeLessThanOrEqual(3);
  vi.restoreAllMocks();
  await quiet.stop();
  await idle.drop();
});
