// Customers, orders and promises for the console, newest first; `before` is the last id of the page above.
import { sql } from 'kysely';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../../domain/tools/tool.ts';

interface PageQuery {
  mode: Mode;
  before: number | null;
  limit: number;
}

export function listOrderRows(db: DatabaseOrTrx, query: PageQuery & { open: boolean; customerId?: number }) {
  let select = db
    .selectFrom('customer_order')
    .select([
      'id',
      'customer_id',
      'offer_id',
      'currency',
      'amount_micros',
      'refunded_micros',
      'status',
      'way',
      'paid_at',
      'deliver_by',
      'next_at',
    ])
    .where('mode', '=', query.mode)
    .orderBy('id', 'desc')
    .limit(query.limit);
  if (query.before !== null) select = select.where('id', '<', query.before);
  if (query.customerId !== undefined) select = select.where('customer_id', '=', query.customerId);
  if (query.open) select = select.where('status', 'in', ['paid', 'fulfilling', 'failed']);
  return select.execute();
}

export function listCustomerRows(db: DatabaseOrTrx, query: PageQuery) {
  let select = db
    .selectFrom('customer')
    .select((eb) => [
      'id',
      'source',
      'external_id',
      'name',
      'email',
      'consent',
      'first_order_at',
      'last_order_at',
      'erased_at',
      eb
        .selectFrom('customer_order as o')
        .whereRef('o.customer_id', '=', 'customer.id')
        .select(sql<number>`count(*)::int`.as('n'))
        .as('orders'),
    ])
    .where('mode', '=', query.mode)
    .orderBy('id', 'desc')
    .limit(query.limit);
  if (query.before !== null) select = select.where('id', '<', query.before);
  return select.execute();
}

export function listPromiseRows(db: DatabaseOrTrx, query: PageQuery & { which: 'open' | 'overdue' | 'all' }) {
  let select = db.selectFrom('promise').selectAll().where('mode', '=', query.mode).orderBy('id', 'desc').limit(query.limit);
  if (query.before !== null) select = select.where('id', '<', query.before);
  if (query.which !== 'all') select = select.where('status', '=', 'open');
  if (query.which === 'overdue') select = select.where('due_at', '<', sql<Date>`statement_timestamp()`);
  return select.execute();
}
