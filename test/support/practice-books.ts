// What the practice market's journal must hold after some launches, worked out from its model alone: the far side's own second opinion.
import { dayBudgetMicros, generateOffers, type LaunchDay, simulateLaunchDay } from '../../src/adapters/practice/market-model.ts';

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
    for (const order of today.orders) books.push(...(day <= lastDay ? bookOrder(order) : []));
  }
  const unspent = launch.budgetMicros - spentMicros;
  if (unspent > 0) books.push(['return', launch.startedDay + launch.days - 1, unspent, 0]);
  return books;
}

function bookOrder(order: LaunchDay['orders'][number]): Booking[] {
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
