// The Stripe double's endpoints: what a POST makes, what a GET finds, and the errors Stripe gives for the rest.
import { type Form, flat, group, text, values } from './stripe-double-form.ts';
import { add, all, find, refund, type Thing, type World } from './stripe-double-world.ts';

export interface Reply {
  status: number;
  body: unknown;
}

/** An error in Stripe's shape. */
export class Refused extends Error {
  readonly reply: Reply;
  constructor(status: number, message: string, more: { type?: string; code?: string } = {}) {
    super(message);
    this.reply = { status, body: { error: { type: 'invalid_request_error', message, ...more } } };
  }
}

const missing = (kind: string, id: string): Refused => new Refused(404, `No such ${kind}: '${id}'`, { code: 'resource_missing' });

const KINDS: Record<string, string> = {
  products: 'product',
  prices: 'price',
  payment_links: 'payment_link',
  balance_transactions: 'balance_transaction',
  refunds: 'refund',
  charges: 'charge',
  disputes: 'dispute',
  payouts: 'payout',
  payment_intents: 'payment_intent',
  'checkout/sessions': 'checkout.session',
  events: 'event',
};

export function answer(world: World, method: string, path: string, form: Form): Reply {
  if (path === 'account')
    return { status: 200, body: { id: world.accountId, object: 'account', business_profile: { name: 'The Double' } } };
  const parts = path.split('/');
  const name = path.startsWith('checkout/sessions') ? 'checkout/sessions' : (parts[0] ?? '');
  const kind = KINDS[name];
  const id = name.includes('/') ? parts[2] : parts[1];
  if (kind === undefined) throw new Refused(404, `Unrecognized request URL (${method}: /v1/${path}).`);
  if (method === 'POST') return { status: 200, body: id === undefined ? make(world, kind, form) : change(world, kind, id, form) };
  if (id === undefined) return { status: 200, body: list(world, kind, form) };
  if (id === 'search') return { status: 200, body: search(world, kind, text(form, 'query') ?? '') };
  return { status: 200, body: show(world, kind, id, values(form, 'expand')) };
}

function make(world: World, kind: string, form: Form): Thing {
  const metadata = flat(group(form, 'metadata'));
  switch (kind) {
    case 'product': {
      const id = text(form, 'id');
      if (id !== undefined && find(world, kind, id) !== undefined)
        throw new Refused(400, `Product already exists.`, { code: 'resource_already_exists' });
      return add(world, kind, 'prod', { ...(id === undefined ? {} : { id }), name: text(form, 'name'), metadata, active: true });
    }
    case 'price':
      return makePrice(world, form, metadata);
    case 'payment_link':
      return makeLink(world, form, metadata);
    case 'refund':
      return makeRefund(world, form, metadata);
    default:
      throw new Refused(404, `The double makes no ${kind}.`);
  }
}

function makePrice(world: World, form: Form, metadata: Record<string, string>): Thing {
  const lookup = text(form, 'lookup_key') ?? null;
  const product = text(form, 'product') ?? '';
  if (find(world, 'product', product) === undefined) throw missing('product', product);
  const taken = all(world, 'price').find((price) => lookup !== null && price['lookup_key'] === lookup);
  if (taken !== undefined) throw new Refused(400, `A price (\`${taken.id}\`) already uses that lookup key.`);
  const amount = Number(text(form, 'unit_amount'));
  if (!Number.isInteger(amount) || amount <= 0) throw new Refused(400, 'Invalid integer: unit_amount');
  return add(world, 'price', 'price', { product, unit_amount: amount, currency: text(form, 'currency'), lookup_key: lookup, metadata });
}

function makeLink(world: World, form: Form, metadata: Record<string, string>): Thing {
  const id = text(group(group(form, 'line_items'), '0'), 'price') ?? '';
  const price = find(world, 'price', id);
  if (price === undefined) throw missing('price', id);
  const product = find(world, 'product', price['product']);
  const item = {
    id: `li_${id}`,
    object: 'item',
    price: structuredClone(price),
    quantity: 1,
    currency: price['currency'],
    description: product?.['name'],
  };
  const link = add(world, 'payment_link', 'plink', {
    active: true,
    currency: price['currency'],
    metadata,
    payment_intent_data: { metadata: flat(group(group(form, 'payment_intent_data'), 'metadata')) },
    customer_creation: text(form, 'customer_creation') ?? 'if_required',
  });
  link['url'] = `https://buy.stripe.example/${link.id}`;
  link['line_items'] = { object: 'list', data: [item], has_more: false, url: `/v1/payment_links/${link.id}/line_items` };
  return link;
}

function makeRefund(world: World, form: Form, metadata: Record<string, string>): Thing {
  const charge = text(form, 'charge') ?? '';
  if (find(world, 'charge', charge) === undefined) throw missing('charge', charge);
  const amount = text(form, 'amount');
  try {
    return refund(world, { charge, amount: amount === undefined ? undefined : Number(amount), metadata });
  } catch (error) {
    throw new Refused(400, error instanceof Error ? error.message : String(error), { code: 'charge_already_refunded' });
  }
}

function change(world: World, kind: string, id: string, form: Form): Thing {
  const thing = find(world, kind, id);
  if (thing === undefined) throw missing(kind, id);
  if (kind !== 'payment_link') throw new Refused(400, `The double changes no ${kind}.`);
  const active = text(form, 'active');
  if (active !== undefined) thing['active'] = active === 'true';
  return thing;
}

/** Links come without their items unless these are asked for; a line's source is an id unless expanded. */
function show(world: World, kind: string, id: string, expand: readonly string[]): Thing {
  const thing = find(world, kind, id);
  if (thing === undefined) throw missing(kind, id);
  const {
    line_items: items,
    payment_intent_data: _hidden,
    ...shown
  } = thing as Thing & { line_items?: unknown; payment_intent_data?: unknown };
  if (expand.includes('line_items') && items !== undefined) return { ...shown, line_items: items } as unknown as Thing;
  const source = thing['source'];
  if (expand.includes('source') && typeof source === 'string') {
    const whole = ['charge', 'refund', 'dispute', 'payout'].map((one) => find(world, one, source)).find((one) => one !== undefined);
    return { ...shown, source: whole ?? source } as unknown as Thing;
  }
  return shown as unknown as Thing;
}

function list(world: World, kind: string, form: Form): unknown {
  const created = group(form, 'created');
  const [from, to] = [Number(text(created, 'gte') ?? 0), Number(text(created, 'lt') ?? Number.MAX_SAFE_INTEGER)];
  const keys = values(form, 'lookup_keys');
  const wanted = ['charge', 'source', 'payment_link', 'status', 'product', 'payment_intent', 'type'].flatMap((name) => {
    const value = text(form, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const everything = kind === 'event' ? world.events : all(world, kind);
  const found = everything
    .filter((thing) => thing.created >= from && thing.created < to)
    .filter((thing) => wanted.every(([name, value]) => thing[name] === value))
    .filter((thing) => keys.length === 0 || keys.includes(thing['lookup_key']))
    .toReversed();
  const after = text(form, 'starting_after');
  const start = after === undefined ? 0 : found.findIndex((thing) => thing.id === after) + 1;
  const limit = Number(text(form, 'limit') ?? 10);
  const data = found.slice(start, start + limit).map((thing) => (kind === 'event' ? thing : show(world, kind, thing.id, [])));
  return { object: 'list', url: `/v1/${kind}s`, has_more: start + limit < found.length, data };
}

/** The one query the double knows: metadata['name']:'value'. */
function search(world: World, kind: string, query: string): unknown {
  const [, name = '', value = ''] = /^metadata\[["']([\w.-]+)["']\]:["'](.*)["']$/.exec(query) ?? [];
  const data = all(world, kind).filter((thing) => thing['metadata']?.[name] === value);
  return { object: 'search_result', url: `/v1/${kind}s/search`, has_more: false, data, next_page: null };
}
