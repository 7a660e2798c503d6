// What the practice market's journal must hold after some launches, worked out from its model alone: the far side's own second opinion.
import { type BuyerKey, drawRepeat } from '../../src/adapters/practice/market-loyalty.ts';
import {
  dayBudgetMicros,
  generateOffers,
  type LaunchDay,
  type MarketOffer,
  type MarketOrder,
  simulateLaunchDay,
} from '../../src/adapters/practice/market-model.ts';

export interface Launched {
  offerId: string;
  budgetMicros: number;
  days: number;
  startedDay: number;
}

type Booking = [kind: string, day: number, amountMicros: number, feeMicros: number];

function bookLaunch(seed: number, launch: Launched, lastDay: number): Booking[] {
  const offer = generateOffers(seed).find(({ id }) => id === launch.offerId);
  if (offer === undefined) throw new Error(`no ${launch.offerId}`);
  const books: Booking[] = [['launch', launch.startedDay, -launch.budgetMicros, 0]];
  let spentMicros = 0;
  for (let i = 0; i < launch.days; i += 1) {
    const day = launch.startedDay + i;
    const today: LaunchDay = simulateLaunchDay(seed, offer, day, dayBudgetMicros({ ...launch, spentMicros }, i));
    spentMicros += today.spentMicros;
    for (const order of today.orders)
      if (day <= lastDay) books.push(...bookOrder(order), ...bookRepeats(seed, offer, { ...order, visitDay: day }));
  }
  const unspent = launch.budgetMicros - spentMicros;
  if (unspent > 0) books.push(['return', launch.startedDay + launch.days - 1, unspent, 0]);
  return books;
}

function bookRepeats(seed: number, offer: MarketOffer, buyer: BuyerKey): Booking[] {
  const orders: Omit<MarketOrder, 'index'>[] = [];
  for (let next = drawRepeat(seed, offer, buyer, 1); next !== null; next = drawRepeat(seed, offer, buyer, orders.length + 1))
    orders.push(next);
  return orders.flatMap(bookOrder);
}

function bookOrder(order: Omit<MarketOrder, 'index'>): Booking[] {
  const charge: Booking = ['charge', order.payDay, order.valueMicros, order.feeMicros];
  return order.refundDay === null ? [charge] : [charge, ['refund', order.refundDay, -order.valueMicros, 0]];
}

/** What the books must say when `lastDay` days have ended, from the model alone, sorted. A launch is booked when it is made. */
export function expectedBooks(seed: number, launches: Launched[], lastDay: number): string[] {
  const books = launches.flatMap((launch) => bookLaunch(seed, launch, lastDay));
  return books
    .filter(([kind, day]) => kind === 'launch' || day <= lastDay)
    .map((row) => JSON.stringify(row))
    .toSorted();
}
