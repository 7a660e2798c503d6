// Reading a page of the open web: what comes back, what it costs at most, and what each failure means. Servers are real, on loopback.
// What the reader must never reach is in web-reader-guard.test.ts.
import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { dialTcp } from '../../src/adapters/http/guarded-connection.ts';
import { readHtmlText } from '../../src/adapters/http/html-text.ts';
import { createWebReader, type Limits } from '../../src/adapters/http/web-reader.ts';
import type { Upstream } from '../../src/core/errors.ts';
import type { WebPage } from '../../src/domain/tools/web-reader.ts';
import { dialAs, type FarServer, resolveAs, startFarServer, startRawServer } from '../support/far-server.ts';

const SHOP = '93.184.215.14';
const URL_OF_SHOP = 'http://shop.example/';
let servers: FarServer[] = [];

afterEach(async () => {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  servers = [];
});

async function keep(starting: Promise<FarServer>): Promise<FarServer> {
  const server = await starting;
  servers.push(server);
  return server;
}

const serve = (listener: RequestListener): Promise<FarServer> => keep(startFarServer(listener));
const serveRaw = (onSocket: (socket: Socket) => void): Promise<FarServer> => keep(startRawServer(onSocket));

function readFrom(server: FarServer, limits: Partial<Limits> = {}, signal = new AbortController().signal): Promise<WebPage> {
  const reader = createWebReader({ dial: dialAs({ [SHOP]: server }), resolve: resolveAs({ 'shop.example': [SHOP] }), limits });
  return reader.read(URL_OF_SHOP, { signal });
}

/** Serves one body and reads it. */
async function readBody(body: string | Buffer, type: string, headers: Record<string, string> = {}, limits: Partial<Limits> = {}) {
  return readFrom(await serve((_request, response) => response.writeHead(200, { 'content-type': type, ...headers }).end(body)), limits);
}

const failureOf = (reading: Promise<WebPage>): Promise<Upstream> =>
  reading.then(
    () => expect.unreachable('the page was read'),
    (error: unknown) => error as Upstream,
  );

describe('a page', () => {
  test('comes back with its title, text, hash and size', async () => {
    const html = '<!doctype html><title>Prices &amp;\n terms</title><body><h1>Plans</h1><p>From <b>$5</b> a month.</p></body>';
    const page = await readBody(html, 'text/html; charset=utf-8');
    expect(page).toEqual({
      finalUrl: URL_OF_SHOP,
      status: 200,
      contentType: 'text/html',
      title: 'Prices & terms',
      text: 'Plans\n\nFrom $5 a month.',
      sha256: createHash('sha256').update(html).digest('hex'),
      bytes: Buffer.byteLength(html),
      truncated: false,
    });
  });

  test('is asked for with a GET that carries nothing but who we are and what we read', async () => {
    const server = await serve((_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('ok'));
    const reader = createWebReader({ dial: dialAs({ [SHOP]: server }), resolve: resolveAs({ 'shop.example': [SHOP] }) });
    const page = await reader.read('http://shop.example:8080/a%20b?q=1#part', { signal: new AbortController().signal });
    expect(page.finalUrl).toBe('http://shop.example:8080/a%20b?q=1');
    const [request] = server.requests;
    expect(request?.method).toBe('GET');
    expect(request?.url).toBe('/a%20b?q=1');
    expect(Object.keys(request?.headers ?? {}).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
    expect(request?.headers.host).toBe('shop.example:8080');
    expect(request?.headers['user-agent']).toMatch(/^Juggernaut\//);
  });

  test('shows what a visitor sees: no scripts, styles, menus, images or hidden words', async () => {
    const html = `<body><nav>Menu</nav><script>steal()</script><style>p{}</style><img src=x alt="pixel"><svg><text>icon</text></svg>
      <p hidden>ghost one</p><div style="color:red;display:none">ghost two</div><p aria-hidden="true">ghost three</p>
      <p>See <a href="https://other.example/">our offer</a>.</p><ul><li>one</li><li>two</li></ul><template>later</template></body>`;
    expect((await readBody(html, 'text/html')).text).toBe('See our offer.\n\n * one\n * two');
  });

  test('keeps the cells of a table row on one line and in their columns', async () => {
    const html = `<p>Before</p><table><tr><th>Plan</th><th>Note</th><th>Price</th></tr>
      <tr><td><div>Basic</div></td><td></td><td><p>$5</p></td></tr></table><p>After</p>`;
    expect((await readBody(html, 'text/html')).text).toBe('Before\n\nPlan | Note | Price\nBasic |  | $5\n\nAfter');
  });

  test('loses control, bidirectional and invisible characters, written plainly or as entities', async () => {
    const hidden = '\u0000\u0007\u001b[1m\u0085\u202e\u2066\ufeff\u{e0041}\ud800';
    const plain = await readBody(Buffer.from(`a${hidden}b\r\nc\td\re`), 'text/plain');
    expect(plain.text).toBe('a[1m\ufffdb\nc\td\ne');
    const html = await readBody('<title>t&#x202e;i</title><p>a&#x7;&#x202e;&#xe0041;b</p>', 'text/html');
    expect([html.title, html.text]).toEqual(['ti', 'ab']);
  });

  test.each([
    ['application/json', '{"a":[1]}'],
    ['text/plain', '<p>as it is</p>'],
    ['text/csv', 'a;b'],
    ['application/xml', '<a>1</a>'],
    ['TEXT/Markdown; charset=UTF-8', '# x'],
  ])('of type %s is given as it is', async (type, body) => {
    expect(await readBody(body, type)).toMatchObject({ title: null, text: body, truncated: false });
  });

  test.each(['image/png', 'application/octet-stream', 'application/zip', 'video/mp4', 'multipart/form-data', ''])(
    'of type %j is refused with a reason, once and for all',
    async (type) => {
      const server = await serve((_request, response) => response.writeHead(200, type === '' ? {} : { 'content-type': type }).end('x'));
      const error = await failureOf(readFrom(server));
      expect(error.code).toBe('upstream');
      expect(error.retryable).toBe(false);
      expect(error.reply).toContain('only text, HTML, JSON and XML');
    },
  );

  test('without a body is an empty text', async () => {
    expect(await readBody('', 'text/html')).toMatchObject({ text: '', title: null, bytes: 0, truncated: false });
  });
});

describe('the charset', () => {
  const cyrillic = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]);
  test.each<[string, Buffer, string, string]>([
    ['of the header', cyrillic, 'text/plain; charset=windows-1251', 'Привет'],
    ['of the header in quotes', cyrillic, 'text/plain; Charset="WINDOWS-1251"', 'Привет'],
    ['of meta charset', Buffer.concat([Buffer.from('<meta charset=windows-1251>'), cyrillic]), 'text/html', 'Привет'],
    [
      'of meta http-equiv',
      Buffer.concat([Buffer.from('<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">'), Buffer.from([0x93, 0xfa])]),
      'text/html',
      '日',
    ],
    ['of the header before meta', Buffer.from('<meta charset=windows-1251>é'), 'text/html; charset=utf-8', 'é'],
    ['of a byte order mark before all', Buffer.from('\ufeffhé', 'utf16le'), 'text/plain; charset=utf-8', 'hé'],
    ['utf-8 when meta claims utf-16', Buffer.from('<meta charset="utf-16">é'), 'text/html', 'é'],
    ['utf-8 when nothing is said', Buffer.from('é'), 'text/plain', 'é'],
    ['utf-8 when it is unknown', Buffer.from('é'), 'text/plain; charset=klingon', 'é'],
    ['not of meta in plain text', Buffer.from('<meta charset=windows-1251>é'), 'text/plain', '<meta charset=windows-1251>é'],
  ])('%s is used', async (_name, body, type, text) => {
    expect((await readBody(body, type)).text).toBe(text);
  });

  test('that does not fit leaves replacement characters', async () => {
    expect((await readBody(Buffer.from([0x61, 0xff, 0x62]), 'text/plain')).text).toBe('a\ufffdb');
  });
});

describe('a large page', () => {
  test('is cut at the byte limit, exactly', async () => {
    const fits = await readBody('x'.repeat(1000), 'text/plain', {}, { bodyBytes: 1000 });
    expect(fits).toMatchObject({ bytes: 1000, truncated: false });
    const cut = await readBody('x'.repeat(1001), 'text/plain', {}, { bodyBytes: 1000 });
    expect(cut).toMatchObject({ bytes: 1000, truncated: true, sha256: fits.sha256 });
  });

  test('gives 40,000 characters of text, never half a character', async () => {
    const page = await readBody(`${'x'.repeat(39_999)}😀😀`, 'text/plain');
    expect(page.text).toBe('x'.repeat(39_999));
    expect(page.truncated).toBe(true);
    const html = await readBody(`<p>${'word '.repeat(20_000)}</p>`, 'text/html');
    expect(html.text).toHaveLength(40_000);
    expect(html.truncated).toBe(true);
  });

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('compressed with %s is read, and a bomb stops at the limit', async (encoding, compress) => {
    const small = await readBody(compress('hello'), 'text/plain', { 'content-encoding': encoding });
    expect(small).toMatchObject({ text: 'hello', bytes: 5, truncated: false });
    const bomb = await readBody(compress(Buffer.alloc(8_000_000, 97)), 'text/plain', { 'content-encoding': encoding });
    expect(bomb).toMatchObject({ bytes: 2_000_000, truncated: true });
  });

  test('that never stops sending is left after the limit', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const pour = (): void => {
        while (!response.destroyed && response.write('y'.repeat(16_384)));
      };
      response.on('drain', pour);
      pour();
    });
    expect(await readFrom(server)).toMatchObject({ bytes: 2_000_000, truncated: true });
    await vi.waitFor(() => expect(server.open.size).toBe(0));
  });

  test('of empty compressed blocks, which never reaches the decoded limit, is ended by the wire limit', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' });
      response.write(Buffer.from('1f8b0800000000000003', 'hex'));
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.from('000000ffff'.repeat(1000), 'hex')));
      };
      response.on('drain', pour);
      pour();
    });
    const error = await failureOf(readFrom(server, { bodyBytes: 100_000 }));
    expect(error.reply).toBe('The compressed page is too large.');
  });

  test.each(['zstd', 'gzip, gzip', 'nonsense'])('compressed with %s is refused', async (encoding) => {
    const error = await failureOf(readBody('x', 'text/plain', { 'content-encoding': encoding }));
    expect(error).toMatchObject({ code: 'upstream', retryable: false });
  });

  test('that lies about its compression is refused', async () => {
    const error = await failureOf(readBody('not gzip', 'text/plain', { 'content-encoding': 'gzip' }));
    expect(error).toMatchObject({ code: 'upstream', retryable: false });
  });

  test('of tangled HTML ends after its share of time while the bot goes on', async () => {
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 10);
    const error = await failureOf(readBody('<a>'.repeat(300_000), 'text/html', {}, { htmlMs: 400 })).finally(() => clearInterval(ticking));
    expect(error.reply).toBe('The page is too tangled to be read.');
    expect(ticks).toBeGreaterThan(10);
  });
});

describe('a slow or broken server', () => {
  test('that says nothing is left after the first-byte limit', async () => {
    const server = await serve(() => undefined);
    const error = await failureOf(readFrom(server, { firstByteMs: 80 }));
    expect(error).toMatchObject({ code: 'upstream', retryable: true, reply: 'shop.example did not answer in time.' });
    await vi.waitFor(() => expect(server.open.size).toBe(0));
  });

  test('that drips its headers is left after the first-byte limit', async () => {
    const server = await serveRaw((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nx-long: ');
        const drip = setInterval(() => socket.write('h'), 10);
        socket.once('close', () => clearInterval(drip));
      }),
    );
    expect(await failureOf(readFrom(server, { firstByteMs: 120 }))).toMatchObject({ retryable: true });
    await vi.waitFor(() => expect(server.open.size).toBe(0));
  });

  test('that drips its body is left after the total limit', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const drip = setInterval(() => response.write('.'), 10);
      response.once('close', () => clearInterval(drip));
    });
    const error = await failureOf(readFrom(server, { totalMs: 200 }));
    expect(error).toMatchObject({ code: 'upstream', retryable: true, reply: 'Reading the page took too long.' });
    await vi.waitFor(() => expect(server.open.size).toBe(0));
  });

  test('may send headers of 60 KB but not of 70 KB', async () => {
    const send = (length: number) =>
      serve((_request, response) => response.writeHead(200, { 'content-type': 'text/plain', 'x-long': 'h'.repeat(length) }).end('ok'));
    expect((await readFrom(await send(60_000))).text).toBe('ok');
    expect(await failureOf(readFrom(await send(70_000)))).toMatchObject({
      retryable: false,
      reply: 'shop.example sent too large headers.',
    });
  });

  test.each([
    [500, true],
    [502, true],
    [503, true],
    [429, true],
    [408, true],
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [410, false],
    [304, false],
    [300, false],
  ])('status %i is a failure, worth another try: %s', async (status, retryable) => {
    const server = await serve((_request, response) => response.writeHead(status, { 'content-type': 'text/plain' }).end());
    const error = await failureOf(readFrom(server));
    expect(error).toMatchObject({ code: 'upstream', retryable, retryAfterMs: null, reply: `shop.example answered with status ${status}.` });
  });

  test.each([
    ['120', 120_000, 120_000],
    ['0', 0, 0],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0, 0],
    ['999999999', 86_400_000, 86_400_000],
    ['soon', null, null],
    ['-5', null, null],
  ])('Retry-After %j is handed on in milliseconds', async (header, least, most) => {
    const server = await serve((_request, response) => response.writeHead(429, { 'retry-after': header }).end());
    const { retryAfterMs } = await failureOf(readFrom(server));
    if (least === null || most === null) expect(retryAfterMs).toBeNull();
    else {
      expect(retryAfterMs).toBeGreaterThanOrEqual(least);
      expect(retryAfterMs).toBeLessThanOrEqual(most);
    }
  });

  test('Retry-After as a date is handed on as the time until then', async () => {
    const until = Date.now() + 3_600_000;
    const server = await serve((_request, response) => response.writeHead(429, { 'retry-after': new Date(until).toUTCString() }).end());
    const { retryAfterMs } = await failureOf(readFrom(server));
    // A date has no fractions of a second.
    expect(retryAfterMs).toBeGreaterThanOrEqual(until - 1_000 - Date.now());
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
  });

  test('that refuses or drops the connection may be tried again', async () => {
    const gone = await startFarServer(() => undefined);
    await gone[Symbol.asyncDispose]();
    expect(await failureOf(readFrom(gone))).toMatchObject({ code: 'upstream', retryable: true });
    const dropsFirst = await serveRaw((socket) => socket.once('data', () => socket.destroy()));
    expect(await failureOf(readFrom(dropsFirst))).toMatchObject({ code: 'upstream', retryable: true });
    const dropsLater = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    expect(await failureOf(readFrom(dropsLater))).toMatchObject({ code: 'upstream', retryable: true });
  });

  test('that speaks no HTTP is not tried again', async () => {
    const server = await serveRaw((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n')));
    expect(await failureOf(readFrom(server))).toMatchObject({ code: 'upstream', retryable: false });
  });

  test.each([
    ['a type we do not read', 200, { 'content-type': 'video/mp4' }],
    ['a failure', 404, { 'content-type': 'text/plain' }],
    ['a redirect to nowhere', 302, { location: 'http://' }],
  ])('that goes on sending after %s is left at once', async (_name, status, headers) => {
    const server = await serve((_request, response) => {
      response.writeHead(status, headers);
      response.write('more to come');
    });
    await failureOf(readFrom(server));
    await vi.waitFor(() => expect(server.open.size).toBe(0));
  });

  test('whose name is unknown may be tried again', async () => {
    const error = await failureOf(createWebReader({ resolve: resolveAs({}) }).read(URL_OF_SHOP, { signal: new AbortController().signal }));
    expect(error).toMatchObject({ code: 'upstream', retryable: true, reply: 'The name shop.example could not be found.' });
    const empty = createWebReader({ resolve: async () => [] }).read(URL_OF_SHOP, { signal: new AbortController().signal });
    expect(await failureOf(empty)).toMatchObject({ retryable: true, reply: 'The name shop.example could not be found.' });
  });
});

describe('aborting', () => {
  const reason = new Error('the task was cancelled');
  const never = new Promise<never>(() => undefined);

  test('before the start asks nobody', async () => {
    const server = await serve((_request, response) => response.end());
    await expect(readFrom(server, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(server.connections).toBe(0);
  });

  test('while the name is looked up ends at once', async () => {
    const cancel = new AbortController();
    const reader = createWebReader({
      resolve: () => {
        queueMicrotask(() => cancel.abort(reason));
        return never;
      },
    });
    await expect(reader.read(URL_OF_SHOP, { signal: cancel.signal })).rejects.toBe(reason);
  });

  test('while connecting reaches the dialer', async () => {
    const cancel = new AbortController();
    const reader = createWebReader({
      resolve: async () => [SHOP],
      dial: ({ signal }) => {
        queueMicrotask(() => cancel.abort(reason));
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    await expect(reader.read(URL_OF_SHOP, { signal: cancel.signal })).rejects.toBe(reason);
  });

  test('during the TLS handshake closes the connection', async () => {
    const cancel = new AbortController();
    const server = await serveRaw((socket) => socket.once('data', () => cancel.abort(reason)));
    const reader = createWebReader({ resolve: async () => [SHOP], dial: dialAs({ [SHOP]: server }) });
    await expect(reader.read('https://shop.example/', { signal: cancel.signal })).rejects.toBe(reason);
    await vi.waitFor(() => expect(server.open.size).toBe(0));
  });

  test('while waiting for an answer closes the connection', async () => {
    const cancel = new AbortController();
    const server = await serve(() => cancel.abort(reason));
    await expect(readFrom(server, {}, cancel.signal)).rejects.toBe(reason);
    await vi.waitFor(() => expect(server.open.size).toBe(0));
  });

  test.each(['identity', 'gzip'])('in the middle of the body (%s) closes the connection', async (encoding) => {
    const cancel = new AbortController();
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': encoding });
      response.write(encoding === 'gzip' ? gzipSync('x'.repeat(5000)).subarray(0, 12) : 'half', () => cancel.abort(reason));
    });
    await expect(readFrom(server, {}, cancel.signal)).rejects.toBe(reason);
    await vi.waitFor(() => expect(server.open.size).toBe(0));
  });

  test('while the HTML is read ends the reading', async () => {
    const cancel = new AbortController();
    const reading = readHtmlText('<a>'.repeat(300_000), { maxCharacters: 100, timeoutMs: 60_000, signal: cancel.signal });
    cancel.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });
});

test.each([[['::1', '127.0.0.1']], [['127.0.0.1', '::1']]])(
  'the real dialer tries %j in turn and reports the peer it reached',
  async (addresses) => {
    const server = await serve((_request, response) => response.end());
    const { socket, remoteAddress } = await dialTcp({ addresses, port: server.port, signal: new AbortController().signal });
    socket.destroy();
    expect(remoteAddress).toBe('127.0.0.1');
  },
);
