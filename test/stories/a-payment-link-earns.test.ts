// Selling through Stripe, held against a Stripe-compatible server's own books: a link after a yes, its payment, refund, dispute and payout,
// told by webhook in any order and more than once; what the ledger says is what the server's books say, to the cent.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Story, startStory } from '../support/story.ts';
import { type StripeDouble, startStripeDouble } from '../support/stripe-double.ts';
import { all, chargeOf, closeDispute, dispute, pay, payout, refund, truth } from '../support/stripe-double-world.ts';
import { booksOf, shuffle, stripeEnv, untilBooked } from '../support/stripe-story.ts';

let stripe: StripeDouble;
let story: Story;
beforeAll(async () => {
  stripe = await startStripeDouble();
  story = await startStory({ env: stripeEnv(stripe) });
});
afterAll(async () => {
  await story.stop();
  await stripe.stop();
});

const GOAL = 'Sell "Launch checklist" for $19 with a payment link';
const links = () => all(stripe.world, 'payment_link');

async function publish(): Promise<string> {
  await story.say('goal', { text: GOAL });
  const asked = await story.card(/^Approve \d+/);
  expect(links()).toEqual([]);
  expect(asked.text).toContain('Launch checklist');
  expect(asked.table?.rows[0]?.[1]).toContain('sells "Launch checklist" for $19.00 (test payments)');
  await story.say('approve', { id: asked.ref?.id });
  await story.card('sells: Launch checklist');
  return links()[0]?.id ?? '';
}

test('a link is published after a yes, and everything that happens to its payments is booked as the provider booked it', async () => {
  const link = await publish();
  expect(links()).toHaveLength(1);
  const call = await story.rows<{ key: string }>(`select idempotency_key as key from tool_call where tool = 'payment_link'`);
  expect(links()[0]).toMatchObject({ metadata: { idempotency_key: call[0]?.key, goal_id: '1' }, customer_creation: 'always' });
  expect(stripe.requests.every((request) => request.version === '2026-10-28.endive')).toBe(true);
  expect(stripe.requests.find(({ method, path }) => method === 'POST' && path === '/v1/payment_links')?.key).toBe(call[0]?.key);

  const { world } = stripe;
  const first = pay(world, link);
  refund(world, { charge: first.id, amount: 500 });
  pay(world, link, { settled: { amount: 2051, currency: 'usd', rate: 1.0795 }, async: true });
  const third = pay(world, link, { customer: null });
  refund(world, { charge: third.id });
  const lost = dispute(world, pay(world, link).id);
  closeDispute(world, lost.id, 'lost');
  const won = dispute(world, pay(world, link).id);
  closeDispute(world, won.id, 'won');
  chargeOf(world, { amount: 700, currency: 'jpy' }, { fee: 55 });
  chargeOf(world, { amount: 1250, currency: 'kwd' }, { fee: 90 });
  payout(world, 2500);
  const port = story.app.port;
  const deliveries = shuffle(
    world.events.flatMap((event) => Array.from({ length: 1 + (Number.parseInt(event.id.slice(-1), 16) % 5) }, () => event)),
    7,
  );
  expect(await Promise.all(deliveries.map((event) => stripe.deliver(port, event)))).toEqual(deliveries.map(() => 200));
  await untilBooked(story);

  const books = await booksOf(story);
  expect(books).toEqual(truth(world));
  const [balance] = await story.rows<{ wrong: number }>(
    `select count(*)::int as wrong from (select journal_id from posting group by journal_id, currency having sum(amount_micros) <> 0) x`,
  );
  expect(balance?.wrong).toBe(0);
  expect(await story.rows(`select distinct mode from journal where source = 'stripe'`)).toEqual([{ mode: 'practice' }]);
  // Payments of the link belong to the goal and its task; others to nobody.
  const sales = await story.rows<{ goal_id: number | null; launch_id: number | null }>(
    `select goal_id, launch_id from journal where source = 'stripe' and kind = 'sale' order by goal_id nulls last`,
  );
  expect(sales.map((sale) => sale.goal_id !== null && sale.launch_id !== null)).toEqual([true, true, true, true, true, false, false]);
  expect(await story.rows(`select memo from journal where memo like '%at 1.0795%'`)).toHaveLength(1);
  const kept = await story.rows<{ error: string }>(`select error from payment_event where type = 'checkout.session.completed' limit 1`);
  expect(kept[0]?.error).toContain('kept, not booked');

  // /revenue says the same, and the card of the day tells it once.
  const revenue = await story.say('revenue', { goal: 1 });
  const field = (label: string) => revenue.card.fields?.find((one) => one.label === label)?.value;
  expect([field('Revenue'), field('Refunds'), field('Disputes')]).toEqual(['$96.51', '-$24.00', '-$19.00']);
  expect((await story.say('revenue')).card.text).toContain('In other currencies, in no sum here, net of fees: JPY 645, KWD 1.160.');
  const told = (await story.posts()).filter((post) => /payments?: /.test(post.card.title));
  expect(told.filter((post) => post.thread === 1)).toHaveLength(1);
  expect(told.find((post) => post.thread === 1)?.card.title).toContain('5 payments: $96.51 for Launch checklist');
  await story.card(/^Dispute lost/);
  await story.card(/^Dispute won/);

  // Two of five payments disputed: it stops selling by itself, and asks before it goes on.
  await story.card('is stopped: Launch checklist');
  await vi.waitFor(() => expect(links()[0]).toMatchObject({ active: false }));
  const id = (await story.rows<{ id: number }>('select launch_id::int as id from payment_link'))[0]?.id;
  expect((await story.say('offer', { id, sell: 'yes' })).ok).toBe(true);
  await vi.waitFor(() => expect(links()[0]).toMatchObject({ active: true }));
});

test('what is forged, old, from the future, of another mode or of another account is refused and leaves nothing', async () => {
  const { world } = stripe;
  const port = story.app.port;
  const before = await story.rows('select id from payment_event');
  const event = { ...world.events[0], id: 'evt_other' } as (typeof world.events)[number];
  const now = Date.now();
  const minute = 60_000;
  expect(await stripe.deliver(port, event, { secret: 'whsec_somebody_else' })).toBe(400);
  expect(await stripe.deliver(port, event, { at: now - 5 * minute - 2_000 })).toBe(400);
  expect(await stripe.deliver(port, event, { at: now + 5 * minute + 5_000 })).toBe(400);
  expect(await stripe.deliver(port, { ...event, livemode: true })).toBe(400);
  expect(await stripe.deliver(port, { ...event, account: 'acct_of_another' })).toBe(400);
  const { body, headers } = stripe.signed(event);
  const post = (text: string, more: Record<string, string> = headers) =>
    fetch(`http://127.0.0.1:${port}/webhooks/stripe`, { method: 'POST', body: text, headers: more }).then((response) => response.status);
  expect(await post(body.replace('1900', '9100'))).toBe(400);
  expect(await post(body, {})).toBe(400);
  expect(await post(`${body}${' '.repeat(70_000)}`)).toBe(413);
  expect(await story.rows('select id from payment_event')).toEqual(before);
  // Replayed within five minutes it is the same event, stored once.
  expect(await stripe.deliver(port, world.events[0] as typeof event)).toBe(200);
  expect(await story.rows('select id from payment_event')).toEqual(before);
  expect(await stripe.deliver(port, { ...event, account: world.accountId })).toBe(200);
});
