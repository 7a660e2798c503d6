// What the web reader must never reach (security.md B7). A canary on loopback stands behind every address that isn't public and counts:
// a test passes only if nothing arrived there, whatever the reader said.
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { dialTcp, resolveName } from '../../src/adapters/http/guarded-connection.ts';
import { createWebReader } from '../../src/adapters/http/web-reader.ts';
import { Upstream } from '../../src/core/errors.ts';
import { dialAs, type FarServer, resolveAs, startFarServer } from '../support/far-server.ts';
import { makeSelfSigned } from '../support/self-signed.ts';

const SHOP = '93.184.215.14';
const OTHER = '151.101.1.69';
const NAMES = {
  'shop.example': [SHOP],
  'other.example': [OTHER],
  '127.0.0.1.nip.example': ['127.0.0.1'],
  'a9fea9fe.nip.example': ['169.254.169.254'],
  'six.nip.example': ['::1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'mixed-v4.example': [SHOP, '127.0.0.1'],
  'mixed-v6.example': [SHOP, '2606:4700:4700::1111', 'fd00:ec2::254'],
  // What /etc/hosts or a search list may say.
  localhost: ['127.0.0.1', '::1'],
  metadata: ['169.254.169.254'],
  'metadata.google.internal': ['169.254.169.254'],
};

const NON_PUBLIC_HOSTS = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.0.0.1.', '%31%32%37%2e0.0.1', '①②⑦.0.0.1', '2852039166'],
  ...['0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '169.254.170.2', '100.100.100.200', '168.63.129.16'],
  ...['192.0.0.192', '198.18.0.1', '224.0.0.1', '255.255.255.255', '[::]', '[::1]', '[::ffff:7f00:1]', '[::ffff:0:7f00:1]', '[::7f00:1]'],
  ...['[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]', '[2606:4700::5efe:7f00:1]', '[fe80::1]'],
  ...['[fec0::1]', '[fd00:ec2::254]', '[fd20:ce::254]', '[ff02::1]', '[100::1]', '[2001:db8::1]', '[3fff::1]', '[5f00::1]'],
  ...['localhost', 'localhost.', 'x.localhost', 'metadata', 'metadata.google.internal', 'user@127.0.0.1', 'shop.example@127.0.0.1'],
  ...['127.0.0.1.nip.example', 'a9fea9fe.nip.example', 'six.nip.example', 'mapped.example', 'mixed-v4.example', 'mixed-v6.example'],
];

let canary: FarServer;
let shop: FarServer;
let location = '';
let status = 302;
const { signal } = new AbortController();

beforeAll(async () => {
  canary = await startFarServer((_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('secret'));
  shop = await startFarServer((request, response) => {
    if (request.url === '/go')
      response.writeHead(status, { location, 'set-cookie': 'session=1', 'www-authenticate': 'Basic' }).end('moved');
    else if (request.url === '/meta') {
      const html = `<meta http-equiv="refresh" content="0;url=${location}"><p>moving <img src="${location}"></p>`;
      response.writeHead(200, { 'content-type': 'text/html', refresh: `0;url=${location}` }).end(html);
    } else response.writeHead(200, { 'content-type': 'text/plain' }).end(`page ${request.url}`);
  });
});

beforeEach(() => {
  canary.connections = 0;
  canary.bytes = 0;
  canary.requests = [];
  shop.requests = [];
  status = 302;
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

afterAll(async () => {
  await canary[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
});

/** Every public address leads to the shop, everything else to the canary. */
const guarded = () => createWebReader({ dial: dialAs({ [SHOP]: shop, [OTHER]: shop }, canary), resolve: resolveAs(NAMES) });

async function expectRefused(reading: Promise<unknown>, connections = 0): Promise<void> {
  const error = await reading.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Upstream);
  expect(error).toMatchObject({ retryable: false, reply: expect.stringMatching(/^This address was refused: .+\.$/) });
  await vi.waitFor(() => expect(canary.open.size).toBe(0));
  expect(canary).toMatchObject({ connections, bytes: 0, requests: [] });
}

describe('the canary hears nothing', () => {
  test('and would hear a connection to it', async () => {
    const trusting = createWebReader({ dial: dialAs({}, canary), resolve: resolveAs(NAMES) });
    expect((await trusting.read('http://shop.example/', { signal })).text).toBe('secret');
    expect(canary.requests).toHaveLength(1);
  });

  test.each(NON_PUBLIC_HOSTS)('from a direct request to %s', async (host) => {
    await expectRefused(guarded().read(`http://${host}/latest/meta-data/`, { signal }));
    await expectRefused(guarded().read(`https://${host}:8443/`, { signal }));
  });

  test.each(NON_PUBLIC_HOSTS)('from a redirect to %s', async (host) => {
    // As a server would send it: UTF-8 bytes, which node writes when told they are latin1.
    location = Buffer.from(`http://${host}/`, 'utf8').toString('latin1');
    await expectRefused(guarded().read('http://shop.example/go', { signal }));
    expect(shop.requests).toHaveLength(1);
  });

  test.each([301, 302, 303, 307, 308])('from a redirect with status %i', async (given) => {
    status = given;
    location = '//127.0.0.1/';
    await expectRefused(guarded().read('http://shop.example/go', { signal }));
  });

  test.each([
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'ftp://shop.example/',
    'data:text/plain,x',
    'javascript:1',
    'http://shop.example:6379/',
  ])('from a redirect to %s', async (target) => {
    location = target;
    await expectRefused(guarded().read('http://shop.example/go', { signal }));
  });

  test('from a meta refresh, a Refresh header or an image: the page is read as it is', async () => {
    location = 'http://127.0.0.1/';
    expect((await guarded().read('http://shop.example/meta', { signal })).text).toBe('moving');
    expect(canary.connections).toBe(0);
  });

  test('of a byte when a name turns to loopback after it was judged', async () => {
    // The resolver says public; the socket that comes back is connected to loopback, and says so.
    const reader = createWebReader({
      resolve: resolveAs(NAMES),
      dial: ({ signal: stop }) => dialTcp({ addresses: ['127.0.0.1'], port: canary.port, signal: stop }),
    });
    await expectRefused(reader.read('http://shop.example/', { signal }), 1);
    canary.connections = 0;
    await expectRefused(reader.read('https://shop.example/', { signal }), 1);
  });

  test('of a byte when the socket does not know its peer', async () => {
    const reader = createWebReader({
      resolve: resolveAs(NAMES),
      dial: async (target) => ({ ...(await dialAs({}, canary)(target)), remoteAddress: undefined }),
    });
    await expectRefused(reader.read('http://shop.example/', { signal }), 1);
  });

  test('when a name answers public first and loopback at the next look', async () => {
    const answers = [[SHOP], ['127.0.0.1']];
    const reader = createWebReader({ dial: dialAs({ [SHOP]: shop }, canary), resolve: async () => answers.shift() ?? [] });
    location = 'http://shop.example/next';
    await expectRefused(reader.read('http://shop.example/go', { signal }));
  });

  test('when the environment names it as proxy', async () => {
    for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'ALL_PROXY'])
      vi.stubEnv(name, `http://127.0.0.1:${canary.port}`);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    expect((await guarded().read('http://shop.example/direct', { signal })).text).toBe('page /direct');
    expect(canary.connections).toBe(0);
  });

  test('when it is a public address of this very machine', async () => {
    const card = { address: SHOP, netmask: '255.255.255.0', family: 'IPv4', mac: '', internal: false, cidr: null } as const;
    vi.spyOn(os, 'networkInterfaces').mockReturnValue({ eth0: [card] });
    // What imported it by name sees it too.
    syncBuiltinESMExports();
    await expectRefused(guarded().read('http://shop.example/', { signal }));
    expect(shop.requests).toHaveLength(0);
  });

  test('and the refusal does not repeat what the name resolved to', async () => {
    const error = await guarded()
      .read('http://a9fea9fe.nip.example/', { signal })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reply: expect.not.stringContaining('169.254'), cause: { message: 'judged 169.254.169.254' } });
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('with status %i is followed to another public host, with nothing carried over', async (given) => {
    status = given;
    location = 'http://other.example/there?x=1#part';
    shop.connections = 0;
    const page = await guarded().read('http://shop.example/go', { signal });
    expect(page).toMatchObject({ finalUrl: 'http://other.example/there?x=1', text: 'page /there?x=1' });
    const [, second] = shop.requests;
    expect(second?.headers.host).toBe('other.example');
    expect(Object.keys(second?.headers ?? {}).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
    expect(shop.connections).toBe(2);
  });

  test('may be relative and may hold plain UTF-8', async () => {
    location = Buffer.from('/prix/été', 'utf8').toString('latin1');
    expect((await guarded().read('http://shop.example/go', { signal })).finalUrl).toBe('http://shop.example/prix/%C3%A9t%C3%A9');
  });

  test.each(['', 'http://'])('to %j leads nowhere and is not tried again', async (target) => {
    location = target;
    await expect(guarded().read('http://shop.example/go', { signal })).rejects.toMatchObject({ code: 'upstream', retryable: false });
  });

  test('is followed three times, not four', async () => {
    const chain = await startFarServer((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end();
      else response.writeHead(200, { 'content-type': 'text/plain' }).end('arrived');
    });
    await using _stop = chain;
    const reader = createWebReader({ dial: dialAs({ [SHOP]: chain }), resolve: resolveAs(NAMES) });
    expect((await reader.read('http://shop.example/3', { signal })).text).toBe('arrived');
    chain.requests = [];
    await expect(reader.read('http://shop.example/4', { signal })).rejects.toMatchObject({ retryable: false });
    expect(chain.requests).toHaveLength(4);
    chain.requests = [];
    await expect(reader.read('http://shop.example/999', { signal })).rejects.toMatchObject({ retryable: false });
    expect(chain.requests).toHaveLength(4);
  });
});

describe('https', () => {
  test('names the host in the handshake and believes only a certificate for it', async () => {
    const certificate = makeSelfSigned('shop.example');
    await using server = await startFarServer((request, response) => {
      const servername = 'servername' in request.socket ? String(request.socket.servername) : '';
      response.writeHead(200, { 'content-type': 'text/plain' }).end(servername);
    }, certificate);
    const reader = createWebReader({ dial: dialAs({ [SHOP]: server, [OTHER]: server }), resolve: resolveAs(NAMES) });
    const unknownIssuer = reader.read('https://shop.example/', { signal });
    await expect(unknownIssuer).rejects.toMatchObject({ code: 'upstream', retryable: false });
    // The environment cannot talk the reader into trusting it either.
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    await expect(reader.read('https://shop.example/', { signal })).rejects.toMatchObject({ code: 'upstream', retryable: false });
    vi.unstubAllEnvs();
    expect(server.requests).toHaveLength(0);

    setDefaultCACertificates([certificate.cert]);
    expect((await reader.read('https://shop.example/', { signal })).text).toBe('shop.example');
    const wrongHost = reader.read('https://other.example/', { signal });
    await expect(wrongHost).rejects.toMatchObject({ code: 'upstream', retryable: false });
    const byAddress = reader.read(`https://${SHOP}/`, { signal });
    await expect(byAddress).rejects.toMatchObject({ code: 'upstream', retryable: false });
    expect(server.requests).toHaveLength(1);
    await vi.waitFor(() => expect(server.open.size).toBe(0));
  });
});

test('the real resolver gives every address of a name', async () => {
  expect(await resolveName('localhost')).toEqual(expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]));
});
