// The practice market under kill -9, a takeover and lost connections: no day is lost or doubled, and time stands still while nobody runs it.
import { afterEach, expect, test, vi } from 'vitest';
import { generateOffers } from '../../src/adapters/practice/market-model.ts';
import { randomFrom } from '../../src/core/random.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { expectedBooks, type Launched } from '../support/practice-books.ts';
import {
  ask,
  type MarketProcess,
  openWebhookSink,
  rowsOf,
  spawnMarket,
  startTestMarket,
  type WebhookSink,
} from '../support/practice-market.ts';

const SEED = 4;
const KILLS = process.env['JUG_TEST_LONG'] ? 60 : 4;
/** Undone after each test, last first. */
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function stage(): Promise<{ database: TestDatabase; sink: WebhookSink }> {
  const database = await createTestDatabase();
  cleanups.push(() => database.drop());
  const sink = await openWebhookSink();
  cleanups.push(() => sink.close());
  return { database, sink };
}

function spawnOne(settings: Parameters<typeof spawnMarket>[0]): MarketProcess {
  const market = spawnMarket(settings);
  cleanups.push(async () => market.child.exitCode === null && market.child.signalCode === null && market.kill());
  return market;
}

test('kill -9 at any moment loses and doubles neither a day nor a dollar', { timeout: 20_000 * (KILLS + 1) }, async () => {
  const { database, sink } = await stage();
  const settings = { connection: database.marketConnection, webhookUrl: sink.url, seed: SEED, daySeconds: 0.02 };
  const random = randomFrom(99);
  const launches: Launched[] = [];
  for (let life = 0; life <= KILLS; life += 1) {
    const market = spawnOne(settings);
    const url = await market.running;
    const offerId = `offer_${(life % 12) + 1}`;
    const body = { offerId, budgetMicros: 500_000_000, days: 9 };
    const answer = await ask(url, '/v1/launches', { body, key: `life-${life}` });
    if (answer.status === 201) launches.push({ ...body, startedDay: answer.json.startedDay });
    // Killed at a random moment, three to five 20 ms days later.
    const killDay = (answer.json.startedDay ?? 0) + 3 + Math.floor(3 * random());
    while ((await ask(url, '/v1/day')).json.day < killDay);
    for (let polls = Math.floor(20 * random()); polls > 0; polls -= 1) await ask(url, '/v1/day');
    await market.kill();
  }
  // A process killed between its commit and its answer has launched all the same.
  const { connection } = settings;
  const journal = await rowsOf(connection, 'select kind, day, amount_micros, fee_micros, idempotency_key from market.journal');
  expect(journal.filter(({ kind }) => kind === 'launch')).toHaveLength(launches.length);
  const [clock] = await rowsOf(connection, 'select day from market.clock');
  const lastDay = clock.day - 1;
  expect(lastDay).toBeGreaterThan(KILLS * 3);
  const books = journal.map((row) => JSON.stringify([row.kind, row.day, Number(row.amount_micros), Number(row.fee_micros)]));
  expect(books.toSorted()).toEqual(expectedBooks(SEED, launches, lastDay));
  const ends = await rowsOf(connection, "select day from market.delivery where type = 'practice.day_ended' order by day");
  expect(ends.map(({ day }) => day)).toEqual(Array.from({ length: lastDay }, (_, i) => i + 1));
  // And every movement is announced: one event per charge and refund.
  const [events] = await rowsOf(
    connection,
    "select count(distinct event_id)::integer as n from market.delivery where type like 'charge.%'",
  );
  expect(events.n).toBe(journal.filter(({ kind }) => kind === 'charge' || kind === 'refund').length);
});

test('of two processes one runs the market, and the other takes over within three seconds of its kill', async () => {
  const { database, sink } = await stage();
  const settings = { connection: database.marketConnection, webhookUrl: sink.url };
  const first = spawnOne(settings);
  const url = await first.running;
  const second = await startTestMarket(settings);
  cleanups.push(() => second.stop());
  expect(second.url()).toBeNull();
  await expect(second.endDay()).rejects.toThrow('another process');
  const { json: launched } = await ask(url, '/v1/launches', {
    body: { offerId: 'offer_1', budgetMicros: 5_000_000, days: 3 },
    key: 'before',
  });
  await first.kill();
  const killedAt = performance.now();
  await vi.waitFor(() => expect(second.url()).not.toBeNull(), { timeout: 5000, interval: 20 });
  expect(performance.now() - killedAt).toBeLessThan(3000);
  const replay = await ask(second.url() ?? '', '/v1/launches', {
    body: { offerId: 'offer_1', budgetMicros: 5_000_000, days: 3 },
    key: 'before',
  });
  expect([replay.replayed, replay.json]).toEqual([true, launched]);
  expect(await second.endDay()).toBe(1);
});

test('losing every connection interrupts the market for about a second, and nothing else', async () => {
  const { database, sink } = await stage();
  const market = await startTestMarket({ connection: database.marketConnection, webhookUrl: sink.url });
  cleanups.push(() => market.stop());
  expect(await market.endDay()).toBe(1);
  await rowsOf(
    database.adminConnection,
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'juggernaut_market' and datname = '${database.name}'`,
  );
  await vi.waitFor(() => expect(market.url()).toBeNull(), { interval: 5 });
  await vi.waitFor(() => expect(market.url()).not.toBeNull(), { timeout: 5000, interval: 20 });
  expect(await market.endDay()).toBe(2);
  await vi.waitFor(() => expect(sink.events.map(({ data }) => data.object.day)).toEqual(expect.arrayContaining([1, 2])), { timeout: 5000 });
});

test('without its database the market stands by instead of failing', async () => {
  const market = await startTestMarket({
    connection: { host: '127.0.0.1', port: 1, user: 'nobody', database: 'none' },
    webhookUrl: 'http://127.0.0.1:1',
  });
  expect(market.url()).toBeNull();
  await market.stop();
});

test('a process whose term is over writes nothing more', async () => {
  const { database, sink } = await stage();
  const market = await startTestMarket({ connection: database.marketConnection, webhookUrl: sink.url });
  cleanups.push(() => market.stop());
  await rowsOf(database.marketConnection, 'update market.clock set term = term + 1');
  const body = { offerId: 'offer_1', budgetMicros: 5_000_000, days: 3 };
  const answer = await ask(market.url() ?? '', '/v1/launches', { body, key: 'late' });
  expect([answer.status, answer.json.error.code]).toEqual([503, 'not_running']);
  await expect(market.endDay()).rejects.toThrow('another process');
  expect(await rowsOf(database.marketConnection, 'select 1 from market.journal union all select 1 from market.delivery')).toEqual([]);
});

test('the day goes on where it stood when the bot stopped', async () => {
  const { database, sink } = await stage();
  const settings = { connection: database.marketConnection, webhookUrl: sink.url, daySeconds: 30 };
  const fraction = async () => (await rowsOf(database.marketConnection, 'select day, day_fraction from market.clock'))[0];
  const first = await startTestMarket(settings);
  await first.stop();
  const saved = await fraction();
  expect(saved.day).toBe(1);
  expect(saved.day_fraction).toBeGreaterThan(0);
  expect(saved.day_fraction).toBeLessThan(0.1);
  await rowsOf(database.marketConnection, 'update market.clock set day_fraction = 0.999');
  const second = await startTestMarket(settings);
  cleanups.push(() => second.stop());
  await vi.waitFor(() => expect(sink.events.map(({ type }) => type)).toContain('practice.day_ended'), { timeout: 3000, interval: 10 });
  expect((await ask(second.url() ?? '', '/v1/day')).json).toEqual({ day: 2, daySeconds: 30 });
});

test('a market in use keeps the seed it was begun with', async () => {
  const { database, sink } = await stage();
  const settings = { connection: database.marketConnection, webhookUrl: sink.url };
  const names = async (seed: number): Promise<string[]> => {
    const market = await startTestMarket({ ...settings, seed });
    const { json } = await ask(market.url() ?? '', '/v1/offers');
    if (seed === 2) await market.endDay();
    await market.stop();
    return json.offers.map(({ name }: { name: string }) => name);
  };
  const namesOf = (seed: number) => generateOffers(seed).map(({ name }) => name);
  expect(await names(1)).toEqual(namesOf(1));
  expect(await names(2)).toEqual(namesOf(2));
  expect(await names(3)).toEqual(namesOf(2));
});

test('starting takes no more than a moment', async () => {
  const { database, sink } = await stage();
  const settings = { connection: database.marketConnection, webhookUrl: sink.url };
  await (await startTestMarket(settings)).stop();
  const times: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const before = performance.now();
    const market = await startTestMarket(settings);
    times.push(performance.now() - before);
    await market.stop();
  }
  expect(Math.min(...times)).toBeLessThan(100);
});
