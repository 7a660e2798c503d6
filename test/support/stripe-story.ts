// Stories with the Stripe double: the variables that connect it, waiting until events are booked, and the ledger in the double's own terms.
import { vi } from 'vitest';
import { decimalsOf } from '../../src/core/currency.ts';
import { randomFrom } from '../../src/core/random.ts';
import type { Story } from './story.ts';
import type { StripeDouble } from './stripe-double.ts';
import type { truth } from './stripe-double-world.ts';

export const stripeEnv = (stripe: StripeDouble): Record<string, string> => ({
  STRIPE_SECRET_KEY: stripe.secretKey,
  STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
  STRIPE_API_URL: stripe.apiUrl,
});

export async function untilBooked(story: Pick<Story, 'rows'>): Promise<void> {
  await vi.waitFor(
    async () => {
      const [open] = await story.rows<{ count: number }>('select count(*)::int as count from payment_event where booked_at is null');
      if (open?.count !== 0) throw new Error(`${open?.count} events are not booked`);
    },
    { timeout: 20_000, interval: 50 },
  );
}

const CATEGORIES: Record<string, string> = {
  sale: 'charge',
  refund: 'refund',
  dispute: 'dispute',
  dispute_reversed: 'dispute_reversal',
  payout: 'payout',
  fee: 'fee',
};

/** What the ledger holds of Stripe, in minor units and the provider's words, to be held against `truth`. */
export async function booksOf(story: Pick<Story, 'rows'>): Promise<ReturnType<typeof truth>> {
  const rows = await story.rows<{ kind: string; account: string; currency: string; micros: bigint }>(
    `select j.kind, p.account, p.currency, sum(p.amount_micros)::text as micros from journal j join posting p on p.journal_id = j.id where j.source = 'stripe' group by 1, 2, 3`,
  );
  const books: ReturnType<typeof truth> = { net: {}, byCategory: {}, fees: {} };
  const put = (sums: Record<string, number>, key: string, amount: number): void => {
    sums[key] = (sums[key] ?? 0) + amount;
  };
  for (const row of rows) {
    const currency = row.currency.toLowerCase();
    const minor = Number(BigInt(row.micros)) / 10 ** (6 - decimalsOf(row.currency));
    if (row.account === 'processor') put(books.net, currency, minor);
    else if (row.account === 'fees') put(books.fees, currency, minor);
    else put(books.byCategory, `${CATEGORIES[row.kind] ?? row.kind} ${currency}`, -minor);
  }
  for (const currency of Object.keys(books.net)) books.fees[currency] ??= 0;
  return books;
}

/** The same order for the same seed. */
export function shuffle<T>(items: readonly T[], seed: number): T[] {
  const random = randomFrom(seed);
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
