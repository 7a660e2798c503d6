// One order: where it stands, how it came there, what proves it, what is still owed, and what a person can do.
// Cards are copied to other platforms, so what people wrote about a customer is not on them; the order's page has it.
import { formatUsd, type Micros } from '../../core/money.ts';
import type { Order, OrderStep, Receipt } from '../../domain/orders/order-store.ts';
import type { CustomerPromise } from '../../domain/promises/promise-store.ts';
import type { Button, Card, Tone } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

export interface OrderFacts {
  order: Order;
  steps: readonly OrderStep[];
  receipts: readonly Receipt[];
  promises: readonly CustomerPromise[];
}

const TONES: Record<Order['status'], Tone> = { paid: 'info', fulfilling: 'info', fulfilled: 'good', failed: 'bad', refunded: 'muted' };
const ROWS = 20;
/** The source whose payments can be given back by a tool; the practice market gives back by itself. */
const REFUNDABLE = 'stripe';

/** Of an order's own currency; only dollars have a sign of their own. */
export const orderAmount = (micros: Micros, currency: string): string =>
  currency === 'USD' ? formatUsd(micros) : `${formatUsd(micros).replace('$', '')} ${currency}`;

/** Nothing more happens by itself: somebody has to deliver it. */
export const liesWithPerson = (order: Order): boolean => order.status === 'fulfilling' && order.next_at === null;

export function orderCard({ order, steps, receipts, promises }: OrderFacts): Card {
  const buttons = buttonsOf(order, promises);
  return {
    title: `Order ${order.id}: ${statusWords(order)}`,
    tone: liesWithPerson(order) ? 'ask' : TONES[order.status],
    text: [
      whatNow(order),
      order.trouble === null || order.status !== 'fulfilling' ? '' : `Last trouble: ${escapeMarkdown(order.trouble, 300)}`,
      `[All of it](/orders/${order.id})`,
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    fields: [
      { label: 'Mode', value: order.mode },
      { label: 'Paid', value: orderAmount(order.amount_micros, order.currency) },
      ...(order.refunded_micros > 0n ? [{ label: 'Refunded', value: orderAmount(order.refunded_micros, order.currency) }] : []),
      { label: 'Offer', value: plainLine(order.offer_id ?? 'unknown', 80) },
      { label: 'Way', value: order.way },
      { label: 'Customer', value: `[Customer ${order.customer_id}](/customers/${order.customer_id})` },
      { label: 'Promised for', value: order.deliver_by.toISOString() },
    ],
    table: { columns: ['When', 'What', 'By'], rows: historyOf(steps, receipts, promises) },
    ...(buttons.length === 0 ? {} : { buttons }),
    ref: { kind: 'order', id: order.id },
  };
}

const statusWords = (order: Order): string => (liesWithPerson(order) ? 'waits for somebody to deliver it' : order.status);

function whatNow(order: Order): string {
  if (liesWithPerson(order))
    return order.way === 'download'
      ? `The file waits behind a link; [the order's page](/orders/${order.id}) has it. Send it to the customer. The order is fulfilled when they fetch it, or when you say Done.`
      : `Deliver it, then press Done and write down what proves it. Whom to: [the order's page](/orders/${order.id}).`;
  if (order.status === 'failed') return 'It could not be fulfilled. Try it again, deliver it by hand, or give the money back.';
  if (order.status === 'refunded') return 'All of the money went back; nothing more is owed.';
  return '';
}

function buttonsOf(order: Order, promises: readonly CustomerPromise[]): Button[] {
  const args = (act: string, more: Button['args'] = {}): Button['args'] => ({ id: order.id, do: act, ...more });
  const done: Button = { label: 'Done…', command: 'order', args: args('done', { note: '' }), style: 'primary' };
  const buttons: Button[] = [];
  if (liesWithPerson(order) || order.status === 'failed') buttons.push(done);
  if (order.source === REFUNDABLE && order.refunded_micros < order.amount_micros)
    buttons.push({ label: 'Refund…', command: 'order', args: args('refund', { note: '' }), style: 'danger' });
  if (order.status === 'failed') buttons.push({ label: 'Try again', command: 'order', args: args('retry'), style: 'plain' });
  if (liesWithPerson(order)) buttons.push({ label: 'Failed…', command: 'order', args: args('failed', { note: '' }), style: 'danger' });
  for (const promise of promises.filter(({ status, kind }) => status === 'open' && (kind === 'discount' || kind === 'message')).slice(0, 2))
    buttons.push({
      label: `Promise ${promise.id} kept…`,
      command: 'order',
      args: args('kept', { promise: promise.id, note: '' }),
      style: 'plain',
    });
  return buttons;
}

function historyOf(steps: OrderFacts['steps'], receipts: OrderFacts['receipts'], promises: OrderFacts['promises']): string[][] {
  const rows: [Date, string, string][] = [
    ...steps.map((step): [Date, string, string] => [step.at, `${step.to_status}: ${plainLine(step.reason, 160)}`, plainLine(step.by, 60)]),
    ...receipts.map((receipt): [Date, string, string] => [receipt.created_at, receiptWords(receipt), plainLine(receipt.source, 60)]),
    ...promises.map((promise): [Date, string, string] => [promise.created_at, promiseWords(promise), plainLine(promise.said_by, 60)]),
  ];
  return rows
    .toSorted(([a], [b]) => a.getTime() - b.getTime())
    .slice(-ROWS)
    .map(([at, what, by]) => [at.toISOString(), what, by]);
}

const receiptWords = (receipt: Receipt): string => `receipt ${receipt.id} of the ${receipt.kind}: ${plainLine(receipt.external_id, 80)}`;

function promiseWords(promise: CustomerPromise): string {
  const said = promise.said_in === 'message' ? '' : `: ${plainLine(promise.words, 120)}`;
  const until = `open until ${promise.due_at.toISOString().slice(0, 16).replace('T', ' ')}`;
  const end = promise.status === 'kept' ? `kept, receipt ${promise.receipt_id}` : promise.status === 'open' ? until : 'released';
  return `promise ${promise.id} (${promise.kind})${said}; ${end}`;
}
