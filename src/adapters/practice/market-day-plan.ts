// What happens on a market day, worked out from the launches that run and the money that is due: journal entries, orders, messages.

import { findArrival } from './market-arrivals.ts';
import {
  chargeEvent,
  type Delivery,
  dayEndedEvent,
  launchClosedEvent,
  launchName,
  type MarketEvent,
  marketRef,
  type OrderFacts,
  planDeliveries,
  refundEvent,
} from './market-events.ts';
import { type BuyerKey, drawRepeat } from './market-loyalty.ts';
import { dayBudgetMicros, type MarketOffer, simulateLaunchDay } from './market-model.ts';
import type { JournalEntry, LaunchRow } from './market-store.ts';

/** What a running market knows by heart. */
export interface World {
  marketId: string;
  seed: number;
  /** The twelve it opened with. */
  offers: MarketOffer[];
  /** This process's number; see market.clock. */
  term: number;
  /** How long a held-back event is held, about. */
  holdMs: number;
}

export interface OrderRow extends OrderFacts {
  visitDay: number;
  payDay: number;
  refundDay: number | null;
  /** 0 for a first order, then 1, 2, … */
  repeat: number;
  /** The buyer's first order; null for buyers from before anybody came back. */
  buyer: BuyerKey | null;
}

export interface DayPlan {
  launches: { id: number; visitors: number; spentMicros: number; closes: boolean; totalSpentMicros: number; returnedMicros: number }[];
  orders: OrderRow[];
  journal: JournalEntry[];
  deliveries: Delivery[];
}

export interface DayFacts {
  running: LaunchRow[];
  charges: OrderRow[];
  refunds: OrderRow[];
}

/** An offer that is there on that day, or was there before. */
export const findOffer = (world: Pick<World, 'seed' | 'offers'>, id: string, day: number): MarketOffer | null =>
  world.offers.find((offer) => offer.id === id) ?? findArrival(world.seed, id, day);

/** An event's messages: which of them misbehave is the same in every market of this seed. */
export function messagesOf(world: World, event: MarketEvent, day: number, luck: string): Delivery[] {
  const created = Math.floor(Date.now() / 1000);
  return planDeliveries(event, { day, seed: world.seed, luck, holdMs: world.holdMs, created });
}

/** Everything that happens on a day, from the facts; pure but for the time written into the messages. */
export function planDay(world: World, day: number, facts: DayFacts): DayPlan {
  const plan: DayPlan = { launches: [], orders: [], journal: [], deliveries: [] };
  const { marketId } = world;
  for (const order of facts.charges) {
    plan.journal.push({ ...orderEntry(world, 'charge', day, order), amountMicros: order.valueMicros, feeMicros: order.feeMicros });
    plan.deliveries.push(...messagesOf(world, chargeEvent(marketId, day, order), day, orderLuck(order)));
    plan.orders.push(...nextOrder(world, order));
  }
  for (const order of facts.refunds) {
    plan.journal.push({ ...orderEntry(world, 'refund', day, order), amountMicros: -order.valueMicros });
    plan.deliveries.push(...messagesOf(world, refundEvent(marketId, order.payDay, day, order), day, orderLuck(order)));
  }
  for (const launch of facts.running) planLaunch(world, day, launch, plan);
  const before = new Map(facts.running.map((launch) => [launch.id, launch.visitors]));
  const visits = plan.launches.map(({ id, visitors }) => ({ launchId: id, visitors: visitors + (before.get(id) ?? 0) }));
  plan.deliveries.push(...messagesOf(world, dayEndedEvent(marketId, day, visits), day, String(day)));
  return plan;
}

/** A buyer's next purchase is settled with the payment of the one before; until its day comes it is nobody's business. */
function nextOrder(world: World, order: OrderRow): OrderRow[] {
  const offer = findOffer(world, order.offerId, order.payDay);
  const { buyer } = order;
  if (offer === null || buyer === null) return [];
  const repeat = order.repeat + 1;
  const next = drawRepeat(world.seed, offer, buyer, repeat);
  if (next === null) return [];
  const orderId = marketRef('ord', world.marketId, order.offerId, buyer.visitDay, buyer.index, 'repeat', repeat);
  return [{ ...order, ...next, orderId, repeat, visitDay: order.payDay }];
}

function orderLuck(order: OrderRow): string {
  return `${order.offerId}/${order.visitDay}/${order.valueMicros}`;
}

function orderEntry(world: World, kind: 'charge' | 'refund', day: number, order: OrderRow) {
  const { launchId, orderId, launchKey } = order;
  const txnId = marketRef('txn', world.marketId, kind, orderId);
  return { txnId, kind, day, launchId, orderId, chargeId: marketRef('ch', world.marketId, orderId), idempotencyKey: launchKey };
}

function planLaunch(world: World, day: number, launch: LaunchRow, plan: DayPlan): void {
  const offer = findOffer(world, launch.offerId, day);
  if (offer === null) throw new Error(`${launchName(launch.id)} runs ${launch.offerId}, which this market does not have`);
  const daysRun = day - launch.startedDay;
  const today = simulateLaunchDay(world.seed, offer, day, dayBudgetMicros(launch, daysRun));
  const totalSpentMicros = launch.spentMicros + today.spentMicros;
  const closes = daysRun + 1 >= launch.days;
  const returnedMicros = closes ? launch.budgetMicros - totalSpentMicros : 0;
  plan.launches.push({ id: launch.id, visitors: today.visitors, spentMicros: today.spentMicros, closes, totalSpentMicros, returnedMicros });
  for (const order of today.orders) {
    const orderId = marketRef('ord', world.marketId, launch.offerId, day, order.index);
    const customerId = marketRef('cus', world.marketId, launch.offerId, day, order.index);
    plan.orders.push({
      ...order,
      orderId,
      customerId,
      launchId: launch.id,
      offerId: launch.offerId,
      launchKey: launch.idempotencyKey,
      visitDay: day,
      repeat: 0,
      buyer: { visitDay: day, index: order.index, payDay: order.payDay },
    });
  }
  if (!closes) return;
  plan.journal.push(...returnEntry(world, day, launch, returnedMicros));
  const closed = {
    ...launch,
    launchId: launch.id,
    status: 'ended' as const,
    spentMicros: totalSpentMicros,
    returnedMicros,
    launchKey: launch.idempotencyKey,
  };
  plan.deliveries.push(...messagesOf(world, launchClosedEvent(world.marketId, day, closed), day, launchName(launch.id)));
}

/** Unspent budget going back; no entry when all of it was spent. */
export function returnEntry(world: World, day: number, launch: LaunchRow, amountMicros: number): JournalEntry[] {
  if (amountMicros === 0) return [];
  const txnId = marketRef('txn', world.marketId, 'return', launch.id);
  return [{ txnId, kind: 'return', day, launchId: launch.id, idempotencyKey: launch.idempotencyKey, amountMicros }];
}
