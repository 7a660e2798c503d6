// The comparison with the payment provider's books in one line of the digest.
import { formatMoney } from '../../core/currency.ts';
import type { Micros } from '../../core/money.ts';
import type { Reconciliation } from '../../domain/money/reconciliation-store.ts';

/** Provider less books, by currency. */
export const differencesOf = ({ sums }: Pick<Reconciliation, 'sums'>): { currency: string; micros: Micros }[] =>
  sums.map(({ currency, provider, books }) => ({ currency, micros: BigInt(provider) - BigInt(books) }));

/** @param last null: no comparison was made yet */
export function reconcileWords(last: Reconciliation | null): string {
  if (last === null) return 'not compared yet; it is once a night';
  const until = `${last.to_at.toISOString().slice(0, 16)}Z`;
  const wrong = differencesOf(last).filter(({ micros }) => micros !== 0n);
  const fetched = last.fetched === 0 ? '' : `, ${last.fetched} missed ones fetched and booked`;
  if (wrong.length === 0 && last.unbooked.length === 0)
    return `difference ${formatMoney(0n, 'USD').slice(1)}: ${last.transactions} lines to ${until} agree to the cent${fetched}`;
  const amounts = wrong.length === 0 ? '0.00' : wrong.map(({ currency, micros }) => formatMoney(micros, currency)).join(', ');
  const why =
    last.unbooked.length === 0
      ? 'not explained: look at the provider’s balance page'
      : `${last.unbooked.length} lines could not be booked: ${last.unbooked.slice(0, 5).join(', ')}`;
  return `difference ${amounts} in lines to ${until}; ${why}${fetched}`;
}
