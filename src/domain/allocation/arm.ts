// What allocation knows of one arm: an offer, variant or experiment that turns money into visitors, as a business sees it.
// Money comes in as bigint micro-dollars; inside, a Reading holds plain numbers of dollars.
import { InvalidInput } from '../../core/errors.ts';
import type { Micros } from '../../core/money.ts';

/** Belief about a conversion rate before an arm's own visitors: Beta(mean·strength, (1 − mean)·strength). */
export interface ConversionPrior {
  /** Orders per visitor, in (0, 1). */
  mean: number;
  /** How many visitors it weighs like, above 0. */
  strength: number;
}

/** One order, credited to the market day of the visit it came from. Days are whole numbers on one calendar. */
export interface ArmOrder {
  visitDay: number;
  /** The day its payment was seen; never before the visit. */
  payDay: number;
  valueMicros: Micros;
  /** Whether it has been given back so far. */
  refunded: boolean;
}

export interface Arm {
  id: string;
  listPriceMicros: Micros;
  costPerVisitorMicros: Micros;
  /** Visitors that can be had in a day. */
  capacityPerDay: number;
  /** The first day it could have had visitors. */
  sinceDay: number;
  /** Visitors bought, by day, today excluded; a day may be absent. */
  visits: readonly { day: number; visitors: number }[];
  /** Payments seen until now. */
  orders: readonly ArmOrder[];
  /** What the processor keeps of each order, also when it is given back. */
  fee: { rate: number; fixedMicros: Micros };
  /** Delivering one order, kept when it is given back; none by default. */
  unitCostMicros?: Micros;
  /** The most that may still be spent on it, such as what is left of its maximum loss; without it only its capacity limits it. */
  mostMicros?: Micros;
  /** This arm's own prior, such as what lessons predict; by default the one of the whole call. */
  prior?: ConversionPrior;
}

const USD = 1e6;
const REFUND_SEEN_AFTER = 7;
/** Before anything is seen one order in twenty goes back, worth forty orders; and an order brings its list price, worth twenty. */
const REFUND_PRIOR = { back: 2, orders: 40 };
const VALUE_PRIOR_ORDERS = 20;

/** Dollars of one more order, on average: its value less refunds, the processor's fee and its delivery. May be below 0. */
export function netPerOrder(arm: Arm, today: number): number {
  const price = Number(arm.listPriceMicros) / USD;
  const worth = arm.orders.reduce((sum, order) => sum + Number(order.valueMicros) / USD, price * VALUE_PRIOR_ORDERS);
  const value = worth / (VALUE_PRIOR_ORDERS + arm.orders.length);
  // Orders too young to have come back say nothing about refunds, unless they have.
  const old = arm.orders.filter(({ payDay, refunded }) => refunded || payDay + REFUND_SEEN_AFTER <= today);
  const back = REFUND_PRIOR.back + old.filter(({ refunded }) => refunded).length;
  const refundShare = back / (REFUND_PRIOR.orders + old.length);
  const { rate, fixedMicros } = arm.fee;
  return value * (1 - refundShare) - rate * value - Number(fixedMicros) / USD - Number(arm.unitCostMicros ?? 0n) / USD;
}

/** @throws InvalidInput naming what is wrong with the arm */
export function checkArm(arm: Arm, today: number): void {
  const wrong = wrongNumbers(arm) ?? wrongDays(arm, today);
  if (wrong !== null) throw new InvalidInput(`Arm ${arm.id}: ${wrong}.`, { arms: wrong });
  if (arm.prior !== undefined) checkPrior(arm.prior);
}

function wrongNumbers({
  listPriceMicros,
  costPerVisitorMicros,
  capacityPerDay,
  fee,
  mostMicros = 0n,
  unitCostMicros = 0n,
}: Arm): string | null {
  if (listPriceMicros <= 0n) return 'its list price must be above 0';
  if (costPerVisitorMicros <= 0n) return 'its cost per visitor must be above 0';
  if (!Number.isInteger(capacityPerDay) || capacityPerDay < 0) return 'its capacity must be a whole number of visitors';
  if (!(fee.rate >= 0 && fee.rate < 1) || fee.fixedMicros < 0n) return 'its fee must be a share and a fixed amount';
  return mostMicros < 0n || unitCostMicros < 0n ? 'amounts cannot be below 0' : null;
}

function wrongDays({ visits, orders, sinceDay }: Arm, today: number): string | null {
  const strayed = visits.find(({ day }) => !(Number.isInteger(day) && day < today && day >= sinceDay));
  if (strayed !== undefined) return `visits of day ${strayed.day} are not between its first day and today`;
  const uncounted = visits.find(({ visitors }) => !(Number.isInteger(visitors) && visitors >= 0));
  if (uncounted !== undefined) return `${uncounted.visitors} visitors on day ${uncounted.day}`;
  const early = orders.find(({ visitDay, payDay }) => !(visitDay >= sinceDay && payDay >= visitDay && payDay <= today));
  return early === undefined ? null : `an order of day ${early.visitDay} paid on day ${early.payDay}`;
}

/** @throws InvalidInput */
export function checkPrior({ mean, strength }: ConversionPrior): void {
  if (!(mean > 0 && mean < 1)) throw new InvalidInput(`A prior conversion of ${mean} is not between 0 and 1.`);
  if (!(strength > 0 && Number.isFinite(strength))) throw new InvalidInput(`A prior cannot weigh ${strength} visitors.`);
}
