// The page of an opportunity: whatever its words, it is either one that can be published as it stands, or there is a reason why not.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { publishInput } from '../../src/domain/pages/page-input.ts';
import { checkPages } from '../../src/domain/pages/page-writing.ts';
import { draftPage, waysOf, whyNoPage } from '../../src/flows/experiments/page-draft.ts';

const stripe = { secretKey: 'sk_test' } as never;
const http = { publicUrl: null } as never;
const one = {
  id: 7,
  source: 'web' as const,
  status: 'open' as const,
  name: 'Crème brûlée cards',
  sells: 'Cards',
  buyer: '',
  channel: '',
  external_id: 'x',
  price_micros: 9_000_000n,
  unit_cost_micros: null,
  visitor_cost_micros: null,
  capacity_per_day: null,
};
const needs = { mode: 'practice' as const, config: { stripe, imprint: null, http } };

test('what is missing is said by name', () => {
  expect(whyNoPage(needs, one)).toBeNull();
  expect(whyNoPage({ ...needs, config: { ...needs.config, stripe: null } }, one)).toBe('needs STRIPE_SECRET_KEY');
  expect(whyNoPage({ ...needs, mode: 'live' }, one)).toBe('needs JUG_IMPRINT');
  expect(whyNoPage({ mode: 'live', config: { stripe, imprint: 'Me', http } }, one)).toBe('needs JUG_PUBLIC_URL');
  expect(whyNoPage(needs, { ...one, price_micros: null })).toBe('needs a price');
  expect(whyNoPage(needs, { ...one, unit_cost_micros: 9_000_000n })).toMatch(/below the floor of \$/);
  expect(whyNoPage(needs, { ...one, visitor_cost_micros: 5_000_000n })).toBe('too many of its visitors would have to buy');
  expect(draftPage(one, 3).slug).toBe('creme-brulee-cards-7-3');
});

test('any words make a page that can be published as it stands, or there is a reason', () => {
  const words = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ maxLength: 1_500 }));
  fc.assert(
    fc.property(words, words, words, (name, sells, buyer) => {
      const said = { ...one, name, sells, buyer };
      if (whyNoPage(needs, said) !== null) return name.trim() === '' || publishInput.safeParse(draftPage(said, 1)).success === false;
      const page = draftPage(said, 1);
      return JSON.stringify(publishInput.parse(page)) === JSON.stringify(page);
    }),
    { numRuns: 60 },
  );
});

test('of what a model writes only safe pages are taken: its own price, an address, a link or twice the same is sent back', () => {
  const page = (text: string, kind = 'text') =>
    ({ blocks: [{ kind: 'hero', title: 'Cards' }, { kind, text, label: 'x', to: '/o/other' }, { kind: 'price' }] }) as never;
  const check = (...pages: never[]) => checkPages({ pages }, 2);
  expect(check(page('Plain words, 10 cards.'), page('Other words.'))).toBeNull();
  for (const text of ['Now only $3!', '3 euros less', 'See shop.example/x', 'Write to me@here.example', 'https://x'])
    expect(check(page('Fine.'), page(text))).toMatch(/^page 2 (states an amount of money|holds an address)$/);
  expect(check(page('Fine.'))).toBe('there must be exactly 2 pages');
  expect(check(page('Fine.'), page('Fine.'))).toBe('two pages are the same');
  expect(check(page('Fine.'), page('Fine?', 'link'))).toBe('page 2 has a block "link"');
  expect(check(page('Fine.'), { blocks: [{ kind: 'hero', title: 'Cards' }] } as never)).toBe('page 2 has no price block');
  // Nothing is sold below its list price, in whole cents.
  expect(waysOf({ price_micros: 9_990_000n }).map(({ letter, priceMicros }) => [letter, priceMicros])).toEqual([
    ['a', 9_990_000n],
    ['b', 9_990_000n],
    ['c', 12_480_000n],
  ]);
});
