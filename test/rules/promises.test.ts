// Promises: open until a receipt of the right kind, or a person with a reason. And what may be said of a customer only with its receipt.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PromiseKind, PromiseStatus, ReceiptKind } from '../../src/db/tables/states.ts';
import { type CitedReceipt, checkClaims, citedReceipts, withoutCitations } from '../../src/domain/promises/claims.ts';
import { isOverdue, isProvenByNote, type PromiseEvent, settlePromise } from '../../src/domain/promises/promise.ts';

const KINDS: readonly PromiseKind[] = ['delivery', 'refund', 'discount', 'message'];
const RECEIPTS: readonly ReceiptKind[] = ['payment', 'delivery', 'refund', 'message'];
const STATUSES: readonly PromiseStatus[] = ['open', 'kept', 'released'];
const DUE = new Date('2026-12-01T00:00:00Z');

const anyEvent: fc.Arbitrary<PromiseEvent> = fc.oneof(
  fc.constantFrom(...RECEIPTS).map((of) => ({ kind: 'receipt' as const, of })),
  fc.constantFrom('', '  ', 'the customer asked for it').map((reason) => ({ kind: 'release' as const, reason })),
);

describe('the promise ledger', () => {
  const proves = (kind: PromiseKind, event: PromiseEvent): boolean => {
    if (event.kind === 'release') return event.reason.trim() !== '';
    return event.of === (kind === 'discount' ? 'message' : kind);
  };

  test('a promise is closed once, by the first proof of its own kind or the first reason', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.array(anyEvent, { maxLength: 12 }), (kind, events) => {
        const passed: PromiseStatus[] = [];
        for (const event of events) passed.push(settlePromise({ kind, status: passed.at(-1) ?? 'open', dueAt: DUE }, event));
        const first = events.findIndex((event) => proves(kind, event));
        const end = events[first]?.kind === 'receipt' ? 'kept' : 'released';
        expect(passed).toEqual(events.map((_, at) => (first < 0 || at < first ? 'open' : end)));
      }),
    );
  });

  test('it is overdue while it is open and its date has passed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATUSES), fc.date({ noInvalidDate: true }), (status, now) => {
        expect(isOverdue({ kind: 'delivery', status, dueAt: DUE }, now)).toBe(status === 'open' && now > DUE);
      }),
    );
  });

  test('a note proves a word given, never a refund or a delivery', () => {
    expect(KINDS.filter(isProvenByNote)).toEqual(['discount', 'message']);
  });
});

const receipts = new Map<number, CitedReceipt>([
  [34, { id: 34, kind: 'refund', orderId: 12 }],
  [35, { id: 35, kind: 'delivery', orderId: 12 }],
]);

describe('what was done to a customer', () => {
  test.each([
    'The order was refunded.',
    'We refunded the customer.',
    'Order 12: refunded',
    '- Refunded order 12 yesterday',
    'The refund has been issued.',
    'Your refund of $20 was processed yesterday.',
    'Delivery is complete',
    'We have now sent the parcel',
    'The parcel is on its way.',
    'It’s been shipped',
    '| 12 | delivered |',
    'The customer was not happy, but the refund was made.',
    'We will not wait: it was sent.',
    'They were paid on Monday.',
    'The buyer has been fully reimbursed',
    'Sent it to the customer',
  ])('"%s" cannot be said without a receipt', (text) => {
    expect(checkClaims(text, receipts)).not.toEqual([]);
    expect(checkClaims(`Fine so far.\n${text}\nAll else is open.`, receipts)).not.toEqual([]);
  });

  test.each([
    'The order will be refunded.',
    'It was not refunded.',
    'Only paid visitors show which offers convert.',
    'Paid ads bring visitors.',
    'If it is refunded we lose.',
    'To be delivered by Friday',
    'Paid at once; what is not spent comes back',
    'Refund share is 5 %',
    'Delivery within 3 days',
    'The refund could not be issued',
    'Refund policy: 14 days',
    'Three offers were launched and measured.',
  ])('"%s" needs none', (text) => {
    expect(checkClaims(text, receipts)).toEqual([]);
  });

  test('is said with the receipt of that very thing and order, in the same sentence', () => {
    expect(checkClaims('Order 12 was refunded (receipt 34) and has been delivered (receipt #35).', receipts)).toEqual([]);
    expect(checkClaims('The order was refunded. It is receipt 34.', receipts)).not.toEqual([]);
    expect(checkClaims('Order 12 was refunded (receipt 35).', receipts)).toEqual([
      expect.stringContaining('needs the receipt of the refund'),
    ]);
    expect(checkClaims('Order 9 was refunded (receipt 34).', receipts)).toEqual(['the refund of order 9 is not what receipt 34 proves']);
    expect(checkClaims('See receipt 99.', receipts)).toEqual(['there is no receipt 99']);
  });

  test('numbers of receipts are names, no figures; other numbers stay', () => {
    expect(citedReceipts('receipts 34, 35 and 36; receipt #34')).toEqual([34, 35, 36]);
    expect(withoutCitations('Order 12 was refunded (receipt 34). Then 7 more of order 3.')).not.toMatch(/12|34/);
    expect(withoutCitations('Order 12 was refunded (receipt 34). Then 7 more of order 3.')).toMatch(/7 more of order 3/);
  });

  test('a long text made to be slow is judged in no time', () => {
    for (const text of [
      'refund '.repeat(20_000),
      'was '.repeat(20_000),
      'a'.repeat(100_000),
      'receipt 1, '.repeat(9_000),
      'delivery x '.repeat(9_000),
    ])
      expect(Array.isArray(checkClaims(text, receipts))).toBe(true);
  });
});
