// Buyers of the practice market who come back: the process the model says, the same for the same seed, and one that can be found again.
import { expect, test } from 'vitest';
import { drawRepeat, loyaltyOf } from '../../src/adapters/practice/market-loyalty.ts';
import { generateOffers, type MarketOffer } from '../../src/adapters/practice/market-model.ts';
import { expectedRepeats, fitBgNbd } from '../../src/domain/value/bg-nbd.ts';

const DAYS = 180;
const offers = generateOffers(3);
const offerOf = (index: number): MarketOffer => {
  const offer = offers[index];
  if (offer === undefined) throw new Error('no offer');
  return offer;
};

/** Days after the first payment on which a buyer paid again. */
function repeatsOf(offer: MarketOffer, index: number, seed = 3): number[] {
  const buyer = { visitDay: 1 + (index % 60), index: Math.floor(index / 60), payDay: 10 };
  const days: number[] = [];
  for (let next = drawRepeat(seed, offer, buyer, 1); next !== null; next = drawRepeat(seed, offer, buyer, days.length + 1))
    days.push(next.payDay - buyer.payDay);
  return days;
}

test('each time is later than the one before, all luck hangs on seed, offer and first order, and nobody comes for ever', () => {
  for (let index = 0; index < 400; index += 1) {
    const days = repeatsOf(offerOf(0), index);
    expect(days.every((day, at) => day > (days[at - 1] ?? 0) && day < 1000 + days.length)).toBe(true);
    expect(repeatsOf(offerOf(0), index)).toEqual(days);
  }
  const shape = (offer: MarketOffer, seed: number) => Array.from({ length: 200 }, (_, index) => repeatsOf(offer, index, seed));
  expect(shape(offerOf(0), 3)).not.toEqual(shape(offerOf(1), 3));
  expect(shape(offerOf(0), 3)).not.toEqual(shape(offerOf(0), 4));
});

test('who sees only the purchases finds how often buyers come back: BG/NBD fits them, and its mean is the hidden one', () => {
  for (const index of [0, 5]) {
    const offer = offerOf(index);
    const histories = Array.from({ length: 3000 }, (_, buyer) => {
      const days = repeatsOf(offer, buyer).filter((day) => day <= DAYS);
      return { repeats: days.length, recency: days.at(-1) ?? 0, age: DAYS };
    });
    const hidden = expectedRepeats(loyaltyOf(3, offer.id), DAYS);
    const mean = histories.reduce((sum, { repeats }) => sum + repeats, 0) / histories.length;
    expect(Math.abs(mean / hidden - 1)).toBeLessThan(0.12);
    const fit = fitBgNbd(histories);
    expect(
      Math.abs((fit === null ? 0 : expectedRepeats(fit.model, 2 * DAYS)) / expectedRepeats(loyaltyOf(3, offer.id), 2 * DAYS) - 1),
    ).toBeLessThan(0.15);
  }
});

test('what comes back costs no visitor, is paid at the offer’s prices in whole cents, and is refunded as often', () => {
  const offer = offerOf(2);
  const sales = Array.from({ length: 3000 }, (_, index) =>
    drawRepeat(3, offer, { visitDay: 1 + (index % 60), index: Math.floor(index / 60), payDay: 10 }, 1),
  );
  const made = sales.filter((sale) => sale !== null);
  expect(made.length).toBeGreaterThan(1500);
  expect(made.every(({ valueMicros, feeMicros }) => valueMicros % 10_000 === 0 && feeMicros % 10_000 === 0)).toBe(true);
  const mean = made.reduce((sum, { valueMicros }) => sum + valueMicros, 0) / made.length;
  expect(Math.abs(mean / offer.listPriceMicros - 1)).toBeLessThan(0.03);
  const refunded = made.filter(({ refundDay }) => refundDay !== null).length / made.length;
  expect(Math.abs(refunded - offer.hidden.refundShare)).toBeLessThan(0.015);
});
