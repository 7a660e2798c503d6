// What we keep to on strangers' servers: robots.txt over the same guarded way, once a day, and one page a second from a host.
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHostPace, type HostPace } from '../../src/adapters/http/host-pace.ts';
import { createCourtesy } from '../../src/adapters/http/web-courtesy.ts';
import { createWebReader } from '../../src/adapters/http/web-reader.ts';
import { dialAs, type FarServer, resolveAs, startFarServer } from '../support/far-server.ts';

const SHOP = '93.184.215.14';
const OTHER = '151.101.1.69';
const NAMES = { 'shop.example': [SHOP], 'other.example': [OTHER], 'inside.example': ['127.0.0.1'] };
const DAY_MS = 24 * 60 * 60 * 1000;
const { signal } = new AbortController();
const freePace: HostPace = { takeTurn: async () => undefined };

let far: FarServer;
let canary: FarServer;
/** What stands at /robots.txt; everything else is a page. */
let robots: (response: ServerResponse) => void;
let now = 0;

beforeAll(async () => {
  canary = await startFarServer((_request, response) => response.end('secret'));
  far = await startFarServer((request, response) => {
    if (request.url === '/robots.txt') return robots(response);
    if (request.url === '/moved') return response.writeHead(302, { location: 'http://other.example/there' }).end();
    return response.writeHead(200, { 'content-type': 'text/plain' }).end(`page ${request.url}`);
  });
});
beforeEach(() => {
  far.requests = [];
  now = Date.UTC(2026, 0, 1);
});
afterAll(async () => {
  await far[Symbol.asyncDispose]();
  await canary[Symbol.asyncDispose]();
});

function startReader(pace = freePace) {
  const way = { dial: dialAs({ [SHOP]: far, [OTHER]: far }, canary), resolve: resolveAs(NAMES) };
  const reader = createWebReader({ ...way, courtesy: createCourtesy({ ...way, pace, clock: { now: () => new Date(now) } }) });
  return (path: string, stop = signal) => reader.read(path.startsWith('/') ? `http://shop.example${path}` : path, { signal: stop });
}

const say = (status: number, text = '', headers: Record<string, string> = {}) => {
  robots = (response) => response.writeHead(status, headers).end(text);
};
const asked = () => far.requests.map(({ headers, url }) => `${headers.host}${url}`);
const refused = (reply: RegExp, retryable = false) => ({ code: 'upstream', retryable, reply: expect.stringMatching(reply) });

describe('robots.txt', () => {
  test('is asked for once a day and host, and keeps us from what it forbids, behind a redirect too', async () => {
    say(200, 'User-agent: *\nDisallow: /\n\nUser-agent: Juggernaut\nDisallow: /private\nDisallow: /there');
    const read = startReader();
    expect((await read('/page')).text).toBe('page /page');
    const no = refused(/^shop\.example asks robots not to read this page \(robots\.txt\)\.$/);
    await expect(read('/private/x')).rejects.toMatchObject(no);
    await expect(read('/moved')).rejects.toMatchObject(refused(/^other\.example asks robots not to read/));
    expect(asked()).toEqual(['shop.example/robots.txt', 'shop.example/page', 'shop.example/moved', 'other.example/robots.txt']);
    expect(far.requests[0]?.headers['user-agent']).toMatch(/^Juggernaut\//);
    expect(Object.keys(far.requests[0]?.headers ?? {}).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
    say(200, 'User-agent: *\nDisallow:');
    now += DAY_MS - 1;
    await expect(read('/private/x')).rejects.toMatchObject(no);
    now += 1;
    expect((await read('/private/x')).text).toBe('page /private/x');
  });

  test.each([404, 401, 403, 410, 429])('that answers with status %i forbids nothing', async (status) => {
    say(status, 'User-agent: *\nDisallow: /');
    expect((await startReader()('/page')).text).toBe('page /page');
  });

  test('that fails forbids all, says why, and is asked again after a minute', async () => {
    say(503, '', { 'retry-after': '120' });
    const read = startReader();
    const no = refused(/^The rules of shop\.example for robots could not be read, so its pages are left alone\. .*status 503\.$/, true);
    await expect(read('/page')).rejects.toMatchObject({ ...no, retryAfterMs: 120_000 });
    await expect(read('/page')).rejects.toMatchObject(no);
    expect(asked()).toEqual(['shop.example/robots.txt']);
    now += 60_000;
    robots = (response) => response.destroy();
    await expect(read('/page')).rejects.toMatchObject(refused(/left alone\. The connection to shop\.example failed/, true));
    await expect(read('http://unknown.example/')).rejects.toMatchObject(refused(/name unknown\.example could not be found/, true));
    now += 60_000;
    say(404);
    expect((await read('/page')).text).toBe('page /page');
  });

  test('is read up to 500 KiB, by complete lines', async () => {
    const filler = '# filler\n'.repeat(70_000);
    say(200, `User-agent: *\nDisallow: /early\n${filler}Disallow: /`);
    expect((await startReader()('/page')).text).toBe('page /page');
    await expect(startReader()('/early')).rejects.toMatchObject(refused(/asks robots not/));
    say(200, `User-agent: *\n${'#'.repeat(500 * 1024 - 26)}\nDisallow: /public-not`);
    expect((await startReader()('/page')).text).toBe('page /page');
  });

  test('may be elsewhere, five redirects away, but never on a machine that is not public', async () => {
    let left = 5;
    robots = (response) => {
      if (left === 0) response.writeHead(200).end('User-agent: *\nDisallow: /');
      else response.writeHead(301, { location: left-- % 2 ? 'http://other.example/robots.txt' : 'http://shop.example/robots.txt' }).end();
    };
    await expect(startReader()('/page')).rejects.toMatchObject(refused(/asks robots not/));
    say(301, '', { location: '/robots.txt' });
    expect((await startReader()('/page')).text).toBe('page /page');
    for (const location of ['http://127.0.0.1/robots.txt', 'http://inside.example/', 'http://[::1]/', 'file:///etc/passwd']) {
      say(302, '', { location });
      await expect(startReader()('/page')).rejects.toMatchObject(refused(/left alone\. This address was refused: /));
    }
    await expect(startReader()('http://inside.example/')).rejects.toMatchObject(refused(/This address was refused: /));
    await expect(startReader()('http://127.1/')).rejects.toMatchObject(refused(/^This address was refused: /));
    expect(canary).toMatchObject({ connections: 0, requests: [] });
  });

  test('is one request for tasks that come together, goes on when one gives up and ends with the last', async () => {
    const answers: ServerResponse[] = [];
    robots = (response) => void answers.push(response);
    const read = startReader();
    const cancel = [new AbortController(), new AbortController()];
    const [first, second] = [read('/a', cancel[0]?.signal), read('/b')];
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    cancel[0]?.abort(new Error('cancelled'));
    await expect(first).rejects.toThrow('cancelled');
    answers[0]?.writeHead(404).end();
    expect((await second).text).toBe('page /b');
    expect(asked()).toEqual(['shop.example/robots.txt', 'shop.example/b']);
    const alone = read('http://other.example/a', cancel[1]?.signal);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    cancel[1]?.abort(new Error('cancelled too'));
    await expect(alone).rejects.toThrow('cancelled too');
    await vi.waitFor(() => expect(far.open.size).toBe(0));
  });
});

describe('a host', () => {
  /** A clock that waiting moves on. */
  function steppedPace() {
    const time = { ms: 0 };
    const waited: number[] = [];
    const wait = async (length: number, stop: AbortSignal): Promise<void> => {
      stop.throwIfAborted();
      waited.push(length);
      await Promise.resolve();
      stop.throwIfAborted();
    };
    return { pace: createHostPace({ now: () => time.ms, wait }), waited, time };
  }

  test('gives one page a second to all tasks together, other hosts in between', async () => {
    say(404);
    const { pace, waited, time } = steppedPace();
    const read = startReader(pace);
    await Promise.all(['/a', '/b', '/c', 'http://other.example/d'].map((path) => read(path)));
    expect(waited).toEqual([1_000, 2_000]);
    time.ms += 2_500;
    await read('/e');
    time.ms += 10_000;
    await read('/f');
    expect(waited).toEqual([1_000, 2_000, 500]);
  });

  test('is waited for as long as the task lets one wait; a turn given up is the next one’s', async () => {
    const { pace, waited } = steppedPace();
    const cancel = new AbortController();
    await pace.takeTurn('shop.example', signal);
    const waiting = pace.takeTurn('shop.example', cancel.signal);
    cancel.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    await pace.takeTurn('shop.example', signal);
    expect(waited).toEqual([1_000, 1_000]);
    await expect(createHostPace().takeTurn('shop.example', cancel.signal)).rejects.toThrow('cancelled');
  });

  test('is forgotten when too many others were asked since, so that memory is bounded', async () => {
    const { pace, waited } = steppedPace();
    for (let count = 0; count <= 1_000; count += 1) await pace.takeTurn(`h${count}.example`, signal);
    await pace.takeTurn('h0.example', signal);
    await pace.takeTurn('h1000.example', signal);
    expect(waited).toEqual([1_000]);
  });
});
