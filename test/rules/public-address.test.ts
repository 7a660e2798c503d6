// Which addresses and URLs the agent may never ask for: the list of addresses that slipped through other guards, and the edges of every range.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress, judgeUrl } from '../../src/core/public-address.ts';

/** IPv4 ranges that are not public internet, as first and last address. */
const V4_RANGES: readonly (readonly [string, string])[] = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['168.63.129.16', '168.63.129.16'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '255.255.255.255'],
];

const NON_PUBLIC_V4 = [
  ...['0.0.0.0', '0.1.2.3', '127.0.0.1', '127.1.2.3', '127.255.255.254', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255'],
  ...['192.168.0.1', '192.168.255.255', '169.254.169.254', '169.254.170.2', '169.254.169.123', '169.254.0.23', '100.64.0.1'],
  ...['100.100.100.200', '192.0.0.1', '192.0.0.192', '198.18.0.1', '198.19.255.255', '192.0.2.1', '198.51.100.1', '203.0.113.1'],
  ...['192.88.99.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '168.63.129.16'],
];

const NON_PUBLIC_V6 = [
  ...['::', '::1', '::ffff:7f00:1', '::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::ffff:0:7f00:1', '::ffff:0:127.0.0.1', '::7f00:1'],
  ...['::127.0.0.1', '::a9fe:a9fe', '64:ff9b::7f00:1', '64:ff9b::169.254.169.254', '64:ff9b:1::1', '64:ff9b:1:ffff::a00:1'],
  ...['2002:7f00:1::', '2002:a00:1::1', '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
  ...['fe80::5efe:7f00:1', '2606:4700::5efe:7f00:1', '2606:4700::200:5efe:a9fe:a9fe', '2001:db8::1', '3fff::1', '3fff:fff::1', '5f00::1'],
  ...['fec0::1', 'feff::1', 'fc00::1', 'fd00:ec2::254', 'fd20:ce::254', 'fdff::1', 'ff02::1', 'ff0e::1', '100::1', '2001:2::1'],
  ...['2001:10::1', '2001:20::1', '3ffe::1', '2606:4700:4700::1111%eth0'],
];

const PUBLIC = ['8.8.8.8', '1.1.1.1', '93.184.215.14', '2606:4700:4700::1111', '2a00:1450:4001:830::200e'];

const toNumber = (ip: string): number => ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
const toText = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
const toWords = (ip: string): string => `${(toNumber(ip) >>> 16).toString(16)}:${(toNumber(ip) & 0xffff).toString(16)}`;

const privateV4 = fc
  .constantFrom(...V4_RANGES)
  .chain(([first, last]) => fc.integer({ min: toNumber(first), max: toNumber(last) }).map(toText));

/** Every way an IPv6 address is known to carry an IPv4 address, under a public-looking prefix where there is one. */
const EMBEDDINGS: readonly ((ip: string) => string)[] = [
  (ip) => `::ffff:${ip}`,
  (ip) => `::ffff:${toWords(ip)}`,
  (ip) => `0:0:0:0:0:FFFF:${toWords(ip)}`,
  (ip) => `::${ip}`,
  (ip) => `::${toWords(ip)}`,
  (ip) => `::ffff:0:${ip}`,
  (ip) => `64:ff9b::${ip}`,
  (ip) => `64:ff9b:1::${toWords(ip)}`,
  (ip) => `64:ff9b:1:abcd:0:1:${toWords(ip)}`,
  (ip) => `2002:${toWords(ip)}::1`,
  (ip) => `2001:0:${toWords(ip)}:8000:63bf:3fff:fdd2`,
  (ip) => `2606:4700:1:2:0:5efe:${toWords(ip)}`,
  (ip) => `2a00:1450:1:2:200:5efe:${toWords(ip)}`,
];

describe('an address', () => {
  test('the list is at least as long as the one other guards were measured with', () => {
    expect(NON_PUBLIC_V4.length + NON_PUBLIC_V6.length).toBeGreaterThanOrEqual(52);
  });

  test.each([...NON_PUBLIC_V4, ...NON_PUBLIC_V6])('%s is not public', (ip) => {
    expect(isPublicAddress(ip)).toBe(false);
  });

  test.each(PUBLIC)('%s is public', (ip) => {
    expect(isPublicAddress(ip)).toBe(true);
  });

  test.each([
    ...['9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0', '168.63.129.15', '168.63.129.17'],
    ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '191.255.255.255', '192.0.1.0', '192.0.3.0', '192.88.98.255'],
    ...['192.88.100.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '198.51.99.255', '198.51.101.0', '203.0.112.255'],
    ...['203.0.114.0', '223.255.255.255', '1.0.0.0', '2001:200::1', '2001:db7:ffff::1', '2001:db9::1', '2003::1', '3ffd:ffff::1'],
    ...['3fff:1000::1', '2606:4700::5eff:7f00:1', '2606:4700::100:5efe:7f00:1'],
  ])('%s, just outside a range, is not blocked by mistake', (ip) => {
    expect(isPublicAddress(ip)).toBe(true);
  });

  test.each([
    ...['', ' ', 'localhost', '127.1', '0x7f.1', '0177.0.0.1', '2130706433', '8.8.2056', '8.8.8', '08.8.8.8', '8.8.8.8.', '8.8.8.8 '],
    ...['8.8.8.8\n', '256.1.1.1', '8.8.8.8:80', '[2606:4700::1]', '2606:4700::1::2', '2606:4700', '1:2:3:4:5:6:7:8:9', 'example.com'],
  ])('%j is no address, so it is not public', (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });

  test('no IPv4 address of a special range is public, plain or in any IPv6 form', () => {
    fc.assert(
      fc.property(privateV4, fc.constantFrom(...EMBEDDINGS), (ip, embed) => {
        expect(isPublicAddress(ip), ip).toBe(false);
        expect(isPublicAddress(embed(ip)), embed(ip)).toBe(false);
      }),
      { numRuns: process.env['JUG_TEST_LONG'] ? 100_000 : 2_000 },
    );
  });

  test('nothing outside IPv6 global unicast is public', () => {
    const outside = fc.integer({ min: 0, max: 0xffff }).filter((word) => word >> 13 !== 1);
    fc.assert(fc.property(outside, (word) => !isPublicAddress(`${word.toString(16)}:1:2:3:4:5:6:7`)));
  });
});

describe('a URL', () => {
  test.each([
    'http://example.com',
    'https://example.com/a?b=c#d',
    'https://example.com:8443/',
    'http://example.com:8080/',
    'http://example.com:443/',
    'https://example.com:80/',
    ' https://bücher.example/ ',
    'http://93.184.215.14/',
    'https://[2606:4700:4700::1111]/',
    'https://localhost.example.com/',
    'https://internal-affairs.example/',
    'https://mymetadata.goog/',
  ])('%s may be asked for', (text) => {
    expect(judgeUrl(text)).toMatchObject({ ok: true });
  });

  // Every spelling of 127.0.0.1 and 169.254.169.254 that a URL parser folds together.
  test.each([
    ...['127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.1', '0x7f.0x0.0x0.0x1', '0177.0.0.1', '017700000001', '0177.0.0.0x1'],
    ...['127.0.0.1.', '①②⑦.⓪.⓪.①', '\uff11\uff12\uff17.0.0.1', '127\u30020\u30020\u30021', '127.0.0.1', '%31%32%37%2e0.0.1'],
    ...['2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518', '0', '0x0', '1'],
    ...NON_PUBLIC_V4,
    ...NON_PUBLIC_V6.map((ip) => `[${ip}]`),
    '[fe80::1%25eth0]',
  ])('the host %s is refused', (host) => {
    expect(judgeUrl(`http://${host}/`)).toMatchObject({ ok: false });
    expect(judgeUrl(`https://${host}:8443/x`)).toMatchObject({ ok: false });
  });

  test.each([
    ...['http:127.0.0.1', 'http:////127.0.0.1/', 'http:\\\\127.0.0.1\\', 'http://127.0.0.1:80\\@example.com/', 'http://12\t7.0.0.1/'],
    ...[
      'http://user@127.0.0.1/',
      'HTTP://LOCALHOST/',
      'http://exam\nple.com/',
      'http://example.com\\@127.0.0.1/',
      'http://example.com/a b',
    ],
  ])('the trick %j is refused', (text) => {
    expect(judgeUrl(text)).toMatchObject({ ok: false });
  });

  test.each([
    ...['localhost', 'localhost.', 'LOCALHOST', 'x.localhost', 'a.b.localhost', 'localhost.localdomain', 'printer.local', 'db.internal'],
    ...['metadata.google.internal', 'metadata', 'metadata.goog', 'instance-data', 'metadata.tencentyun.com', 'router.lan', 'nas.home'],
    ...[
      'host.docker.internal',
      'ip-10-0-0-1.ec2.internal',
      'kubernetes.default.svc.cluster.local',
      'gw.home.arpa',
      'intranet',
      'abc.onion',
    ],
    ...['example.com.', 'example..com', '.example.com', 'wiki.corp', 'wiki.intranet', 'wiki.private', `${'a.'.repeat(130)}com`],
  ])('the name %s is refused', (host) => {
    expect(judgeUrl(`http://${host}/`)).toMatchObject({ ok: false });
  });

  test.each([
    ...[
      'file:///etc/passwd',
      'gopher://example.com/',
      'dict://example.com/',
      'ftp://example.com/',
      'data:text/html,x',
      'blob:https://example.com/1',
    ],
    ...['javascript:alert(1)', 'unix:/var/run/docker.sock', 'jar:https://example.com/a.jar!/', 'ws://example.com/', 'wss://example.com/'],
    ...['about:blank', 'mailto:a@example.com', 'view-source:http://example.com/'],
  ])('the scheme of %s is refused', (text) => {
    expect(judgeUrl(text)).toEqual({ ok: false, reason: 'only http and https are allowed' });
  });

  test.each([0, 21, 22, 25, 81, 3000, 5432, 6379, 8000, 8081, 9200, 65535])('port %i is refused', (port) => {
    expect(judgeUrl(`http://example.com:${port}/`)).toMatchObject({ ok: false, reason: expect.stringContaining('ports') });
  });

  test.each(['http://a:b@example.com/', 'http://a@example.com/', 'http://:b@example.com/'])('the credentials in %s are refused', (text) => {
    expect(judgeUrl(text)).toEqual({ ok: false, reason: 'it carries a user name or password' });
  });

  test.each(['', 'example.com', '//example.com/', '/path', 'http://', 'https://[::1', 'http://exa%mple.com/'])(
    '%j is no web address',
    (text) => {
      expect(judgeUrl(text)).toMatchObject({ ok: false });
    },
  );

  test('2048 characters pass, one more does not, and escaping counts', () => {
    const base = 'https://example.com/';
    expect(judgeUrl(base + 'a'.repeat(2048 - base.length))).toMatchObject({ ok: true });
    expect(judgeUrl(base + 'a'.repeat(2049 - base.length))).toMatchObject({ ok: false });
    expect(judgeUrl(base + 'ü'.repeat(1000))).toMatchObject({ ok: false });
  });

  test('any text gets a verdict, never an exception', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof judgeUrl(`http://${text}`).ok === 'boolean'));
  });
});
