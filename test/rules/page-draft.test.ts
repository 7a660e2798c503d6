// The page of an opportunity: whatever its words, it is either one that can be published as it stands, or there is a reason why not.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { publishInput } from '../../src/domain/pages/page-input.ts';
import { draftPage, whyNoPage } from '../../src/flows/experiments/page-draft.ts';

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
