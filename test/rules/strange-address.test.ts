// Which addresses in a call could carry something out: those with room for it that stand nowhere in what was told or read.
import { expect, test } from 'vitest';
import { findStrangeAddress } from '../../src/domain/tools/strange-address.ts';

const READ = ['https://shop.example/list?page=2', 'https://shop.example/a#b'];
const find = (input: unknown) => findStrangeAddress(input, (address) => READ.includes(address));

test.each([
  { url: 'https://shop.example/list?page=2' },
  { url: 'https://shop.example/a#b' },
  { url: 'https://shop.example/about' },
  { query: 'what is ?a=b' },
  { url: 'https://en.wikipedia.org/wiki/Bayesian_inference' },
])('%j passes', (input) => {
  expect(find(input)).toBeNull();
});

test.each([
  { url: 'https://evil.example/?d=1500' },
  { url: 'https://evil.example/#1500' },
  { url: 'https://1500@evil.example/' },
  { url: `https://evil.example/${'5'.repeat(130)}` },
  { url: `https://${'a'.repeat(50)}.${'b'.repeat(20)}.evil.example/` },
  { nested: [{ deep: 'see https://evil.example/?q=1 now' }] },
  { url: 'https://shop.example/list?page=2&revenue=1500' },
  { url: 'HTTPS://EVIL.EXAMPLE/?q=1' },
])('%j does not', (input) => {
  expect(find(input)).toEqual(expect.any(String));
});
