// The books at /metrics: sums by mode and offer, and what customers cost and are worth. Set as a whole, so that no old offer lingers.
import { Gauge, type Registry } from 'prom-client';

type Mode = 'practice' | 'live';
const SUMS = {
  revenue: 'Revenue booked, refunds not taken off, in dollars.',
  refunds: 'Refunds, in dollars.',
  disputes: 'Disputed payments taken back, in dollars.',
  fees: 'Fees of payment processors, in dollars.',
  spend: 'Spend on offers, in dollars.',
  cost: 'Model and tool cost booked in this mode, in dollars.',
  expense: 'Outside expenses, in dollars.',
  profit: 'Revenue less refunds, disputes, fees and every cost, in dollars.',
} as const;
type Sums = Record<keyof typeof SUMS, number>;

export interface BooksGauges {
  setSums(mode: Mode, offers: readonly (readonly [offer: string, sums: Sums])[]): void;
  setCustomers(
    mode: Mode,
    offers: readonly (readonly [offer: string, facts: { customers: number; cost: number | null; value: number | null }])[],
  ): void;
}

export function createBooksGauges(registry: Registry): BooksGauges {
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `juggernaut_${name}`, help, labelNames: ['mode', 'offer'], registers: [registry] });
  const sums = Object.entries(SUMS).map(([name, help]) => ({ name: name as keyof Sums, gauge: gauge(`books_${name}_usd`, help) }));
  const customers = gauge('customers', 'Customers by the offer of their first payment.');
  const cost = gauge('customer_cost_usd', 'CAC: offer, model and tool spend for each new customer, in dollars.');
  const value = gauge('customer_value_usd', 'LTV: what a new customer brings in 90 days, net of refunds and fees, in dollars.');
  const kept = new Map<string, { mode: Mode; offer: string }[]>();
  /** Forgets the series of a mode that are not there any more. */
  const renew = (kind: string, mode: Mode, offers: readonly string[], gauges: readonly Gauge[]): void => {
    for (const labels of kept.get(kind + mode) ?? []) for (const one of gauges) one.remove(labels);
    kept.set(
      kind + mode,
      offers.map((offer) => ({ mode, offer })),
    );
  };
  return {
    setSums(mode, offers) {
      renew(
        'sums',
        mode,
        offers.map(([offer]) => offer),
        sums.map((one) => one.gauge),
      );
      for (const [offer, facts] of offers) for (const one of sums) one.gauge.set({ mode, offer }, facts[one.name]);
    },
    setCustomers(mode, offers) {
      renew(
        'customers',
        mode,
        offers.map(([offer]) => offer),
        [customers, cost, value],
      );
      for (const [offer, facts] of offers) {
        customers.set({ mode, offer }, facts.customers);
        if (facts.cost !== null) cost.set({ mode, offer }, facts.cost);
        if (facts.value !== null) value.set({ mode, offer }, facts.value);
      }
    },
  };
}
