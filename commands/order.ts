// order: an order with its history and what a person can do with it; or the orders that are not through.
import { z } from 'zod';
import type { Card } from '../src/chat/card.ts';
import { defineCommand } from '../src/chat/command.ts';
import { plainLine } from '../src/chat/escape.ts';
import { idField, wholeField, wordsField } from '../src/chat/fields.ts';
import { orderAmount } from '../src/chat/views/order-card.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { listOpenOrders } from '../src/domain/orders/order-store.ts';
import type { Deps } from '../src/flows/deps.ts';
import { type OrderAct, settleOrder } from '../src/flows/settle-order.ts';
import { drawOrder } from '../src/flows/show-order.ts';

const ACTS = ['done', 'failed', 'retry', 'link', 'promise', 'kept', 'release', 'refund'] as const;
const SHOWN = 20;

const input = z.object({
  id: idField('an order').optional(),
  do: z
    .enum(ACTS)
    .describe('done, failed, retry, link (a new download link), promise (told the customer), kept, release, or refund (asks for a yes)')
    .optional(),
  what: z.enum(['delivery', 'refund', 'discount', 'message']).describe('what was promised').optional(),
  days: wholeField('days until it is due', 1, 365).optional(),
  promise: idField('a promise').optional(),
  amount: z
    .string()
    .regex(/^\d{1,10}(\.\d{1,6})?$/, 'is not an amount like 5 or 5.50')
    .describe('how much to give back, in the currency it was paid in; all of it if left out')
    .optional(),
  note: wordsField('what proves it, why not, or what was promised', 500).optional(),
});
type Input = z.output<typeof input>;

export const order = defineCommand({
  name: 'order',
  summary: 'an order with its history and what to do with it; without a number the open ones',
  role: 'operator',
  input,
  positional: 'id',
  examples: [
    'order',
    'order 12',
    'order 12 arrived broken do:refund amount:5',
    'order 12 parcel number 4711 do:done',
    'order 12 a tenth off the next one do:promise what:discount days:30',
  ],
  run: async ({ input: given, caller, deps }) => {
    if (given.id === undefined) return openOrders(deps);
    if (given.do === undefined) return (await drawOrder(deps.db, deps.mode, given.id)).card;
    return settleOrder(deps, given.id, actOf(given, given.do), caller.platformId);
  },
});

function needed<Field extends 'what' | 'days' | 'promise' | 'note'>(given: Input, field: Field): NonNullable<Input[Field]> {
  const value = given[field];
  if (value === undefined) throw new InvalidInput(`"order … do:${given.do}" needs ${field}:…`, { [field]: 'is missing' });
  return value as NonNullable<Input[Field]>;
}

function actOf(given: Input, act: (typeof ACTS)[number]): OrderAct {
  switch (act) {
    case 'done':
    case 'failed':
      return { kind: act, note: needed(given, 'note') };
    case 'refund':
      return { kind: act, amount: given.amount ?? null, note: needed(given, 'note') };
    case 'retry':
    case 'link':
      return { kind: act };
    case 'promise':
      return { kind: act, what: needed(given, 'what'), days: needed(given, 'days'), words: needed(given, 'note') };
    case 'kept':
    case 'release':
      return { kind: act, promiseId: needed(given, 'promise'), note: needed(given, 'note') };
  }
}

async function openOrders(deps: Deps): Promise<Card> {
  const orders = await listOpenOrders(deps.db, deps.mode, SHOWN + 1);
  const now = deps.clock.now();
  if (orders.length === 0) return { title: 'No order is open', tone: 'muted', text: 'All of them: [orders](/orders?all=1).' };
  return {
    title: orders.length > SHOWN ? `More than ${SHOWN} orders are open` : `${orders.length} open`,
    tone: orders.some((one) => one.deliver_by < now) ? 'bad' : 'info',
    text: 'All of them: [orders](/orders?all=1).',
    table: {
      columns: ['Order', 'Offer', 'Paid', 'State', 'Promised for'],
      rows: orders
        .slice(0, SHOWN)
        .map((one) => [
          `[${one.id}](/orders/${one.id})`,
          plainLine(one.offer_id ?? '', 60),
          orderAmount(one.amount_micros, one.currency),
          one.status,
          one.deliver_by.toISOString(),
        ]),
    },
    buttons: orders
      .slice(0, 5)
      .map((one) => ({ label: `Show ${one.id}`, command: 'order', args: { id: one.id }, style: 'plain' as const })),
  };
}
