// What the pages of orders, customers and promises read; and a customer's own data as a file, for owners.

import { NotFound } from '../../core/errors.ts';
import { findCustomer } from '../../domain/customers/customer-store.ts';
import { findOrder, listReceipts, readSigningKey } from '../../domain/orders/order-store.ts';
import { downloadPath } from '../../domain/orders/signing.ts';
import { listPromises } from '../../domain/promises/promise-store.ts';
import { exportCustomer } from '../../flows/customer-data.ts';
import { drawOrder } from '../../flows/show-order.ts';
import { customerCsv } from './customer-csv.ts';
import { html } from './markup.ts';
import { listCustomerRows, listOrderRows, listPromiseRows } from './order-page-store.ts';
import {
  ORDERS_PAGE,
  type PromiseView,
  renderCustomer,
  renderCustomers,
  renderOrder,
  renderOrders,
  renderPromises,
} from './order-pages.ts';
import { type Build, countOf, idOf } from './page-request.ts';
import { respondBare } from './session.ts';

const OF_CUSTOMER = 200;

export const buildOrders: Build = async (c, frame, db) => {
  const all = c.req.query('all') === '1';
  const rows = await listOrderRows(db, { mode: frame.mode, before: countOf(c, 'before'), limit: ORDERS_PAGE, open: !all });
  return { title: 'Orders', section: 'orders', live: 'any', body: renderOrders(frame, rows, all) };
};

export const buildOrder: Build = async (c, frame, db) => {
  const order = await findOrder(db, frame.mode, idOf(c));
  if (order === undefined) return null;
  const { card } = await drawOrder(db, order.mode, order.id);
  const [receipts, promises] = [await listReceipts(db, order.id), await listPromises(db, order.id)];
  const customer = await findCustomer(db, order.mode, order.customer_id);
  const hasFile = order.link_until !== null && order.status !== 'refunded' && (order.way === 'download' || order.document_id !== null);
  // The link is a key to the file: only for those who may deliver it.
  const mayHave = hasFile && frame.visitor.person.roles.has('operator');
  const link = mayHave && order.link_until !== null ? downloadPath(await readSigningKey(db), order.id, order.link_until) : null;
  return {
    title: `Order ${order.id}`,
    section: 'orders',
    live: 'any',
    body: renderOrder(frame, { order, card, customer, link, receipts, promises }),
  };
};

export const buildCustomers: Build = async (c, frame, db) => {
  const rows = await listCustomerRows(db, { mode: frame.mode, before: countOf(c, 'before'), limit: ORDERS_PAGE });
  return { title: 'Customers', section: 'orders', live: 'any', body: renderCustomers(frame, rows) };
};

export const buildCustomer: Build = async (c, frame, db) => {
  const customer = await findCustomer(db, frame.mode, idOf(c));
  if (customer === undefined) return null;
  const orders = await listOrderRows(db, { mode: frame.mode, before: null, limit: OF_CUSTOMER, open: false, customerId: customer.id });
  return { title: `Customer ${customer.id}`, section: 'orders', live: 'any', body: renderCustomer(frame, customer, orders) };
};

export const buildPromises: Build = async (c, frame, db) => {
  const asked = c.req.query('which');
  const which: PromiseView = asked === 'overdue' || asked === 'all' ? asked : 'open';
  const rows = await listPromiseRows(db, { mode: frame.mode, before: countOf(c, 'before'), limit: ORDERS_PAGE, which });
  return { title: 'Promises', section: 'orders', live: 'any', body: renderPromises(frame, rows, which, new Date()) };
};

export const sendCustomerData: Build = async (c, frame, db) => {
  const { person } = frame.visitor;
  if (!person.roles.has('owner')) return respondBare(c, 403, 'Not allowed', html`<p>A customer's data is handed out by an owner.</p>`);
  const format = /^export\.(json|csv)$/.exec(c.req.param('file') ?? '')?.[1];
  if (format === undefined) return null;
  try {
    const held = await exportCustomer(db, { mode: frame.mode, customerId: idOf(c), by: person.platformId });
    c.header('content-disposition', `attachment; filename="customer-${idOf(c)}.${format}"`);
    if (format === 'json') return c.json(held);
    return c.body(customerCsv(held), 200, { 'content-type': 'text/csv; charset=utf-8' });
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
};
