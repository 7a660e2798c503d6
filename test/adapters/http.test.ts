// The HTTP contract on a real server and database: who may, what it answers, how much it takes, and the stream.
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MenuEntry } from '../../src/adapters/http/menu.ts';
import { inTransaction } from '../../src/db/database.ts';
import { addToken, revokeTokens, setMember } from '../../src/domain/people/people-store.ts';
import { post } from '../support/console-rows.ts';
import { GOOD, type HttpBench, LOCAL_TOKEN, SIGNED, startHttpBench } from '../support/http-bench.ts';

let bench: HttpBench;
beforeAll(async () => {
  bench = await startHttpBench();
});
afterAll(() => bench.stop());
afterEach(() => {
  bench.heard.length = 0;
  bench.answer(GOOD);
});

const bearer = (token = LOCAL_TOKEN) => ({ authorization: `Bearer ${token}` });
const command = (name: string, body: unknown, headers: Record<string, string> = bearer()) =>
  fetch(`${bench.url}/api/commands/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** fetch() does not let a test choose the Host header. */
function getWithHost(host: string, path = '/healthz'): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: bench.http.port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('service routes', () => {
  it('are alive, tell readiness with 503 only when down, and give metrics', async () => {
    expect(await (await fetch(`${bench.url}/healthz`)).json()).toEqual({ status: 'ok' });
    const ready = await fetch(`${bench.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: 'ok', mode: 'practice', db: 'ok', stripe: 'off' });
    bench.health.current = { ...bench.health.current, status: 'down', db: 'down' };
    expect((await fetch(`${bench.url}/readyz`)).status).toBe(503);
    bench.health.current = { ...bench.health.current, status: 'degraded', db: 'ok' };
    expect((await fetch(`${bench.url}/readyz`)).status).toBe(200);
    const metrics = await fetch(`${bench.url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toBe('jug_tasks_total 3\n');
  });

  it('hand a webhook over byte by byte and refuse a large one unread', async () => {
    const body = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
    const sent = (signature: string, content: Buffer) =>
      fetch(`${bench.url}/webhooks/stripe`, { method: 'POST', headers: { 'stripe-signature': signature }, body: content });
    expect((await sent(SIGNED, body)).status).toBe(200);
    expect(bench.payments.at(-1)?.body.equals(body)).toBe(true);
    expect((await sent(SIGNED.replace('a', 'b'), body)).status).toBe(400);
    const before = bench.payments.length;
    // What is no signature at all is refused before it is handed on.
    expect((await sent('forged', body)).status).toBe(400);
    expect((await sent(SIGNED, Buffer.alloc(64 * 1024 + 1, 32))).status).toBe(413);
    expect(bench.payments.length).toBe(before);
  });

  it('answer 421 to a Host that is not ours, whatever the path', async () => {
    const { port } = bench.http;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) expect(await getWithHost(host)).toBe(200);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1:1', 'localhost']) {
      for (const path of ['/healthz', '/', '/api/commands', '/metrics']) expect(await getWithHost(host, path)).toBe(421);
    }
  });
});

describe('commands', () => {
  it('run with the caller the token stands for, and answer the card', async () => {
    const response = await command('goal', { input: { text: 'Earn $5', budget: 50 }, goalId: 3 });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ok: true, card: GOOD.card });
    expect(bench.heard).toMatchObject([
      { name: 'goal', input: { text: 'Earn $5', budget: 50 }, caller: { platformId: 'console:owner', surface: 'api', goalId: 3 } },
    ]);
    expect(bench.heard[0]?.caller.roles).toEqual(new Set(['viewer', 'operator', 'owner', 'approver']));
  });

  it.each([
    ['invalid_input', 400],
    ['not_allowed', 403],
    ['not_found', 404],
    ['conflict', 409],
    ['limit_exceeded', 429],
    ['upstream', 502],
    ['broken', 500],
  ] as const)('answer %s with %i, an error in JSON and the card', async (code, status) => {
    const card = { title: 'No', tone: 'bad' as const, text: 'Because.' };
    bench.answer({ ok: false, code, card, ...(code === 'invalid_input' ? { fields: { id: 'is missing' } } : {}) });
    const response = await command('approve', { input: {} });
    expect(response.status).toBe(status);
    const body = (await response.json()) as { error: { ref: string; fields?: unknown } };
    expect(body).toMatchObject({ ok: false, error: { code, message: 'Because.', ref: expect.stringMatching(/^[0-9a-f]{8}$/) }, card });
    expect(body.error.fields).toEqual(code === 'invalid_input' ? { id: 'is missing' } : undefined);
    expect(bench.log.some((line) => line.includes(body.error.ref))).toBe(true);
  });

  it('refuse a missing, wrong, revoked or malformed token before anything else happens', async () => {
    await addToken(bench.db, { platformId: 'console:eve', token: 'eves-token', createdBy: 'test' });
    await setMember(bench.db, { platformId: 'console:eve', role: 'viewer', addedBy: 'test' });
    expect((await command('status', {}, bearer('eves-token'))).status).toBe(200);
    expect(bench.heard[0]?.caller).toMatchObject({ platformId: 'console:eve', roles: new Set(['viewer']) });
    bench.heard.length = 0;
    await revokeTokens(bench.db, 'console:eve', new Date());
    for (const headers of [
      {},
      bearer('wrong'),
      bearer('eves-token'),
      { authorization: LOCAL_TOKEN },
      { authorization: `Basic ${LOCAL_TOKEN}` },
      bearer('x'.repeat(5000)),
    ]) {
      const response = await command('status', {}, headers as Record<string, string>);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } });
    }
    expect(bench.heard).toEqual([]);
  });

  it('read roles anew at every request', async () => {
    await addToken(bench.db, { platformId: 'console:ada', token: 'adas-token', createdBy: 'test' });
    const list = () => fetch(`${bench.url}/api/messages`, { headers: bearer('adas-token') });
    expect((await list()).status).toBe(403);
    await setMember(bench.db, { platformId: 'console:ada', role: 'viewer', addedBy: 'test' });
    expect((await list()).status).toBe(200);
    await setMember(bench.db, { platformId: 'console:ada', role: null, addedBy: 'test' });
    expect((await list()).status).toBe(403);
  });

  it('refuse what is no JSON object, and an input that is none', async () => {
    for (const body of ['{', '[]', '"x"', 'null', { input: [] }, { input: 'x' }]) expect((await command('status', body)).status).toBe(400);
    expect(bench.heard).toEqual([]);
  });

  it('take text and give it to the one who hears', async () => {
    const response = await fetch(`${bench.url}/api/text`, {
      method: 'POST',
      headers: { ...bearer(), 'x-jug-surface': 'terminal' },
      body: JSON.stringify({ text: 'Earn \u202E $5 @everyone', goalId: 7 }),
    });
    expect(response.status).toBe(200);
    expect(bench.heard).toMatchObject([
      { name: null, input: { text: 'Earn \u202E $5 @everyone' }, caller: { surface: 'terminal', goalId: 7 } },
    ]);
    expect((await fetch(`${bench.url}/api/text`, { method: 'POST', headers: bearer(), body: '{"text":" "}' })).status).toBe(400);
  });

  it('describe themselves with fields and schema, also where a date is one', async () => {
    const { commands } = (await (await fetch(`${bench.url}/api/commands`, { headers: bearer() })).json()) as { commands: MenuEntry[] };
    expect(commands.map(({ name }) => name)).toEqual(['goal', 'approve', 'deny', 'status']);
    expect(commands[0]?.fields.map(({ name, required }) => [name, required])).toEqual([
      ['text', false],
      ['budget', false],
      ['deadline', false],
    ]);
    expect(commands[2]).toMatchObject({
      role: 'approver',
      positional: 'id',
      fields: [
        { name: 'id', required: true },
        { name: 'reason', words: true, description: 'why not; the agent reads it' },
      ],
    });
  });

  it('are JSON where a route does not exist', async () => {
    const response = await fetch(`${bench.url}/api/nothing`, { headers: bearer() });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('size and time', () => {
  it('a body over the limit gets 413 at once, announced or streamed, and nobody hears it', async () => {
    const text = JSON.stringify({ input: { text: 'a'.repeat(10 * 1024 * 1024) } });
    const before = process.memoryUsage().rss;
    const announced = await command('goal', text);
    expect(announced.status).toBe(413);
    expect(await announced.json()).toMatchObject({ error: { code: 'too_large', message: expect.stringContaining('256 KB') } });
    const chunks = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(97)),
    });
    const streamed = await fetch(`${bench.url}/api/commands/goal`, {
      method: 'POST',
      headers: bearer(),
      body: chunks,
      duplex: 'half',
    } as RequestInit).catch(() => null);
    // An endless sender may see its connection cut before it reads the answer; what counts is that it ended.
    expect(streamed === null || streamed.status === 413).toBe(true);
    expect(bench.heard).toEqual([]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  it('a stranger gets 401 before any of its body is read', async () => {
    const response = await new Promise<string>((resolve, reject) => {
      const socket = connect(bench.http.port, '127.0.0.1');
      let answer = '';
      socket.on('data', (data) => {
        answer += data.toString();
        if (answer.includes('\r\n\r\n')) {
          socket.destroy();
          resolve(answer);
        }
      });
      socket.on('error', reject);
      socket.write(`POST /api/commands/goal HTTP/1.1\r\nHost: 127.0.0.1:${bench.http.port}\r\nContent-Length: 200000\r\n\r\n{`);
    });
    expect(response).toMatch(/^HTTP\/1\.1 401/);
  });

  it('half-open connections do not keep others waiting', async () => {
    const sockets = await Promise.all(
      Array.from(
        { length: 200 },
        () =>
          new Promise<ReturnType<typeof connect>>((resolve) => {
            const socket = connect(bench.http.port, '127.0.0.1', () => {
              socket.write('POST /api/text HTTP/1.1\r\nHo');
              resolve(socket);
            });
            socket.on('error', () => {});
          }),
      ),
    );
    const begun = performance.now();
    expect((await command('status', {})).status).toBe(200);
    expect(performance.now() - begun).toBeLessThan(1_000);
    for (const socket of sockets) socket.destroy();
  });
});

interface Event {
  id: string | null;
  data: { id: number; version: number; change: number; channel: string; thread: number | null; card: { title: string } };
}

/** Reads the stream into a list; `stop` ends the connection. */
async function openStream(query = '', headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(`${bench.url}/api/stream${query}`, { headers: { ...bearer(), ...headers }, signal: abort.signal });
  const events: Event[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const reading = (async () => {
    let rest = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        begin();
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) events.push({ id: /^id: (.*)$/m.exec(block)?.[1] ?? null, data: JSON.parse(data) });
      }
    }
  })().catch(() => undefined);
  await Promise.race([begun, reading]);
  const titles = () => events.map(({ data }) => data.card.title);
  return {
    response,
    events,
    titles,
    reading,
    stop: async () => {
      abort.abort();
      await reading;
    },
  };
}

const say = async (title: string, options: Parameters<typeof post>[2] = {}) => {
  await post(bench.db, { title, tone: 'info' }, options);
  bench.notify();
};

describe('messages and the stream', () => {
  it('list what was posted, oldest first, by channel and after an id, with the newest card of an edited one', async () => {
    await say('first', { channel: 'revenue', key: 'k1' });
    await say('second', { channel: 'goals' });
    await say('first, edited', { channel: 'revenue', key: 'k1' });
    const list = async (query: string) =>
      (await (await fetch(`${bench.url}/api/messages${query}`, { headers: bearer() })).json()) as {
        id: number;
        card: { title: string };
        version: number;
      }[];
    const all = await list('');
    expect(all.map(({ card }) => card.title)).toEqual(['first, edited', 'second']);
    expect(all[0]).toMatchObject({ channel: 'revenue', thread: null, version: 2, at: expect.any(String) });
    expect((await list('?channel=goals')).map(({ card }) => card.title)).toEqual(['second']);
    expect((await list(`?after=${all[0]?.id}`)).map(({ card }) => card.title)).toEqual(['second']);
    expect((await fetch(`${bench.url}/api/messages?channel=nope`, { headers: bearer() })).status).toBe(400);
    expect((await fetch(`${bench.url}/api/messages?after=-1`, { headers: bearer() })).status).toBe(400);
    expect((await fetch(`${bench.url}/api/messages`)).status).toBe(401);
  });

  it('the stream brings new cards and edits with the change number as id, and filters', async () => {
    const all = await openStream();
    const goals = await openStream('?channel=goals');
    expect(all.response.headers.get('content-type')).toContain('text/event-stream');
    expect(bench.listeners()).toBe(1);
    await say('alpha', { channel: 'goals', key: 'live' });
    await say('beta', { channel: 'approvals' });
    await vi.waitFor(() => expect(all.titles()).toEqual(['alpha', 'beta']));
    await say('alpha, edited', { channel: 'goals', key: 'live' });
    await vi.waitFor(() => expect(all.titles()).toEqual(['alpha', 'beta', 'alpha, edited']));
    expect(all.events.map(({ id }) => Number(id))).toEqual(all.events.map(({ data }) => data.change));
    expect(all.events[2]?.data).toMatchObject({ id: all.events[0]?.data.id, version: 2 });
    await vi.waitFor(() => expect(goals.titles()).toEqual(['alpha', 'alpha, edited']));
    await all.stop();
    await goals.stop();
    await vi.waitFor(() => expect(bench.listeners()).toBe(0));
  });

  it('a reconnect with Last-Event-ID gets exactly what changed since, an edited card once in its newest form', async () => {
    const first = await openStream();
    await say('one', { key: 'one' });
    await say('two');
    await vi.waitFor(() => expect(first.titles()).toEqual(['one', 'two']));
    await first.stop();
    const lastId = first.events.at(-1)?.id ?? '';
    await say('one, edited', { key: 'one' });
    await say('one, edited twice', { key: 'one' });
    await say('three');
    const second = await openStream('', { 'last-event-id': lastId });
    await vi.waitFor(() => expect(second.titles()).toEqual(['one, edited twice', 'three']));
    await say('four');
    await vi.waitFor(() => expect(second.titles()).toEqual(['one, edited twice', 'three', 'four']));
    await second.stop();
    const third = await openStream('', { 'last-event-id': second.events.at(-1)?.id ?? '' });
    await say('five');
    await vi.waitFor(() => expect(third.titles()).toEqual(['five']));
    await third.stop();
    expect((await fetch(`${bench.url}/api/stream`, { headers: { ...bearer(), 'last-event-id': 'x' } })).status).toBe(400);
  });

  it('a card whose transaction commits after a later one is not lost, neither live nor on resume', async () => {
    const live = await openStream();
    const holdOpen = async (title: string) => {
      const inserted = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const done = inTransaction(bench.db, async (trx) => {
        await trx
          .insertInto('message')
          .values({ channel: 'goals', goal_id: null, key: null, card: JSON.stringify({ title, tone: 'info' }) })
          .execute();
        inserted.resolve();
        await release.promise;
      });
      await inserted.promise;
      return async () => {
        release.resolve();
        await done;
        bench.notify();
      };
    };
    const commitLate = await holdOpen('late');
    await say('early');
    await vi.waitFor(() => expect(live.titles()).toEqual(['early']));
    await commitLate();
    await vi.waitFor(() => expect(live.titles()).toEqual(['early', 'late']));
    // It has a lower number than what the client holds: no id, so that the resume point never goes back.
    expect(live.events[1]?.id).toBeNull();
    const commitLater = await holdOpen('late while away');
    await say('before leaving');
    await vi.waitFor(() => expect(live.titles()).toHaveLength(3));
    await live.stop();
    await commitLater();
    const back = await openStream('', { 'last-event-id': live.events[2]?.id ?? '' });
    await vi.waitFor(() => expect(back.titles()).toEqual(['late while away']));
    await back.stop();
  });

  it('stopping the server ends open streams and frees the port', async () => {
    const other = await startHttpBench();
    const response = await fetch(`${other.url}/api/stream`, { headers: bearer() });
    const ended = response.text().catch(() => 'cut');
    const begun = performance.now();
    await other.http.stop();
    await ended;
    expect(performance.now() - begun).toBeLessThan(2_000);
    await other.stop();
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
  });
});
