// What goes wrong around payments: a webhook that never comes, a call cut after Stripe had acted, a key that Stripe has forgotten, a provider
// that is away. The double's own books and objects are counted.
import { afterEach, expect, test } from 'vitest';
import { type Story, startStory } from '../support/story.ts';
import { type StripeDouble, startStripeDouble } from '../support/stripe-double.ts';
import { all, chargeOf, pay, payout, refund, truth } from '../support/stripe-double-world.ts';
import { booksOf, stripeEnv, untilBooked } from '../support/stripe-story.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.stop();
});

async function begin(now: () => Date = () => new Date()): Promise<{ stripe: StripeDouble; story: Story }> {
  const stripe = await startStripeDouble();
  open.push(stripe);
  const story = await startStory({ env: stripeEnv(stripe), overrides: { clock: { now } } });
  open.push(story);
  return { stripe, story };
}

test('what no webhook told is found at night and booked once; the digest and the metrics tell the difference', {
  timeout: 60_000,
}, async () => {
  const { stripe, story } = await begin();
  const { world } = stripe;
  const sale = chargeOf(world, { amount: 4200, currency: 'usd' });
  refund(world, { charge: sale.id, amount: 1200 });
  chargeOf(world, { amount: 900, currency: 'jpy' }, { fee: 40 });
  payout(world, 1000);
  expect(await stripe.deliver(story.app.port, world.events[0] as (typeof world.events)[number])).toBe(200);
  await untilBooked(story);
  // Past midnight and the minute in which a webhook may be under way.
  const { reconcilePayments } = await import('../../src/flows/reconcile-payments.ts');
  const later = new Date(Date.now() + 26 * 3_600_000);
  const deps = { ...story.app.deps, clock: { now: () => later } };
  const slot = { schedule: 'reconcile-payments', slotAt: later, processId: deps.processId };
  stripe.fault(/GET .*balance_transactions\?/, { status: 503 });
  stripe.fault(/GET .*balance_transactions\?/, { status: 503 });
  stripe.fault(/GET .*balance_transactions\?/, { status: 503 });
  await expect(reconcilePayments(deps, slot)).rejects.toThrow();
  await Promise.all([reconcilePayments(deps, slot), reconcilePayments(deps, slot)]);
  expect(await booksOf(story)).toEqual(truth(world));
  // The first start compares, too: nothing then.
  const compared = await story.rows<{ transactions: number }>('select transactions from payment_reconciliation order by id');
  expect(compared.map((row) => row.transactions)).toEqual([0, 4]);
  const digest = await story.say('digest');
  const line = digest.card.fields?.find((field) => field.label.startsWith('Payment provider'))?.value;
  expect(line).toMatch(/^difference 0\.00: 4 lines .* agree to the cent, 3 missed ones fetched/);
  const metrics = await (await fetch(`http://127.0.0.1:${story.app.port}/metrics`)).text();
  expect(metrics).toContain('juggernaut_reconcile_difference{mode="practice",currency="USD"} 0');
});

const GOAL = 'Sell "Guide" for $12.50 with a payment link';

async function ask(story: Story): Promise<number> {
  await story.say('goal', { text: GOAL });
  return (await story.card(/^Approve \d+/)).ref?.id ?? 0;
}

test('a link whose answer was cut is found by its key, not made again; the same 25 hours later, when Stripe has forgotten the key', {
  timeout: 60_000,
}, async () => {
  const { stripe, story } = await begin();
  const id = await ask(story);
  // Every try of the library is cut after Stripe has acted; then a lookup that fails leaves the outcome in doubt.
  for (let count = 0; count < 3; count += 1) stripe.fault(/POST \/v1\/payment_links/, 'cut_after');
  let down = true;
  const outage = (line: string): boolean => down && /GET .v1.payment_links/.test(line) && all(stripe.world, 'payment_link').length > 0;
  for (let count = 0; count < 12; count += 1) stripe.fault(outage, { status: 500 });
  await story.say('approve', { id });
  await story.card('Outcome unknown');
  expect(all(stripe.world, 'payment_link')).toHaveLength(1);
  // A day and an hour later nobody at Stripe knows the key any more.
  stripe.advance(25 * 3_600_000);
  down = false;
  const { reconcileUnknown } = await import('../../src/flows/reconcile-unknown.ts');
  await reconcileUnknown(story.app.deps);
  await story.card('Outcome known', (card) => card.tone === 'good');
  const calls = await story.rows<{ key: string; status: string }>(
    `select idempotency_key as key, status from tool_call where tool = 'payment_link'`,
  );
  expect(calls).toMatchObject([{ status: 'done' }]);
  // Asked for once more under its old key, by whatever way: still one.
  const order = {
    name: 'Guide',
    description: null,
    amountMicros: 12_500_000n,
    currency: 'USD',
    key: calls[0]?.key ?? '',
    goalId: 1,
    taskId: 1,
  };
  const again = await story.app.deps.payments?.createLink(order, AbortSignal.timeout(10_000));
  expect(all(stripe.world, 'payment_link').map((link) => link.id)).toEqual([again?.id]);
  expect([all(stripe.world, 'product'), all(stripe.world, 'price')].map((list) => list.length)).toEqual([1, 1]);
});

test('a refund is asked for with amount and payee from the books, happens once, and is booked when it is told', {
  timeout: 60_000,
}, async () => {
  const { stripe, story } = await begin();
  const { world } = stripe;
  const id = await ask(story);
  await story.say('approve', { id });
  await story.card('sells: Guide');
  const charge = pay(world, all(world, 'payment_link')[0]?.id ?? '', { customer: 'cus_anna' });
  for (const event of world.events) await stripe.deliver(story.app.port, event);
  await untilBooked(story);
  const tool = story.app.deps.tools.get('refund_payment');
  const context = {
    mode: 'practice' as const,
    goalId: 1,
    taskId: 1,
    toolCallId: 1,
    idempotencyKey: 'key-1',
    now: () => new Date(),
    signal: AbortSignal.timeout(20_000),
  };
  const part = { chargeId: charge.id, amount: '5', reason: 'half of it was missing' };
  expect(await tool?.quote(part, context)).toMatchObject({ amountMicros: 5_000_000n, payee: 'cus_anna' });
  await expect(tool?.quote({ ...part, amount: '12.51' }, context)).rejects.toThrow('$12.50');
  await expect(tool?.quote({ ...part, chargeId: 'ch_unknown' }, context)).rejects.toThrow('no payment');
  for (let count = 0; count < 3; count += 1) stripe.fault(/POST \/v1\/refunds/, 'cut_after');
  await expect(tool?.run(part, context)).rejects.toThrow();
  expect(await tool?.reconcile(part, context)).toMatchObject({ kind: 'happened', outcome: { spentMicros: 5_000_000n } });
  stripe.advance(25 * 3_600_000);
  const again = await tool?.run(part, context);
  expect(again).toMatchObject({ ok: true, spentMicros: 5_000_000n });
  expect(all(world, 'refund')).toHaveLength(1);
  for (const event of world.events.toReversed()) await stripe.deliver(story.app.port, event);
  await untilBooked(story);
  expect(await booksOf(story)).toEqual(truth(world));
  await expect(tool?.quote({ ...part, amount: '7.51' }, context)).rejects.toThrow('$7.50');
});
