// The answer to a launch gets lost and the market cannot be asked: nobody knows whether it happened. It is told, its money stays reserved,
// it is never run again, not after a restart either; and when the market answers again, the books come right by themselves.
import { afterEach, expect, test, vi } from 'vitest';
import { type MarketGate, openMarketGate } from '../support/market-gate.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';

let database: TestDatabase | undefined;
let gate: MarketGate | undefined;
let story: Story | undefined;

afterEach(async () => {
  await story?.stop();
  await gate?.stop();
  await database?.drop();
});

test('a launch in doubt is told, kept, never repeated, and settled once the market answers', { timeout: 90_000 }, async () => {
  database = await createTestDatabase();
  gate = await openMarketGate(database, 1);
  const bot = await startStory({ share: database });
  story = bot;
  const requests = gate.requests;
  let isDeaf = true;
  let lost = false;
  gate.onAnswer((_n, what) => {
    if (lost || what !== 'POST /v1/launches') return 'forward';
    lost = true;
    return 'drop';
  });
  gate.onRequest((_n, what) => (isDeaf && what.startsWith('GET /v1/effects') ? 'drop' : 'forward'));
  gate.deliverTo(bot.app.port);

  await bot.say('goal', { text: FIRST_DOLLAR });
  const asked = await bot.card(/^Approve \d+/);
  await bot.say('approve', { id: asked.ref?.id ?? 0 });
  const told = await bot.card(/^Outcome unknown: call \d+ \(market_launch\)/);
  expect(told.tone).toBe('bad');
  expect(told.text).toContain('will not be run again');
  const [call] = await bot.rows<{ id: number; key: string; status: string }>(
    `select id::int, idempotency_key as key, status from tool_call where status = 'unknown'`,
  );
  expect(told.text).toContain(call?.key);
  const reserved = () => bot.rows('select status, counted_micros::text as counted from reservation where tool_call_id = $1', [call?.id]);
  const [held] = await reserved();
  expect(held).toMatchObject({ status: 'sent' });

  const sent = () => requests.filter((what) => what === 'POST /v1/launches').length;
  await vi.waitFor(async () => expect(await bot.rows(`select 1 from tool_call where status in ('approved', 'executing')`)).toEqual([]), {
    timeout: 20_000,
    interval: 20,
  });
  const before = sent();
  await bot.restart();
  gate.deliverTo(bot.app.port);
  await vi.waitFor(() => expect(requests.at(-1)).toContain('/v1/effects'), { timeout: 20_000, interval: 20 });
  expect(sent()).toBe(before);
  expect(await reserved()).toEqual([held]);

  isDeaf = false;
  await bot.rows('notify jug_due');
  const known = await bot.card(/^Outcome known: call \d+/);
  expect(known.text).toContain('It happened');
  const [journal] = await bot.marketRows<{ launches: number; spent: string }>(
    `select count(*)::int as launches, (-sum(amount_micros))::text as spent from market.journal where kind = 'launch'`,
  );
  const [books] = await bot.rows(
    `select (select count(*)::int from launch) as launches, (select sum(amount_micros)::text from posting where account = 'offer_spend') as spent`,
  );
  expect(books).toEqual(journal);
  expect(sent()).toBe(before);
});
