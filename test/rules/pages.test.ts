// The storefront's rules: what a page may hold, how low a price may be, who counts as a visitor, and which variant is theirs.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  COOLDOWN_MS,
  contactHash,
  judgeOutreach,
  MOST_A_DAY,
  maskContact,
  readContact,
  readUnsubscribe,
  unsubscribePath,
} from '../../src/domain/outreach/outreach.ts';
import { pageBlocks, pageHash, pageSlug } from '../../src/domain/pages/page.ts';
import { previewPath, readPreview } from '../../src/domain/pages/preview.ts';
import { feeOf, floorOf, requireDiscount, requireFloor } from '../../src/domain/pages/price.ts';
import { addressOf, type Choice, chooseVariant, seenHash, visitorKey, whyNoVisit } from '../../src/domain/pages/visitor.ts';

const RUNS = process.env['JUG_TEST_LONG'] === '1' ? 20_000 : 200;
const hero = { kind: 'hero', title: 'A thing' };

describe('blocks', () => {
  test.each([
    ['nothing', []],
    ['no hero first', [{ kind: 'text', text: 'x' }]],
    ['two heroes', [hero, hero]],
    ['two prices', [hero, { kind: 'price' }, { kind: 'price' }]],
    ['raw markup', [hero, { kind: 'html', html: '<b>' }]],
    ['a link elsewhere', [hero, { kind: 'link', label: 'x', to: 'https://evil.example' }]],
    ['a script as a link', [hero, { kind: 'link', label: 'x', to: 'javascript:alert(1)' }]],
    ['a link out of /o/', [hero, { kind: 'link', label: 'x', to: '/o/../audit' }]],
    ['a protocol-relative link', [hero, { kind: 'link', label: 'x', to: '//evil.example' }]],
    ['text that reads otherwise than it is', [{ kind: 'hero', title: 'pay\u202Eeerf' }]],
    ['text without an end', [hero, { kind: 'text', text: 'x'.repeat(5_000) }]],
  ])('%s is refused', (_what, blocks) => {
    expect(pageBlocks.safeParse(blocks).success).toBe(false);
  });

  test('what a page is made of is known by its hash: any change is another one', () => {
    const content = {
      slug: 'thing',
      variant: 'a',
      name: 'A thing',
      blocks: pageBlocks.parse([hero]),
      priceMicros: 19_000_000n,
      currency: 'USD',
      imprint: 'Me',
      mode: 'live' as const,
    };
    const others = [
      { slug: 'other' },
      { variant: 'b' },
      { name: 'B' },
      { priceMicros: 1n },
      { currency: 'EUR' },
      { imprint: null },
      { mode: 'practice' as const },
    ];
    const hashes = [content, ...others.map((other) => ({ ...content, ...other }))].map(pageHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('an address is a slug, or an order’s token, or one of our own routes, and never two of them', () => {
    for (const no of ['thanks', 'unsubscribe', 'ab', 'a.b.c', 'Upper', '-ab', 'a--b', 'a/b', 'x'.repeat(61)])
      expect(pageSlug.safeParse(no).success, no).toBe(false);
    expect(pageSlug.safeParse('launch-checklist-2').success).toBe(true);
  });
});

describe('a price', () => {
  const currency = fc.constantFrom('USD', 'EUR', 'GBP', 'JPY');
  const cost = fc.bigInt({ min: 0n, max: 10_000_000_000n });

  test('at the floor leaves the unit cost after the dearest fee; one minor unit below does not pass', () => {
    fc.assert(
      fc.property(cost, currency, (unitCostMicros, code) => {
        const floor = floorOf(unitCostMicros, code);
        const unit = code === 'JPY' ? 1_000_000n : 10_000n;
        expect(floor % unit).toBe(0n);
        expect(floor - feeOf(floor, code)).toBeGreaterThanOrEqual(unitCostMicros);
        expect(floor - 2n * unit - feeOf(floor - 2n * unit, code)).toBeLessThan(unitCostMicros);
        expect(requireFloor({ priceMicros: floor, unitCostMicros, currency: code })).toBe(floor);
        expect(() => requireFloor({ priceMicros: floor - unit, unitCostMicros, currency: code })).toThrow('below the floor');
      }),
      { numRuns: RUNS },
    );
  });

  test('in a currency whose fees nobody knows is refused', () => {
    expect(() => floorOf(0n, 'XYZ')).toThrow('not known here');
  });

  test('cut below its list price fits the month’s budget or is refused; a raise always fits', () => {
    const cut = { listMicros: 20n, currency: 'USD', budgetMicros: 10n };
    expect(() => requireDiscount({ ...cut, priceMicros: 12n, givenMicros: 2n })).not.toThrow();
    expect(() => requireDiscount({ ...cut, priceMicros: 12n, givenMicros: 3n })).toThrow('does not fit');
    expect(() => requireDiscount({ ...cut, priceMicros: 25n, givenMicros: 99n })).not.toThrow();
  });
});

describe('a visitor', () => {
  const browser: Record<string, string> = {
    'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) Safari/605.1.15',
    accept: 'text/html',
  };
  const judge = (more: Record<string, string | undefined> = {}, method = 'GET') =>
    whyNoVisit(method, (name) => ({ ...browser, ...more })[name]);

  test('is a browser that asks for a page', () => {
    expect(judge()).toBeNull();
    expect(judge({ 'sec-fetch-dest': 'document', cookie: 'other=1' })).toBeNull();
  });

  test.each([
    [{}, 'HEAD'],
    [{}, 'POST'],
    [{ 'user-agent': undefined }],
    [{ 'user-agent': '' }],
    [{ 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }],
    [{ 'user-agent': 'facebookexternalhit/1.1 (+http://www.facebook.com)' }],
    [{ 'user-agent': 'Mozilla/5.0 HeadlessChrome/140.0' }],
    [{ 'user-agent': 'curl/8.5.0 (x86_64)' }],
    [{ 'user-agent': 'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)' }],
    [{ accept: '*/*' }],
    [{ 'sec-purpose': 'prefetch' }],
    [{ purpose: 'preview' }],
    [{ 'x-moz': 'prefetch' }],
    [{ 'sec-fetch-dest': 'iframe' }],
    [{ cookie: 'x=1; jug_4280=abc' }],
  ])('%j is none', (more: Record<string, string | undefined>, method?: string) => {
    expect(judge(more, method)).not.toBeNull();
  });

  test('has the address of the connection, or the one that our own tunnel saw; what they claim before it counts for nothing', () => {
    expect(addressOf('203.0.113.9', '1.1.1.1')).toBe('203.0.113.9');
    expect(addressOf('127.0.0.1', '6.6.6.6, 203.0.113.9')).toBe('203.0.113.9');
    expect(addressOf('::ffff:127.0.0.1', undefined)).toBe('::ffff:127.0.0.1');
  });

  test('is told apart within a day and a page only', () => {
    const hash = (salt: string, page: number) => seenHash(salt, page, '203.0.113.9', 'agent');
    expect(new Set([hash('today', 1), hash('today', 1), hash('tomorrow', 1), hash('today', 2)]).size).toBe(3);
  });
});

describe('the variant of a visitor', () => {
  const choices = fc
    .uniqueArray(fc.constantFrom(...'abcdefgh'), { minLength: 2, maxLength: 6 })
    .chain((letters) =>
      fc.tuple(...letters.map((variant) => fc.integer({ min: 1, max: 5 }).map((weight): Choice => ({ variant, weight })))),
    );
  const key = fc.integer({ min: 0 }).map((index) => visitorKey('secret', 1, `198.51.100.${index}`, 'agent'));

  test('is the same at every visit, whatever order they stand in, and another goes only to whom its own went', () => {
    fc.assert(
      fc.property(choices, key, (all, who) => {
        const own = chooseVariant(all, who)?.variant;
        expect(chooseVariant(all.toReversed(), who)?.variant).toBe(own);
        for (const gone of all) {
          const left = chooseVariant(
            all.filter((one) => one !== gone),
            who,
          )?.variant;
          if (gone.variant !== own) expect(left).toBe(own);
          else expect(left).not.toBe(own);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('follows the weights: 3 to 1 is three quarters, 0 is nobody', () => {
    const weighted = [
      { variant: 'a', weight: 3 },
      { variant: 'b', weight: 1 },
      { variant: 'c', weight: 0 },
    ];
    const seen = { a: 0, b: 0, c: 0 };
    for (let index = 0; index < 8_000; index += 1) seen[(chooseVariant(weighted, `visitor ${index}`)?.variant ?? 'c') as 'a'] += 1;
    expect(seen.c).toBe(0);
    // Four standard deviations.
    expect(Math.abs(seen.a / 8_000 - 0.75)).toBeLessThan(0.0194);
    expect(chooseVariant([], 'x')).toBeUndefined();
  });
});

test('a preview link opens its own page and variant only', () => {
  const token = previewPath('key', 'thing', 'b').split('preview=')[1] ?? '';
  expect(readPreview('key', 'thing', token)).toBe('b');
  expect(readPreview('key', 'other', token)).toBeNull();
  expect(readPreview('key', 'thing', token.replace('b.', 'a.'))).toBeNull();
  expect(readPreview('other key', 'thing', token)).toBeNull();
  expect(readPreview('key', 'thing', 'b.')).toBeNull();
});

describe('writing to somebody', () => {
  const now = new Date('2026-11-23T12:00:00Z');
  const facts = { isSuppressed: false, lastAt: null, recent: 0 };
  const ago = (ms: number) => new Date(now.getTime() - ms);

  test('is refused to whoever said stop, within seven days, and beyond the day’s number', () => {
    expect(judgeOutreach(facts, now)).toBeNull();
    expect(judgeOutreach({ ...facts, isSuppressed: true }, now)).toContain('does not want');
    expect(judgeOutreach({ ...facts, lastAt: ago(COOLDOWN_MS - 1) }, now)).toContain('seven days');
    expect(judgeOutreach({ ...facts, lastAt: ago(COOLDOWN_MS) }, now)).toBeNull();
    expect(judgeOutreach({ ...facts, recent: MOST_A_DAY - 1 }, now)).toBeNull();
    expect(judgeOutreach({ ...facts, recent: MOST_A_DAY }, now)).toContain('24 hours');
  });

  test('knows one person by any spelling of their address, and keeps none of them', () => {
    const same = ['Jane+news@Example.com', ' mailto:jane@example.com', 'jane@example.com'].map(readContact);
    expect(new Set(same)).toEqual(new Set(['jane@example.com']));
    expect([maskContact('jane@example.com'), maskContact('linkedin:jane.doe')]).toEqual(['j…@example.com', 'linkedin:j…']);
    for (const no of ['jane', 'a b@c.de', 'x@y', 'javascript:alert(1)', '<a@b.de>']) expect(() => readContact(no), no).toThrow('neither');
  });

  test('comes with a link that stops it, for them alone', () => {
    const contact = contactHash('key', 'jane@example.com');
    const token = unsubscribePath('key', contact).split('/').at(-1) ?? '';
    expect(readUnsubscribe('key', token)).toBe(contact);
    for (const no of [`${token}x`, token.replace(/^./, '_'), contact, '', 'a.b']) expect(readUnsubscribe('key', no)).toBeNull();
    expect(readUnsubscribe('other', token)).toBeNull();
  });
});
