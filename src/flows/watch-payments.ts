// Payment figures for /metrics, read from the rows whenever somebody looks: the same from every process.
import { differencesOf } from '../chat/views/reconcile-words.ts';
import { PROVIDER } from '../domain/money/payment-store.ts';
import { readLastReconciliation, readShares } from '../domain/money/reconciliation-store.ts';
import type { Deps } from './deps.ts';

export function watchPayments({ metrics, db, mode, log }: Pick<Deps, 'metrics' | 'db' | 'mode' | 'log'>): void {
  // The gauge is absent then; why, the log says.
  const logged =
    <Samples>(read: () => Promise<Samples>) =>
    () =>
      read().catch((error: unknown) => {
        log.warn({ err: error }, 'a payment figure for /metrics could not be read');
        throw error;
      });
  const help = "What the payment provider's books come to less ours, by the last comparison, in whole units of the currency.";
  metrics.watch(
    'reconcile_difference',
    help,
    ['mode', 'currency'],
    logged(async () => {
      const last = await readLastReconciliation(db, PROVIDER, mode);
      return last === null
        ? []
        : differencesOf(last).map(({ currency, micros }) => ({ labels: { mode, currency }, value: Number(micros) / 1e6 }));
    }),
  );
  metrics.watch(
    'payment_trouble_share',
    "Share of the last 30 days' payments that were disputed or refunded.",
    ['mode', 'kind'],
    logged(async () => {
      const shares = await readShares(db, PROVIDER, mode);
      return shares === null ? [] : Object.entries(shares).map(([kind, value]) => ({ labels: { mode, kind }, value }));
    }),
  );
}
