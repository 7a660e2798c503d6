// Payments as arithmetic and rules: minor units of every kind of currency, lines of a provider's books as postings, what an event points at,
// when an offer must stop.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatMoney, fromMinor, parseAmount, toMinor } from '../../src/core/currency.ts';
import { readSale } from '../../src/domain/goals/sale.ts';
import { pointerOf } from '../../src/domain/money/event-pointer.ts';
import { bookingOf, postingsOf } from '../../src/domain/money/provider-entry.ts';
import type { ProviderTransaction } from '../../src/domain/offers/payment-provider.ts';
import { judgeTrouble } from '../../src/domain/offers/trouble-rule.ts';

describe('currencies', () => {
  test.each([
    ['USD', 1999n, '$19.99'],
    ['EUR', 1800n, 'EUR 18.00'],
    ['JPY', 500n, 'JPY 500'],
    ['KWD', 1250n, 'KWD 1.250'],
    ['ISK', 50_000n, 'ISK 500.00'],
    ['USD', -123_456_789n, '-$1,234,567.89'],
  ])('%s: %s minor units are %s', (currency, minor, words) => {
    expect(formatMoney(fromMinor(minor, currency), currency)).toBe(words);
  });

  test('minor units come back as they went, in every currency', () => {
    const currencies = fc.constantFrom('USD', 'JPY', 'EUR', 'KRW', 'UGX');
    fc.assert(
      fc.property(currencies, fc.bigInt({ min: 0n, max: 10n ** 12n }), (currency, units) => {
        const minor = currency === 'UGX' ? units * 100n : units;
        expect(toMinor(fromMinor(minor, currency), currency)).toBe(minor);
      }),
    );
  });

  test('an amount finer than its currency, or than cards take it, is refused', () => {
    expect(() => toMinor(parseAmount('500.5'), 'JPY')).toThrow('more decimals');
    expect(() => toMinor(parseAmount('1.234'), 'KWD')).toThrow('three decimals');
    expect(() => toMinor(parseAmount('5.50'), 'ISK')).toThrow('no decimals');
    expect(() => toMinor(parseAmount('1.001'), 'USD')).toThrow('more decimals');
  });
});

describe("a line of the provider's books", () => {
  const line = (more: Partial<ProviderTransaction>): ProviderTransaction => ({
    id: 'txn_1',
    category: 'charge',
    amountMicros: 0n,
    feeMicros: 0n,
    netMicros: 0n,
    currency: 'USD',
    rate: null,
    at: new Date(0),
    sourceId: null,
    ...more,
  });

  test('sums to zero whatever it is for, and puts its net into the balance', () => {
    const categories = fc.constantFrom('charge', 'refund', 'dispute', 'dispute_reversal', 'payout', 'fee', 'something_new', 'payment');
    const amounts = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
    fc.assert(
      fc.property(categories, amounts, amounts, (category, amountMicros, feeMicros) => {
        const postings = postingsOf(line({ category, amountMicros, feeMicros, netMicros: amountMicros - feeMicros }));
        expect(postings.reduce((sum, posting) => sum + posting.amountMicros, 0n)).toBe(0n);
        expect(postings[0]).toEqual({ account: 'processor', amountMicros: amountMicros - feeMicros });
      }),
    );
  });

  test('one that does not add up at the provider is not booked; one of unknown meaning waits in suspense', () => {
    expect(() => postingsOf(line({ amountMicros: 100n, feeMicros: 3n, netMicros: 98n }))).toThrow('add up');
    expect(bookingOf('climate_order_purchase')).toEqual({ account: 'suspense', kind: 'adjustment' });
  });
});

describe('an event', () => {
  const event = (type: string, object: Record<string, unknown>) => ({ type, data: { object: { id: 'x_1', ...object } } });

  test.each([
    ['charge.succeeded', { balance_transaction: 'txn_1' }, ['txn_1']],
    ['charge.succeeded', { balance_transaction: { id: 'txn_1' } }, ['txn_1']],
    ['charge.succeeded', { balance_transaction: null }, []],
    ['refund.failed', { balance_transaction: 'txn_1', failure_balance_transaction: 'txn_2' }, ['txn_1', 'txn_2']],
    ['charge.dispute.closed', { balance_transactions: [{ id: 'txn_1' }, { id: 'txn_2' }] }, ['txn_1', 'txn_2']],
    ['payout.paid', { balance_transaction: 'txn_1' }, ['txn_1']],
  ])('%s points at its lines', (type, object, ids) => {
    expect(pointerOf(event(type, object))?.transactionIds).toEqual(ids);
  });

  test.each([event('customer.created', {}), event('product.updated', {}), { type: 'charge.succeeded' }, null, 'text', { data: 1 }])(
    'that moves nothing, or cannot be read, points nowhere',
    (body) => {
      expect(pointerOf(body)).toBeNull();
    },
  );
});

test('an offer stops for a rate of trouble, not for one unhappy customer', () => {
  expect(judgeTrouble({ sales: 1, refunds: 1, disputes: 1 })).toBeNull();
  expect(judgeTrouble({ sales: 300, refunds: 40, disputes: 2 })).toBeNull();
  expect(judgeTrouble({ sales: 200, refunds: 0, disputes: 2 })).toContain('2 of 200 payments in 30 days were disputed, more than 0.75 %');
  expect(judgeTrouble({ sales: 20, refunds: 5, disputes: 0 })).toContain('refunded');
  // Refunds told before their sales.
  expect(judgeTrouble({ sales: 0, refunds: 5, disputes: 0 })).toContain('5 of 5');
});

test('a sale is read from a goal only with a name in quotes, a price and a payment link', () => {
  expect(readSale('Sell "Launch checklist" for $19 with a payment link')).toEqual({
    name: 'Launch checklist',
    amount: '19',
    currency: 'USD',
  });
  expect(readSale('please sell “Guide” for 18.50 EUR by payment link')).toEqual({ name: 'Guide', amount: '18.50', currency: 'EUR' });
  expect(readSale('Sell "Guide" at $9 on a landing page')).toEqual({ name: 'Guide', amount: '9', currency: 'USD', onPage: true });
  for (const words of ['Sell "Guide" for $19', 'Sell the guide for $19 with a payment link', 'Sell "Guide" with a payment link'])
    expect(readSale(words)).toBeNull();
});
