// The life of an order, download links, and what a processor's event holds of a person. No database.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/canonical-json.ts';
import type { OrderStatus } from '../../src/db/tables/states.ts';
import { asPersonal, withoutPersonal } from '../../src/domain/customers/personal.ts';
import { isWhollyRefunded, MOST_ATTEMPTS, moveOrder, type OrderEvent, retryOrderMs } from '../../src/domain/orders/order.ts';
import { downloadPath, hookSecret, readDownloadToken, signHook } from '../../src/domain/orders/signing.ts';

const EVENTS: readonly OrderEvent[] = ['begin', 'deliver', 'fail', 'retry', 'refund'];

describe('an order', () => {
  test('goes from paid over fulfilling to fulfilled or failed, and from anywhere to refunded', () => {
    expect(moveOrder('paid', 'begin')).toBe('fulfilling');
    expect(moveOrder('fulfilling', 'deliver')).toBe('fulfilled');
    expect(moveOrder('fulfilling', 'fail')).toBe('failed');
    expect(moveOrder('failed', 'retry')).toBe('fulfilling');
    expect(moveOrder('failed', 'deliver')).toBe('fulfilled');
    for (const from of ['paid', 'fulfilling', 'fulfilled', 'failed'] as const) expect(moveOrder(from, 'refund')).toBe('refunded');
    expect(moveOrder('paid', 'deliver')).toBeNull();
  });

  /** The statuses it comes to, one after the other. */
  const live = (events: readonly OrderEvent[]): OrderStatus[] => {
    const passed: OrderStatus[] = [];
    for (const event of events) passed.push(...[moveOrder(passed.at(-1) ?? 'paid', event)].filter((next) => next !== null));
    return passed;
  };
  const anyLife = fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }).map(live);
  const times = (passed: readonly OrderStatus[], status: OrderStatus): number => passed.filter((one) => one === status).length;

  test('whatever happens to it in whatever order: it is delivered and refunded at most once, and nothing follows a refund', () => {
    fc.assert(
      fc.property(anyLife, (passed) => {
        expect(times(passed, 'fulfilled')).toBeLessThanOrEqual(1);
        expect(times(passed, 'refunded')).toBeLessThanOrEqual(1);
        expect(passed.slice(0, -1)).not.toContain('refunded');
        expect(passed.every((status, at) => status !== passed[at + 1])).toBe(true);
      }),
    );
  });

  test('only a refund takes a delivered order back', () => {
    fc.assert(
      fc.property(anyLife, (passed) => {
        const delivered = passed.indexOf('fulfilled');
        expect(delivered < 0 ? [] : passed.slice(delivered + 1).filter((status) => status !== 'refunded')).toEqual([]);
      }),
    );
  });

  test('is over when all of its money went back, not before', () => {
    expect([isWhollyRefunded(20n, 0n), isWhollyRefunded(20n, 19n), isWhollyRefunded(20n, 20n), isWhollyRefunded(20n, 21n)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(isWhollyRefunded(0n, 0n)).toBe(false);
  });

  test('is tried again later and later, and not for ever', () => {
    const waits = Array.from({ length: MOST_ATTEMPTS - 1 }, (_, index) => retryOrderMs(index + 1) ?? -1);
    expect(waits[0]).toBe(30_000);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(Math.max(...waits)).toBe(6 * 3_600_000);
    for (const attempt of [MOST_ATTEMPTS, 1e9, Number.NaN]) expect(retryOrderMs(attempt)).toBeNull();
  });
});

describe('a download link', () => {
  const until = new Date('2026-12-24T00:00:00Z');
  const token = downloadPath('key', 4711, until).slice('/o/'.length);

  test('leads to its order until its end, and then says that it has run out', () => {
    expect(readDownloadToken('key', token, new Date('2026-12-23T23:59:59Z'))).toEqual({ kind: 'order', orderId: 4711 });
    expect(readDownloadToken('key', token, until)).toEqual({ kind: 'expired' });
  });

  test('with anything changed leads nowhere', () => {
    fc.assert(
      fc.property(fc.nat({ max: token.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        const changed = `${token.slice(0, at)}${character}${token.slice(at + 1)}`;
        fc.pre(changed !== token);
        expect(readDownloadToken('key', changed, new Date(0))).toEqual({ kind: 'forged' });
      }),
    );
    for (const other of ['', '..', token.slice(0, -1), `${token}x`, token.toUpperCase()])
      expect(readDownloadToken('key', other, new Date(0)).kind).toBe('forged');
    expect(readDownloadToken('another key', token, new Date(0)).kind).toBe('forged');
  });

  test('is no webhook signature: each receiver has a key of its own', () => {
    expect(hookSecret('key', 'https://a.example/')).not.toBe(hookSecret('key', 'https://b.example/'));
    expect(signHook('s', '{}', new Date(1000))).toMatch(/^t=1,v1=[0-9a-f]{64}$/);
  });
});

describe("a processor's event", () => {
  test('loses name, address and card wherever they stand, and keeps ids, amounts and our metadata', () => {
    const event: Json = {
      id: 'evt_1',
      data: {
        object: {
          id: 'ch_1',
          amount: 2000,
          customer: 'cus_1',
          receipt_email: 'ann@example.com',
          billing_details: { name: 'Ann', address: { line1: 'Elm St' } },
          metadata: { offer_id: 'lamp', order_id: '7' },
          refunds: { data: [{ id: 're_1', shipping: { name: 'Ann' } }] },
        },
      },
    };
    const text = JSON.stringify(withoutPersonal(event));
    expect(text).not.toMatch(/ann|elm/i);
    for (const kept of ['evt_1', 'ch_1', '2000', 'cus_1', 'lamp', 're_1']) expect(text).toContain(kept);
  });

  test('is erased in full at any depth, and erasing again changes nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom('email', 'name', 'billing_details', 'customer_email'), (value, field) => {
        const once = withoutPersonal({ deep: [{ [field]: { mark: 'm4rk' }, rest: value as Json }] });
        expect(JSON.stringify(once)).not.toContain('m4rk');
        expect(withoutPersonal(once)).toEqual(once);
      }),
    );
  });

  test('brings a stranger’s text as one short line', () => {
    expect(asPersonal(' Ann\n\u0000 <b>Smith</b> ')).toBe('Ann <b>Smith</b>');
    expect([asPersonal(''), asPersonal(null), asPersonal('  ')]).toEqual([null, null, null]);
    expect(asPersonal('x'.repeat(10_000))).toHaveLength(200);
  });
});
