// What the practice market tells the outside: signed, repeated until taken, sometimes twice or late, and in the end exactly its own books.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PracticeMarket } from '../../src/adapters/practice/market.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { expectedBooks } from '../support/practice-books.ts';
import { ask, openWebhookSink, type ReceivedEvent, rowsOf, startTestMarket, type WebhookSink } from '../support/practice-market.ts';

let database: TestDatabase;
let sink: WebhookSink;
let market: PracticeMarket;
const attempts = new Map<string, number>();

/** Every event once, in order of first arrival. */
const distinct = () => [...new Map(sink.events.map((event) => [event.id, event])).values()];
const ofType = (type: string) => distinct().filter((event) => event.type === type);
const cents = (event: ReceivedEvent) => event.data.object.balance_transaction;

async function untilAllDelivered(): Promise<void> {
  await vi.waitFor(
    async () => expect(await rowsOf(database.marketConnection, 'select 1 from market.delivery where delivered_at is null')).toEqual([]),
    {
      timeout: 10_000,
    },
  );
}

beforeAll(async () => {
  database = await createTestDatabase();
  sink = await openWebhookSink();
  // One event in five is turned down at its first try.
  sink.answer = ({ id }) => {
    const tries = (attempts.get(id) ?? 0) + 1;
    attempts.set(id, tries);
    return tries === 1 && Number.parseInt(id.slice(-2), 16) % 5 === 0 ? 500 : 200;
  };
  market = await startTestMarket({ connection: database.marketConnection, webhookUrl: sink.url });
  const url = market.url() ?? '';
  for (let i = 1; i <= 8; i += 1) {
    const body = { offerId: `offer_${i}`, budgetMicros: 400_000_000, days: i === 1 ? 30 : 8 };
    await ask(url, '/v1/launches', { body, key: `launch-${i}` });
  }
  for (let day = 1; day <= 5; day += 1) await market.endDay();
  await ask(url, '/v1/launches/launch_1/stop', { body: {}, key: 'stop-1' });
  for (let day = 6; day <= 60; day += 1) await market.endDay();
  await untilAllDelivered();
});

afterAll(async () => {
  await market.stop();
  await sink.close();
  await database.drop();
});

test('every message verifies with Stripe’s own library', () => {
  expect(sink.refused).toBe(0);
  expect(distinct().every(({ livemode }) => livemode === false)).toBe(true);
});

test('what is turned down comes again, and everything arrives', async () => {
  const turnedDown = [...attempts].filter(([id]) => Number.parseInt(id.slice(-2), 16) % 5 === 0);
  expect(turnedDown.length).toBeGreaterThan(10);
  expect(turnedDown.every(([, tries]) => tries > 1)).toBe(true);
  const sent = await rowsOf(database.marketConnection, 'select distinct event_id from market.delivery');
  expect(new Set(distinct().map(({ id }) => id))).toEqual(new Set(sent.map(({ event_id }) => event_id)));
});

test('some events come twice and some payments arrive out of order', () => {
  expect(sink.events.length).toBeGreaterThan(distinct().length + 5);
  const paidOn = ofType('charge.succeeded').map(({ data }) => Number(data.object.metadata.market_day));
  expect(paidOn.length).toBeGreaterThan(50);
  expect(paidOn).not.toEqual(paidOn.toSorted((a, b) => a - b));
});

test('each day’s end arrives, in order, after everything of that day that was not held back', async () => {
  const ends = ofType('practice.day_ended').map(({ data }) => data.object.day);
  expect(ends).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  const place = new Map(distinct().map(({ id }, index) => [id, index]));
  const prompt = await rowsOf(
    database.marketConnection,
    "select event_id, day from market.delivery where not held and type <> 'practice.day_ended'",
  );
  const endOf = (day: number) => place.get(ofType('practice.day_ended')[day - 1]?.id ?? '') ?? -1;
  expect(prompt.length).toBeGreaterThan(50);
  for (const { event_id, day } of prompt) expect(place.get(event_id)).toBeLessThan(endOf(day));
});

test('events, balance and journal agree to the cent', async () => {
  const { transactions } = (await ask(market.url() ?? '', '/v1/balance')).json;
  const journal = await rowsOf(
    database.marketConnection,
    "select txn_id, amount_micros, fee_micros from market.journal where kind <> 'stop' order by id",
  );
  expect(transactions.map((t: Record<string, number>) => [t['id'], t['amountMicros'], t['feeMicros'], t['netMicros']])).toEqual(
    journal.map((row) => [row.txn_id, Number(row.amount_micros), Number(row.fee_micros), row.amount_micros - row.fee_micros]),
  );
  const told = [
    ...ofType('charge.succeeded').map((event) => cents(event)),
    ...ofType('charge.refunded').map(({ data }) => data.object.refunds.data[0].balance_transaction),
  ].map((txn) => [txn.id, txn.amount * 10_000, txn.fee * 10_000, txn.net * 10_000]);
  const money = transactions.filter((t: { type: string }) => t.type === 'charge' || t.type === 'refund');
  expect(money.filter((t: { type: string }) => t.type === 'refund').length).toBeGreaterThan(0);
  const sortable = money.map((t: Record<string, number>) => [t['id'], t['amountMicros'], t['feeMicros'], t['netMicros']]);
  expect(told.toSorted()).toEqual(sortable.toSorted());
  // Prepaid budgets: what left and did not come back is what the launches say they spent.
  const closed = ofType('practice.launch_closed').map(({ data }) => data.object);
  expect(closed.map(({ status }) => status).toSorted()).toEqual([...Array(7).fill('ended'), 'stopped']);
  const prepaid = transactions.filter((t: { type: string }) => t.type === 'launch' || t.type === 'return');
  const out = prepaid.reduce((sum: number, t: { netMicros: number }) => sum + t.netMicros, 0);
  expect(-out).toBe(closed.reduce((sum, { spent_micros }) => sum + spent_micros, 0));
});

test('every payment and refund came on its day', async () => {
  // The first was stopped; the others ran as they were launched.
  const launches = [2, 3, 4, 5, 6, 7, 8].map((i) => ({ offerId: `offer_${i}`, budgetMicros: 400_000_000, days: 8, startedDay: 1 }));
  const journal = await rowsOf(
    database.marketConnection,
    'select kind, day, amount_micros, fee_micros from market.journal where launch_id > 1',
  );
  const books = journal.map((row) => JSON.stringify([row.kind, row.day, Number(row.amount_micros), Number(row.fee_micros)]));
  expect(books.toSorted()).toEqual(expectedBooks(1, launches, 60));
});

test('a launch’s results are the sums of its events', async () => {
  for (let i = 1; i <= 8; i += 1) {
    const results = (await ask(market.url() ?? '', `/v1/launches/launch_${i}`)).json;
    const mine = (type: string) => ofType(type).filter(({ data }) => data.object.metadata.launch_id === results.id);
    const charges = mine('charge.succeeded').map((event) => cents(event));
    const total = (key: 'amount' | 'fee') => charges.reduce((sum, txn) => sum + txn[key] * 10_000, 0);
    const told = [
      results.orders + results.repeatOrders,
      results.grossMicros + results.repeatGrossMicros,
      results.feeMicros + results.repeatFeeMicros,
    ];
    expect(told).toEqual([charges.length, total('amount'), total('fee')]);
    expect(results.refundedMicros + results.repeatRefundedMicros).toBe(
      mine('charge.refunded').reduce((sum, { data }) => sum + data.object.amount_refunded * 10_000, 0),
    );
    // One customer for each first order, and some of them more than once.
    expect(new Set(mine('charge.succeeded').map(({ data }) => data.object.customer)).size).toBe(results.orders);
    expect(mine('charge.succeeded').every(({ data }) => data.object.metadata.idempotency_key === `launch-${i}`)).toBe(true);
  }
});

test('events go on being sent after a restart', async () => {
  sink.answer = () => 503;
  await market.endDay();
  await market.stop();
  sink.answer = () => 200;
  market = await startTestMarket({ connection: database.marketConnection, webhookUrl: sink.url });
  await untilAllDelivered();
  expect(ofType('practice.day_ended').at(-1)?.data.object.day).toBe(61);
});
