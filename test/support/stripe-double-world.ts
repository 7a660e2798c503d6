// What the Stripe double holds: its objects, and its own books. The books are the truth that a ledger is held against.
import { randomBytes } from 'node:crypto';

// biome-ignore lint/suspicious/noExplicitAny: objects of a foreign API, of any shape.
export type Thing = Record<string, any> & { id: string; object: string; created: number };

export interface World {
  livemode: boolean;
  accountId: string;
  /** Every object ever made, by kind, oldest first. */
  kinds: Map<string, Thing[]>;
  /** Events raised, oldest first; a test delivers them. */
  events: Thing[];
  now(): number;
}

export const newId = (prefix: string): string => `${prefix}_${randomBytes(9).toString('hex')}`;

export function add(world: World, kind: string, prefix: string, fields: Record<string, unknown>): Thing {
  const made = {
    id: newId(prefix),
    object: kind,
    created: Math.floor(world.now() / 1000),
    livemode: world.livemode,
    ...fields,
  } as unknown as Thing;
  const list = world.kinds.get(kind) ?? [];
  list.push(made);
  world.kinds.set(kind, list);
  return made;
}

export const all = (world: World, kind: string): Thing[] => world.kinds.get(kind) ?? [];
export const find = (world: World, kind: string, id: string): Thing | undefined => all(world, kind).find((thing) => thing.id === id);

export function need(world: World, kind: string, id: string): Thing {
  const found = find(world, kind, id);
  if (found === undefined) throw new Error(`the double has no ${kind} ${id}`);
  return found;
}

/** A line of the double's books. Net is what is left of amount after the fee. */
export function book(
  world: World,
  line: { amount: number; fee: number; currency: string; type: string; category: string; source: string | null; rate?: number },
): Thing {
  return add(world, 'balance_transaction', 'txn', {
    amount: line.amount,
    fee: line.fee,
    net: line.amount - line.fee,
    currency: line.currency,
    type: line.type,
    reporting_category: line.category,
    source: line.source,
    exchange_rate: line.rate ?? null,
    status: 'available',
    available_on: Math.floor(world.now() / 1000),
    description: null,
    fee_details: [],
  });
}

/** As Stripe sends it: the object as it is at this moment. */
export function raise(world: World, type: string, object: Thing): Thing {
  const event = {
    id: newId('evt'),
    object: 'event',
    api_version: '2026-10-28.endive',
    created: Math.floor(world.now() / 1000),
    livemode: world.livemode,
    type,
    data: { object: structuredClone(object) },
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
  } as unknown as Thing;
  world.events.push(event);
  return event;
}

export interface Paid {
  /** What the balance gets of it, when the customer's currency is another one. */
  settled?: { amount: number; currency: string; rate: number };
  fee?: number;
  /** Told before the line of the books is there, as with asynchronous capture; `late` raises the update. */
  async?: boolean;
  customer?: string | null;
  email?: string;
}

/** A customer pays through a link. */
export function pay(world: World, linkId: string, paid: Paid = {}): Thing {
  const link = need(world, 'payment_link', linkId);
  if (link['active'] !== true) throw new Error('this payment link is not active');
  const price = need(world, 'price', link['line_items'].data[0].price.id);
  const metadata = { ...link['payment_intent_data']?.metadata };
  const intent = add(world, 'payment_intent', 'pi', { metadata, amount: price['unit_amount'], currency: price['currency'] });
  const charge = chargeOf(world, { amount: price['unit_amount'], currency: price['currency'], metadata, intent: intent.id }, paid);
  const session = add(world, 'checkout.session', 'cs', {
    payment_link: linkId,
    payment_intent: intent.id,
    status: 'complete',
    payment_status: 'paid',
    metadata: { ...link['metadata'] },
  });
  raise(world, 'checkout.session.completed', session);
  return charge;
}

/** A payment that came by any way. */
export function chargeOf(
  world: World,
  of: { amount: number; currency: string; metadata?: Record<string, string>; intent?: string },
  paid: Paid = {},
): Thing {
  const customer = paid.customer === undefined ? newId('cus') : paid.customer;
  const charge = add(world, 'charge', of.intent === undefined ? 'py' : 'ch', {
    amount: of.amount,
    amount_refunded: 0,
    currency: of.currency,
    metadata: of.metadata ?? {},
    payment_intent: of.intent ?? null,
    customer,
    billing_details: { email: paid.email ?? 'buyer@example.com', name: 'A Buyer', phone: null, address: null },
    receipt_email: null,
    balance_transaction: null,
    failure_balance_transaction: null,
    refunded: false,
    disputed: false,
    paid: true,
    status: 'succeeded',
  });
  const settled = paid.settled ?? { amount: of.amount, currency: of.currency };
  const line = {
    amount: settled.amount,
    currency: settled.currency,
    fee: paid.fee ?? Math.round(settled.amount * 0.029) + 30,
    ...(paid.settled === undefined ? {} : { rate: paid.settled.rate }),
  };
  if (paid.async === true) raise(world, 'charge.succeeded', charge);
  charge['balance_transaction'] = book(world, { ...line, type: 'charge', category: 'charge', source: charge.id }).id;
  raise(world, paid.async === true ? 'charge.updated' : 'charge.succeeded', charge);
  return charge;
}

/** Gives back a part of a payment, at the rate it was settled at. @throws Error as Stripe would refuse it */
export function refund(
  world: World,
  of: { charge: string; amount?: number | undefined; metadata?: Record<string, string> | undefined },
): Thing {
  const charge = need(world, 'charge', of.charge);
  const amount = of.amount ?? charge['amount'] - charge['amount_refunded'];
  if (amount <= 0 || charge['amount_refunded'] + amount > charge['amount'])
    throw new Error('Refund amount is greater than unrefunded amount on charge');
  const sale = need(world, 'balance_transaction', charge['balance_transaction']);
  charge['amount_refunded'] += amount;
  charge['refunded'] = charge['amount_refunded'] === charge['amount'];
  const made = add(world, 'refund', 're', {
    charge: charge.id,
    amount,
    currency: charge['currency'],
    metadata: of.metadata ?? {},
    status: 'succeeded',
  });
  const settled = Math.round((sale['amount'] * amount) / charge['amount']);
  const line = { amount: -settled, fee: 0, currency: sale['currency'], type: 'refund', category: 'refund', source: made.id };
  made['balance_transaction'] = book(world, sale['exchange_rate'] === null ? line : { ...line, rate: sale['exchange_rate'] }).id;
  raise(world, 'charge.refunded', charge);
  raise(world, 'refund.created', made);
  return made;
}

/** A bank takes a payment back, with a fee. */
export function dispute(world: World, chargeId: string): Thing {
  const charge = need(world, 'charge', chargeId);
  const sale = need(world, 'balance_transaction', charge['balance_transaction']);
  charge['disputed'] = true;
  const made = add(world, 'dispute', 'dp', {
    charge: chargeId,
    amount: charge['amount'],
    currency: charge['currency'],
    status: 'needs_response',
    reason: 'fraudulent',
    balance_transactions: [],
    evidence_details: { due_by: Math.floor(world.now() / 1000) + 9 * 86_400 },
    metadata: {},
  });
  raise(world, 'charge.dispute.created', made);
  const line = { amount: -sale['amount'], fee: 1500, currency: sale['currency'], type: 'adjustment', category: 'dispute', source: made.id };
  made['balance_transactions'].push(structuredClone(book(world, line)));
  raise(world, 'charge.dispute.funds_withdrawn', made);
  return made;
}

export function closeDispute(world: World, id: string, status: 'won' | 'lost'): void {
  const made = need(world, 'dispute', id);
  made['status'] = status;
  if (status === 'won') {
    const back = -made['balance_transactions'][0].amount;
    const line = {
      amount: back,
      fee: 0,
      currency: made['balance_transactions'][0].currency,
      type: 'adjustment',
      category: 'dispute_reversal',
      source: id,
    };
    made['balance_transactions'].push(structuredClone(book(world, line)));
    raise(world, 'charge.dispute.funds_reinstated', made);
  }
  raise(world, 'charge.dispute.closed', made);
}

export function payout(world: World, amount: number, currency = 'usd'): Thing {
  const made = add(world, 'payout', 'po', { amount, currency, status: 'paid', failure_balance_transaction: null });
  made['balance_transaction'] = book(world, { amount: -amount, fee: 0, currency, type: 'payout', category: 'payout', source: made.id }).id;
  raise(world, 'payout.paid', made);
  return made;
}

/** What the double's books come to: net by currency, and amounts by category and currency, in minor units. */
export function truth(world: World): { net: Record<string, number>; byCategory: Record<string, number>; fees: Record<string, number> } {
  const net: Record<string, number> = {};
  const fees: Record<string, number> = {};
  const byCategory: Record<string, number> = {};
  for (const line of all(world, 'balance_transaction')) {
    const { currency, reporting_category: category } = line as unknown as { currency: string; reporting_category: string };
    net[currency] = (net[currency] ?? 0) + line['net'];
    fees[currency] = (fees[currency] ?? 0) + line['fee'];
    byCategory[`${category} ${currency}`] = (byCategory[`${category} ${currency}`] ?? 0) + line['amount'];
  }
  return { net, byCategory, fees };
}
