// Orders and promises as gauges, counted when somebody scrapes /metrics.
import { countOrders } from '../domain/orders/order-store.ts';
import { countPromises } from '../domain/promises/promise-store.ts';
import type { Deps } from './deps.ts';

export async function countForMetrics(deps: Pick<Deps, 'db' | 'metrics'>): Promise<void> {
  const [orders, promises] = await Promise.all([countOrders(deps.db), countPromises(deps.db)]);
  deps.metrics.orders(orders);
  deps.metrics.promises(promises);
}
