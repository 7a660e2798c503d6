// The mischief done to the market's messages: how much, to which, and the same for the same seed.
import { expect, test } from 'vitest';
import { chargeEvent, dayEndedEvent, type OrderFacts, planDeliveries, refundEvent } from '../../src/adapters/practice/market-events.ts';

const order: OrderFacts = {
  orderId: 'ord_1',
  customerId: 'cus_1',
  launchId: 3,
  offerId: 'offer_2',
  launchKey: 'key-1',
  valueMicros: 24_990_000,
  feeMicros: 1_020_000,
};
const at = (luck: string, seed = 1) => ({ day: 4, seed, luck, holdMs: 1000, created: 1_700_000_000 });

test('about one event in ten comes twice and one in ten late, never more than a little', () => {
  const plans = Array.from({ length: 5000 }, (_, i) => planDeliveries(chargeEvent('market', 4, order), at(`${i}`)));
  const twice = plans.filter((plan) => plan.length === 2).length / plans.length;
  const late = plans.filter(([first]) => first?.held).length / plans.length;
  // Four standard deviations of 5,000 tries at one in ten.
  expect(Math.abs(twice - 0.1)).toBeLessThan(0.017);
  expect(Math.abs(late - 0.1)).toBeLessThan(0.017);
  for (const [first, second] of plans) {
    expect(first?.delayMs ?? 0).toBeLessThanOrEqual(1500);
    if (second !== undefined) expect([second.held, second.body, second.eventId]).toEqual([true, first?.body, first?.eventId]);
  }
});

test('which events misbehave hangs on the seed, not on the market’s ids', () => {
  const shape = (market: string, seed: number) =>
    Array.from({ length: 200 }, (_, i) =>
      planDeliveries(chargeEvent(market, 4, order), at(`${i}`, seed)).map(({ held, delayMs }) => [held, delayMs]),
    );
  expect(shape('here', 1)).toEqual(shape('there', 1));
  expect(shape('here', 1)).not.toEqual(shape('here', 2));
});

test('the end of a day is never late, now and then sent twice in a row', () => {
  const plans = Array.from({ length: 1000 }, (_, day) => planDeliveries(dayEndedEvent('market', day), at(`${day}`)));
  expect(plans.every((plan) => plan.length === 1 && plan[0]?.held === false && plan[0].delayMs === 0)).toBe(true);
  expect(plans.filter(([message]) => message?.copies === 2).length).toBeGreaterThan(50);
});

test('a charge and its refund carry the same charge, in whole cents, marked as not live', () => {
  const [charge] = planDeliveries(chargeEvent('market', 4, order), at('a'));
  const [refund] = planDeliveries(refundEvent('market', 4, 11, order), at('a'));
  const charged = JSON.parse(charge?.body ?? '');
  const refunded = JSON.parse(refund?.body ?? '');
  expect(charged).toMatchObject({ object: 'event', type: 'charge.succeeded', livemode: false, created: 1_700_000_000 });
  expect(charged.data.object).toMatchObject({
    object: 'charge',
    amount: 2499,
    currency: 'usd',
    customer: 'cus_1',
    metadata: { launch_id: 'launch_3', offer_id: 'offer_2', order_id: 'ord_1', idempotency_key: 'key-1', market_day: '4' },
    balance_transaction: { type: 'charge', amount: 2499, fee: 102, net: 2397, currency: 'usd' },
  });
  expect(refunded).toMatchObject({ type: 'charge.refunded', livemode: false });
  const { refunds, ...same } = refunded.data.object;
  expect(same).toEqual({ ...charged.data.object, amount_refunded: 2499, refunded: true });
  expect(refunds.data).toHaveLength(1);
  expect(refunds.data[0]).toMatchObject({
    amount: 2499,
    metadata: { market_day: '11' },
    balance_transaction: { type: 'refund', amount: -2499, fee: 0, net: -2499 },
  });
});
