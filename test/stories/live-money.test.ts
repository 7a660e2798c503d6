// Live mode from its boot to the books: by DATABASE_URL, with owners, approvers and a live key. A link is sold after a yes; what happens to
// its payments is told one to five times, in any order, while the bot is killed again and again; a person has money given back from an order.
// The provider's own books, the ledger, revenue, digest and metrics agree to the cent, and practice money is in none of it.
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startPracticeModel } from '../../src/adapters/practice/model-server.ts';
import { PRACTICE_MODEL } from '../../src/adapters/practice/model-wire.ts';
import { formatUsd } from '../../src/core/money.ts';
import { randomFrom } from '../../src/core/random.ts';
import { createDatabase } from '../../src/db/database.ts';
import { bookJournal } from '../../src/domain/money/ledger-store.ts';
import { type BotOptions, type BotProcess, endBots, startBot } from '../support/bot-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { type StripeDouble, startStripeDouble } from '../support/stripe-double.ts';
import { all, chargeOf, closeDispute, dispute, pay, payout, raise, refund, type Thing, truth } from '../support/stripe-double-world.ts';
import { booksOf, shuffle, stripeEnv, untilBooked } from '../support/stripe-story.ts';

const LONG = process.env['JUG_TEST_LONG'] === '1';
const PERMUTATIONS = LONG ? 10 : 1;
const KILLS_EACH = LONG ? 5 : 2;
const LANES = 6;

let database: TestDatabase;
let stripe: StripeDouble;
let model: Awaited<ReturnType<typeof startPracticeModel>>;
let pool: pg.Pool;
let options: BotOptions;
let bot: BotProcess;

const rows = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> => (await pool.query(sql, values)).rows as Row[];
const books = { rows: rows as never };

beforeAll(async () => {
  [database, stripe, model] = await Promise.all([createTestDatabase(), startStripeDouble({ livemode: true }), startPracticeModel()]);
  pool = new pg.Pool({ ...database.connection, max: 2 });
  const { host, port, user, database: name } = database.connection;
  const only = { primary: PRACTICE_MODEL, fallbacks: [] };
  options = {
    database,
    byUrl: true,
    env: {
      ...stripeEnv(stripe),
      JUG_MODE: 'live',
      DATABASE_URL: `postgresql://${user}@localhost:${port}/${name}?host=${encodeURIComponent(String(host))}`,
      JUG_OWNERS: 'console:owner',
      JUG_APPROVERS: 'console:owner',
      JUG_USD_RATES: 'EUR=1.10',
      // What is given back is money that leaves, and counts.
      JUG_CAP_HOURLY_USD: '50',
      OPENAI_API_KEY: model.apiKey,
      OPENAI_BASE_URL: model.baseUrl,
      JUG_MODELS: JSON.stringify({ plan: only, execute: only, prices: { [PRACTICE_MODEL]: { input: 1, output: 1 } } }),
    },
  };
  bot = await startBot(options);
}, 120_000);

afterAll(async () => {
  await endBots();
  await Promise.all([pool.end(), stripe.stop(), model.stop()]);
  await database.drop();
});

const wait = (look: () => Promise<unknown>): Promise<unknown> => vi.waitFor(look, { timeout: 30_000, interval: 50 });

/** The one request that waits. */
async function asked(): Promise<{ id: number; amount: string; payee: string | null }> {
  let found: { id: number; amount: string; payee: string | null }[] = [];
  await wait(async () => {
    found = await rows(`select id::int, amount_micros::text as amount, payee from approval where status = 'pending' and kind = 'act'`);
    expect(found).toHaveLength(1);
  });
  return found[0] as (typeof found)[number];
}

/** Every delivery until it was acknowledged, over lives of the bot that end by kill -9: in the middle of a lookup, or right after an answer. */
async function tellUnderKills(events: readonly Thing[], seed: number, killed: number): Promise<void> {
  const dice = randomFrom(seed);
  const copies = events.flatMap((event) => Array.from({ length: 1 + Math.floor(dice() * 5) }, () => event));
  const queue = shuffle(copies, seed);
  for (let life = 0; queue.length > 0; life += 1) {
    const kills = life < killed;
    const victim = bot;
    let left = 3 + Math.floor(dice() * 12);
    const step = (): void => {
      left -= 1;
      // Only the bot of this life: the provider's ear stays where it is.
      if (kills && left === 0 && !victim.hasExited) victim.send('SIGKILL');
    };
    // No fault: it only sees what the bot asks the provider while it books.
    if (life % 2 === 0) stripe.fault(() => void step() === null, { status: 500 });
    const lane = async (): Promise<void> => {
      for (let event = queue.pop(); event !== undefined; event = queue.pop()) {
        const status = await stripe.deliver(bot.port, event).catch(() => 0);
        if (status !== 200) {
          queue.unshift(event);
          return;
        }
        if (life % 2 === 1) step();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    if (!bot.hasExited && !kills) continue;
    if (!bot.hasExited) bot.send('SIGKILL');
    await bot.exited;
    bot = await startBot(options);
  }
  await untilBooked(books);
}

function trade(link: string): void {
  const { world } = stripe;
  const first = pay(world, link);
  refund(world, { charge: first.id, amount: 500 });
  pay(world, link, { async: true });
  pay(world, link, { settled: { amount: 1755, currency: 'eur', rate: 0.9237 }, customer: 'cus_europe' });
  closeDispute(world, dispute(world, pay(world, link).id).id, 'lost');
  closeDispute(world, dispute(world, pay(world, link).id).id, 'won');
  chargeOf(world, { amount: 700, currency: 'jpy' }, { fee: 55 });
  payout(world, 1500);
}

test('a live bot sells after a yes, and books what it is told once, whatever the order and however often it is killed', {
  timeout: LONG ? 900_000 : 120_000,
}, async () => {
  const links = () => all(stripe.world, 'payment_link');
  // Practice money of an earlier life on the same database.
  for (const [account, cents] of [
    ['revenue', -77_700n],
    ['offer_spend', 1_100n],
  ] as const)
    await bookJournal(createDatabase(pool), {
      ...{ mode: 'practice', source: 'test', externalId: account, kind: 'sale', memo: 'practice', occurredAt: new Date() },
      ...{ goalId: null, taskId: null, toolCallId: null, launchId: null, currency: 'USD' },
      postings: [
        { account, amountMicros: cents * 10_000n },
        { account: 'cash', amountMicros: -cents * 10_000n },
      ],
    });

  await bot.say('goal', { text: 'Sell "Launch checklist" for $19 with a payment link' });
  const request = await asked();
  expect(links()).toEqual([]);
  expect((await bot.say('approve', { id: request.id })).ok).toBe(true);
  await wait(async () => expect(links()).toHaveLength(1));
  await wait(async () => expect(await rows('select 1 from payment_link')).toHaveLength(1));
  const link = links()[0]?.id ?? '';
  expect(links()[0]).toMatchObject({ livemode: true });

  // An event that says it is a test is none, whoever signed it.
  trade(link);
  expect(await stripe.deliver(bot.port, { ...(stripe.world.events[0] as Thing), id: 'evt_test', livemode: false })).toBe(400);

  for (let round = 0; round < PERMUTATIONS; round += 1) {
    // Too many disputes stop the link by themselves; a person sells on.
    if (round > 0) {
      await wait(async () => expect(links()[0]).toMatchObject({ active: false }));
      const [row] = await rows<{ id: number }>('select launch_id::int as id from payment_link');
      expect((await bot.say('offer', { id: row?.id, sell: 'yes' })).ok).toBe(true);
      await wait(async () => expect(links()[0]).toMatchObject({ active: true }));
      trade(link);
    }
    await tellUnderKills(stripe.world.events, LONG ? Date.now() + round : 11 + round, KILLS_EACH);
    expect(await booksOf(books)).toEqual(truth(stripe.world));
  }
  expect(await rows(`select distinct mode from journal where source = 'stripe'`)).toEqual([{ mode: 'live' }]);
  expect(await rows('select 1 from posting group by journal_id, currency having sum(amount_micros) <> 0')).toEqual([]);
});

test('a person has money given back from an order: asked, approved, paid back once, also where it was settled in euros', {
  timeout: 60_000,
}, async () => {
  const refunds = () => all(stripe.world, 'refund').filter(({ metadata }) => metadata.idempotency_key !== undefined);
  const [paid] = await rows<{ id: number; charge: string }>(
    `select o.id::int, o.charge_id as charge from customer_order o join payment p on p.charge_id = o.charge_id where o.refunded_micros = 0 and p.booked_currency = 'USD' and p.currency = 'USD'
      and not exists (select 1 from journal j where j.kind like 'dispute%' and j.memo like '%' || o.charge_id || '%') order by o.id limit 1`,
  );
  const page = await (await bot.get(`/orders/${paid?.id}`)).text();
  expect(page).toContain('Refund…');
  const wish = { id: paid?.id, do: 'refund', amount: '7.50', note: 'came a week late' };
  expect((await bot.say('order', wish)).ok).toBe(true);
  const denied = await asked();
  expect(denied).toMatchObject({ amount: '7500000' });
  // A second press while the first waits changes nothing.
  expect((await bot.say('order', wish)).ok).toBe(false);
  await bot.say('deny', { id: denied.id, reason: 'ask the customer first' });
  await wait(async () => expect(await rows(`select 1 from task where policy = 'refund' and status = 'failed'`)).toHaveLength(1));
  expect(refunds()).toEqual([]);

  await bot.say('order', wish);
  await bot.say('approve', { id: (await asked()).id });
  await wait(async () => expect(await rows(`select 1 from task where policy = 'refund' and status = 'done'`)).toHaveLength(1));
  expect(refunds()).toMatchObject([{ amount: 750, charge: paid?.charge }]);

  const [euro] = await rows<{ id: number; booked: string }>(
    `select o.id::int, p.booked_micros::text as booked from customer_order o join payment p on p.charge_id = o.charge_id where p.booked_currency = 'EUR' order by o.id limit 1`,
  );
  await bot.say('order', { id: euro?.id, do: 'refund', note: 'not what was ordered' });
  const whole = await asked();
  // Counted in dollars at the stated rate.
  expect(whole).toMatchObject({ amount: String((BigInt(euro?.booked ?? 0) * 11n) / 10n), payee: 'cus_europe' });
  await bot.say('approve', { id: whole.id });
  await wait(async () => expect(refunds()).toHaveLength(2));
  await tellUnderKills(stripe.world.events.slice(-4), 5, 0);
  expect(await booksOf(books)).toEqual(truth(stripe.world));
  await wait(async () =>
    expect(
      await rows(`select status, refunded_micros::text as back from customer_order where id = any($1) order by id`, [[paid?.id, euro?.id]]),
    ).toEqual(
      [
        { id: paid?.id, status: 'open', back: '7500000' },
        { id: euro?.id, status: 'refunded', back: '17550000' },
      ]
        .toSorted((a, b) => Number(a.id) - Number(b.id))
        .map(({ back, status }) => ({ back, status: status === 'open' ? expect.not.stringMatching('refunded') : status })),
    ),
  );
});

test('revenue, digest, metrics and the provider agree to the cent; practice money is in no sum', async () => {
  const { byCategory, fees } = truth(stripe.world);
  const cents = (minor: number): string => formatUsd(BigInt(minor) * 10_000n);
  const sold = byCategory['charge usd'] ?? 0;
  const back = byCategory['refund usd'] ?? 0;
  const disputed = (byCategory['dispute usd'] ?? 0) + (byCategory['dispute_reversal usd'] ?? 0);
  const { card: revenue } = await bot.say('revenue');
  const amount = (label: string) => revenue.table?.rows.find(([name]) => name === label)?.[1];
  expect(['Revenue', 'Refunds', 'Disputes', 'Fees'].map(amount)).toEqual([sold, back, disputed, -(fees['usd'] ?? 0)].map(cents));
  const { card: digest } = await bot.say('digest');
  const today = (label: string) => digest.table?.rows.find(([name]) => name === label)?.[2];
  expect(['Revenue', 'Refunds', 'Disputes', 'Fees'].map(today)).toEqual([sold, back, disputed, -(fees['usd'] ?? 0)].map(cents));
  expect(digest.title).toContain('(live)');
  const [cost] = await rows<{ micros: string }>(`select sum(amount_micros)::text as micros from posting where account = 'model_cost'`);
  expect(Number(cost?.micros)).toBeGreaterThan(0);
  const profit = BigInt(sold + back + disputed - (fees['usd'] ?? 0)) * 10_000n - BigInt(cost?.micros ?? 0);
  expect(today('Profit or loss')).toBe(formatUsd(profit));
  const metrics = await (await bot.get('/metrics')).text();
  expect(metrics).toContain(`juggernaut_books_revenue_usd{mode="live",offer="all"} ${sold / 100}\n`);
  expect(metrics).toContain(`juggernaut_books_profit_usd{mode="live",offer="all"} ${Number(profit) / 1e6}\n`);
  expect(metrics).toContain('juggernaut_books_revenue_usd{mode="practice",offer="all"} 777\n');
  // Whoever was erased is brought back by no later event, booked anew or not.
  const [gone] = await rows<{ id: number }>(`select id::int from customer where external_id = 'cus_europe'`);
  expect(await bot.say('team', { erase: gone?.id })).toMatchObject({ ok: true });
  const charge = all(stripe.world, 'charge').find(({ customer }) => customer === 'cus_europe') as Thing;
  const session = { object: 'checkout.session', created: 1, customer: 'cus_europe', customer_details: { email: 'buyer@example.com' } };
  for (const event of [
    raise(stripe.world, 'charge.updated', charge),
    raise(stripe.world, 'checkout.session.completed', { id: 'cs_late', ...session }),
  ])
    expect(await stripe.deliver(bot.port, event)).toBe(200);
  await untilBooked(books);
  expect(
    await rows(`select event_id from payment_event where body::text like '%cus_europe%' and body::text like '%buyer@example.com%'`),
  ).toEqual([]);
  // Asked for by its name, practice money is shown by itself.
  const { card: practice } = await bot.say('revenue', { mode: 'practice' });
  expect(practice.table?.rows[0]?.slice(0, 2)).toEqual(['Revenue', '$777.00']);
});
