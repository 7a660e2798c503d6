// What the market tells the outside, as Stripe-shaped events, and the mischief done to their delivery. Pure.
import { createHash } from 'node:crypto';
import { hashSeed, randomFrom } from '../../core/random.ts';

const API_VERSION = '2026-10-28.endive';
const MICROS_PER_CENT = 10_000;
const TWICE_SHARE = 0.1;
const HELD_SHARE = 0.1;

export interface MarketEvent {
  id: string;
  type: 'charge.succeeded' | 'charge.refunded' | 'practice.launch_closed' | 'practice.day_ended';
  object: object;
}

/** One message to send. `held` ones come late on purpose: a day's end does not wait for them. */
export interface Delivery {
  eventId: string;
  type: MarketEvent['type'];
  day: number;
  body: string;
  held: boolean;
  delayMs: number;
  /** How often it is sent in a row. */
  copies: number;
}

/** An order with its launch, as an event needs them. */
export interface OrderFacts {
  orderId: string;
  customerId: string;
  launchId: number;
  offerId: string;
  launchKey: string;
  valueMicros: number;
  feeMicros: number;
}

export interface ClosedLaunch {
  launchId: number;
  offerId: string;
  status: 'ended' | 'stopped';
  spentMicros: number;
  returnedMicros: number;
  receipt: string;
  launchKey: string;
}

/** An id of this market and no other, the same whenever it is worked out again: `ch_3f…`. */
export function marketRef(prefix: string, marketId: string, ...parts: (string | number)[]): string {
  const digest = createHash('sha256').update(JSON.stringify([prefix, marketId, ...parts]));
  return `${prefix}_${digest.digest('hex').slice(0, 24)}`;
}

export function launchName(id: number): string {
  return `launch_${id}`;
}

export function chargeEvent(marketId: string, day: number, order: OrderFacts): MarketEvent {
  return { id: marketRef('evt', marketId, 'charge', order.orderId), type: 'charge.succeeded', object: chargeObject(marketId, day, order) };
}

/** @param payDay the day of the charge, which the charge's metadata goes on naming; @param day the day of the refund */
export function refundEvent(marketId: string, payDay: number, day: number, order: OrderFacts): MarketEvent {
  const amount = cents(order.valueMicros);
  const txn = { id: marketRef('txn', marketId, 'refund', order.orderId), object: 'balance_transaction', type: 'refund' };
  const refund = {
    id: marketRef('re', marketId, order.orderId),
    object: 'refund',
    amount,
    currency: 'usd',
    metadata: { market_day: String(day) },
    balance_transaction: { ...txn, amount: -amount, fee: 0, net: -amount, currency: 'usd' },
  };
  const object = {
    ...chargeObject(marketId, payDay, order),
    amount_refunded: amount,
    refunded: true,
    refunds: { object: 'list', data: [refund] },
  };
  return { id: marketRef('evt', marketId, 'refund', order.orderId), type: 'charge.refunded', object };
}

export function launchClosedEvent(marketId: string, day: number, launch: ClosedLaunch): MarketEvent {
  const object = {
    id: launchName(launch.launchId),
    object: 'practice.launch',
    status: launch.status,
    offer_id: launch.offerId,
    spent_micros: launch.spentMicros,
    returned_micros: launch.returnedMicros,
    receipt: launch.receipt,
    idempotency_key: launch.launchKey,
    market_day: day,
  };
  return { id: marketRef('evt', marketId, 'closed', launch.launchId), type: 'practice.launch_closed', object };
}

/** @param visits of the launches that ran that day: all their visitors so far, so that what was missed once comes with the next day */
export function dayEndedEvent(marketId: string, day: number, visits: readonly { launchId: number; visitors: number }[] = []): MarketEvent {
  const told = visits.map(({ launchId, visitors }) => ({ launch_id: launchName(launchId), visitors }));
  const object = { object: 'practice.day', day, ...(told.length === 0 ? {} : { visits: told }) };
  return { id: marketRef('evt', marketId, 'day', day), type: 'practice.day_ended', object };
}

/**
 * The messages of one event: usually one; about one in ten twice, about one in ten held back. Which ones hangs on the seed and `luck`
 * (a name of the event that is the same in every market of that seed). A day's end is never held back.
 * @param holdMs how long "a little" is; @param created unix seconds
 */
export function planDeliveries(
  event: MarketEvent,
  at: { day: number; seed: number; luck: string; holdMs: number; created: number },
): Delivery[] {
  const random = randomFrom(hashSeed(at.seed, 'mischief', event.type, at.luck));
  const held = random() < HELD_SHARE && event.type !== 'practice.day_ended';
  const delayMs = held ? Math.round(at.holdMs * (0.5 + random())) : 0;
  const { id, type, object } = event;
  const envelope = { id, object: 'event', type, livemode: false, created: at.created, api_version: API_VERSION, data: { object } };
  const first: Delivery = { eventId: id, type, day: at.day, body: JSON.stringify(envelope), held, delayMs, copies: 1 };
  if (random() >= TWICE_SHARE) return [first];
  // The end of an idle day must stay cheap: its second copy is no row of its own.
  if (event.type === 'practice.day_ended') return [{ ...first, copies: 2 }];
  return [first, { ...first, held: true, delayMs: delayMs + Math.round(at.holdMs * random()) }];
}

function chargeObject(marketId: string, day: number, order: OrderFacts): object {
  const amount = cents(order.valueMicros);
  const fee = cents(order.feeMicros);
  const txn = { id: marketRef('txn', marketId, 'charge', order.orderId), object: 'balance_transaction', type: 'charge' };
  return {
    id: marketRef('ch', marketId, order.orderId),
    object: 'charge',
    amount,
    amount_refunded: 0,
    refunded: false,
    currency: 'usd',
    livemode: false,
    customer: order.customerId,
    metadata: {
      launch_id: launchName(order.launchId),
      offer_id: order.offerId,
      order_id: order.orderId,
      idempotency_key: order.launchKey,
      market_day: String(day),
    },
    balance_transaction: { ...txn, amount, fee, net: amount - fee, currency: 'usd' },
  };
}

/** Exact: the model makes whole cents only. */
function cents(micros: number): number {
  return micros / MICROS_PER_CENT;
}
