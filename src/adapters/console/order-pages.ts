// The pages of orders, customers and promises. What buyers typed is shown as text and nothing else.

import type { Card } from '../../chat/card.ts';
import { orderAmount } from '../../chat/views/order-card.ts';
import type { Customer } from '../../domain/customers/customer-store.ts';
import type { Order, Receipt } from '../../domain/orders/order-store.ts';
import type { CustomerPromise } from '../../domain/promises/promise-store.ts';
import { renderButton, renderEntry } from './card-view.ts';
import { renderStatus } from './goal-pages.ts';
import { type Frame, nextPage, renderOlder, renderTime } from './layout.ts';
import { type Html, html } from './markup.ts';
import type { listCustomerRows, listOrderRows, listPromiseRows } from './order-page-store.ts';

export const ORDERS_PAGE = 50;
type Rows<List extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<List>>;
export type PromiseView = 'open' | 'overdue' | 'all';

const VIEWS = [
  ['/orders', 'open orders'],
  ['/orders?all=1', 'all orders'],
  ['/customers', 'customers'],
  ['/promises', 'open promises'],
  ['/promises?which=overdue', 'overdue'],
  ['/promises?which=all', 'all promises'],
] as const;

const renderViews = (current: string): Html =>
  html`<nav class="tabs" aria-label="What to see">${VIEWS.map(([href, label]) => html`<a href="${href}"${href === current && html` aria-current="page"`}>${label}</a>`)}</nav>`;

function renderOrderRows(frame: Frame, orders: Rows<typeof listOrderRows>): Html {
  return html`<ul class="rows">${orders.map(
    (
      order,
    ) => html`<li><a class="row" href="/orders/${order.id}"><span class="id">#${order.id}</span><span class="what">${order.offer_id ?? 'unknown offer'}, ${orderAmount(order.amount_micros, order.currency)}</span>${renderStatus(order.status)}
      <span class="meta">${order.status === 'fulfilling' && order.next_at === null && html`<strong>waits for a person</strong> · `}${order.way} · customer #${order.customer_id} · paid ${renderTime(order.paid_at, frame.timezone)}${(order.status === 'paid' || order.status === 'fulfilling') && html` · promised for ${renderTime(order.deliver_by, frame.timezone)}`}${order.refunded_micros > 0n && html` · ${orderAmount(order.refunded_micros, order.currency)} refunded`}</span></a></li>`,
  )}</ul>`;
}

export function renderOrders(frame: Frame, orders: Rows<typeof listOrderRows>, all: boolean): Html {
  return html`<h1>Orders</h1>${renderViews(all ? '/orders?all=1' : '/orders')}
    ${orders.length === 0 && html`<p class="empty">${all ? 'Nothing was sold yet.' : 'No order is open.'}</p>`}
    ${renderOrderRows(frame, orders)}
    ${renderOlder('/orders', { all: all ? 1 : null }, nextPage(orders, ORDERS_PAGE))}`;
}

export interface OrderParts {
  order: Order;
  card: Card;
  customer: Customer | undefined;
  /** Null where there is nothing to fetch. */
  link: string | null;
  receipts: readonly Receipt[];
  promises: readonly CustomerPromise[];
}

export function renderOrder(frame: Frame, parts: OrderParts): Html {
  const { order, card, customer, link } = parts;
  return html`<p class="crumbs"><a href="/orders">Orders</a>${order.goal_id !== null && html` / <a href="/goals/${order.goal_id}">goal #${order.goal_id}</a>`}</p>
    <h1 class="unseen">Order ${order.id}</h1>
    <ol class="entries" id="order-card">${renderEntry(card, { key: `o-${order.id}`, version: 0, csrf: frame.visitor.csrf })}</ol>
    <dl class="fields wide">
      <div><dt>For</dt><dd>${customer?.erased_at ? 'an erased customer' : html`${customer?.name ?? 'no name'}, ${customer?.email ?? 'no address'}`}</dd></div>
      <div><dt>Charge</dt><dd>${order.source} ${order.charge_id}</dd></div>
      <div><dt>Tries</dt><dd>${order.attempt}</dd></div>
      <div><dt>Key of its fulfilment</dt><dd class="hash">${order.key}</dd></div>
      ${order.hook_url !== null && html`<div><dt>Webhook</dt><dd>${order.hook_url}</dd></div>`}
      ${link !== null && html`<div><dt>Download link, until ${renderTime(order.link_until, frame.timezone)}</dt><dd><a href="${link}">${link}</a></dd></div>`}
    </dl>
    ${renderNotes(parts)}
    <p><a href="/ledger?mode=${order.mode}${order.goal_id !== null && html`&amp;goal=${order.goal_id}`}">Its ledger</a></p>`;
}

/** What people wrote about it; only here, and gone when the customer is erased. */
function renderNotes({ order, receipts, promises }: OrderParts): Html {
  const notes = [
    ...receipts.flatMap(({ id, note }) => (note === null ? [] : [{ label: `Receipt ${id}`, text: note }])),
    ...promises.map(({ id, words, reason }) => ({ label: `Promise ${id}`, text: reason === null ? words : `${words} (${reason})` })),
    ...(order.trouble === null ? [] : [{ label: 'Last trouble', text: order.trouble }]),
  ];
  return html`${notes.length > 0 && html`<h2>Notes</h2><dl class="fields wide">${notes.map(({ label, text }) => html`<div><dt>${label}</dt><dd>${text}</dd></div>`)}</dl>`}`;
}

export function renderCustomers(frame: Frame, customers: Rows<typeof listCustomerRows>): Html {
  return html`<h1>Customers</h1>${renderViews('/customers')}
    ${customers.length === 0 && html`<p class="empty">Nobody has bought anything yet.</p>`}
    <ul class="rows">${customers.map(
      (
        customer,
      ) => html`<li><a class="row" href="/customers/${customer.id}"><span class="id">#${customer.id}</span><span class="what">${customer.erased_at !== null ? 'erased' : (customer.name ?? customer.email ?? customer.external_id)}</span>
      <span class="meta">${customer.orders ?? 0} orders · first ${renderTime(customer.first_order_at, frame.timezone)} · last ${renderTime(customer.last_order_at, frame.timezone)} · consent ${customer.consent} · ${customer.source}</span></a></li>`,
    )}</ul>
    ${renderOlder('/customers', {}, nextPage(customers, ORDERS_PAGE))}`;
}

export function renderCustomer(frame: Frame, customer: Customer, orders: Rows<typeof listOrderRows>): Html {
  const place = { key: `c-${customer.id}`, csrf: frame.visitor.csrf };
  const isOwner = frame.visitor.person.roles.has('owner');
  const erase = {
    label: 'Erase…',
    command: 'team',
    args: { erase: customer.id },
    style: 'danger' as const,
    confirm: `Erase name and address of customer ${customer.id}? The books keep their orders under the processor's id. This cannot be undone.`,
  };
  return html`<p class="crumbs"><a href="/customers">Customers</a></p>
    <h1>#${customer.id} ${customer.erased_at !== null ? 'erased' : (customer.name ?? 'no name')}</h1>
    <dl class="fields wide">
      <div><dt>Address</dt><dd>${customer.email ?? 'none'}</dd></div><div><dt>Mode</dt><dd>${customer.mode}</dd></div>
      <div><dt>In the books as</dt><dd>${customer.source} ${customer.external_id}</dd></div><div><dt>Consent</dt><dd>${customer.consent}</dd></div>
      <div><dt>First order</dt><dd>${renderTime(customer.first_order_at, frame.timezone)}</dd></div><div><dt>Last order</dt><dd>${renderTime(customer.last_order_at, frame.timezone)}</dd></div>
      ${customer.erased_at !== null && html`<div><dt>Erased</dt><dd>${renderTime(customer.erased_at, frame.timezone)} by ${customer.erased_by}</dd></div>`}
    </dl>
    ${isOwner && html`<p><a href="/customers/${customer.id}/export.json" download>All that is kept of them (JSON)</a> · <a href="/customers/${customer.id}/export.csv" download>as CSV</a></p>`}
    ${isOwner && customer.erased_at === null && html`<div class="buttons">${renderButton(erase, {}, place)}</div>`}
    <div class="answer" id="a-c-${customer.id}" aria-live="polite"></div>
    <h2>Orders</h2>${orders.length === 0 && html`<p class="empty">None.</p>`}${renderOrderRows(frame, orders)}`;
}

export function renderPromises(frame: Frame, promises: Rows<typeof listPromiseRows>, which: PromiseView, now: Date): Html {
  return html`<h1>Promises</h1>${renderViews(which === 'open' ? '/promises' : `/promises?which=${which}`)}
    ${promises.length === 0 && html`<p class="empty">${which === 'overdue' ? 'Nothing is overdue.' : which === 'open' ? 'Nothing is owed.' : 'Nothing was promised yet.'}</p>`}
    <ul class="rows">${promises.map(
      (
        promise,
      ) => html`<li><a class="row" href="/orders/${promise.order_id}"><span class="id">#${promise.id}</span><span class="what">${promise.words}</span>${renderStatus(promise.status === 'open' && promise.due_at < now ? 'overdue' : promise.status)}
      <span class="meta">${promise.kind} · order #${promise.order_id} · due ${renderTime(promise.due_at, frame.timezone)} · said in the ${promise.said_in}${promise.receipt_id !== null && html` · receipt ${promise.receipt_id}`}${promise.reason !== null && html` · ${promise.reason}`}</span></a></li>`,
    )}</ul>
    ${renderOlder('/promises', { which: which === 'open' ? null : which }, nextPage(promises, ORDERS_PAGE))}`;
}
