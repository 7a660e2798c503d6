// The public port: only what is signed may come in there. And a start that fails on a port has said no word to anybody.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SLACK_EVENTS, SLACK_SCOPES } from '../../src/adapters/slack/manifest.ts';
import { endBots, startBot } from '../support/bot-process.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';
import { type Story, startStory } from '../support/story.ts';

let slack: SlackDouble;
let story: Story;

const envOf = (double: SlackDouble): Record<string, string> => ({
  SLACK_BOT_TOKEN: double.botToken,
  SLACK_SIGNING_SECRET: double.signingSecret,
  SLACK_API_URL: double.apiUrl,
  JUG_VIEWERS: 'slack:T1/UVIEW',
});

beforeAll(async () => {
  slack = await startSlackDouble({ scopes: Object.keys(SLACK_SCOPES), subscriptions: SLACK_EVENTS });
  story = await startStory({ env: { ...envOf(slack), JUG_PUBLIC_PORT: '0' } });
  slack.deliverTo(`http://127.0.0.1:${story.app.publicPort}/slack/events`);
});

afterAll(async () => {
  await story.stop();
  await slack.stop();
});

const publicPort = (): number | null => story.app.publicPort;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Asked {
  status: number;
  body: string;
}

/** As a tunnel brings it: with the Host of its own address. */
function ask(port: number | null, path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}) {
  return new Promise<Asked>((resolve, reject) => {
    const { method = 'GET', headers = {}, body = '' } = options;
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { host: 'bot.tunnel.example', ...headers } }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test('behind the public port there is liveness and what is signed, whatever the Host; the main port answers 421 to it', async () => {
  const { port, publicPort, consoleUrl } = story.app;
  expect(publicPort).not.toBe(port);
  const token = new URL(consoleUrl).searchParams.get('token') ?? '';
  const headers = { authorization: `Bearer ${token}`, cookie: `session=${token}` };
  expect(await ask(publicPort, '/healthz')).toMatchObject({ status: 200 });
  expect(await ask(publicPort, '/slack/events', { method: 'POST', body: '{}' })).toMatchObject({ status: 401 });
  expect(await ask(publicPort, '/webhooks/stripe', { method: 'POST', body: '{}' })).toMatchObject({ status: 400 });
  const closed = [
    '/',
    `/?token=${token}`,
    '/readyz',
    '/metrics',
    '/api/commands',
    '/api/instance',
    '/api/messages',
    '/assets/console.css',
    '/o',
  ];
  for (const path of closed) {
    const answer = await ask(publicPort, path, { headers });
    expect(answer.status, path).toBe(404);
    expect(answer.body, path).not.toContain(token);
  }
  expect(await ask(publicPort, '/api/commands/status', { method: 'POST', headers, body: '{"input":{}}' })).toMatchObject({ status: 404 });
  for (const path of ['/healthz', '/', '/slack/events']) expect((await ask(port, path, { headers })).status, path).toBe(421);
});

test('Slack is heard through the public port', async () => {
  await vi.waitFor(async () => expect((await slack.slash({ channel: 'C1', user: 'UVIEW', text: 'status' })).outcome).toBe('ack'), 10_000);
  await vi.waitFor(() => expect(slack.posted('C1').some(({ ephemeralTo }) => ephemeralTo === 'UVIEW')).toBe(true), 10_000);
});

test('the pages of offers and downloads have their style sheet on the public port', async () => {
  const page = await ask(publicPort(), '/o/nothing-here');
  expect([page.status, /href="([^"]+\.css)"/.exec(page.body)?.[1]]).toEqual([404, '/o/page.css']);
  const style = await ask(publicPort(), '/o/page.css');
  expect([style.status, /--|color|font/.test(style.body)]).toEqual([200, true]);
});

test('the process that has the ports is killed: another on the same data takes both, and Slack is heard again', {
  timeout: 90_000,
}, async () => {
  const double = await startSlackDouble({ scopes: Object.keys(SLACK_SCOPES), subscriptions: SLACK_EVENTS });
  const database = await createTestDatabase();
  const [port, open] = [await freePort(), await freePort()];
  const env = { ...envOf(double), PORT: String(port), JUG_PUBLIC_PORT: String(open), PRACTICE_DAY_SECONDS: '0' };
  try {
    const first = await startBot({ database, env });
    const second = await startBot({ database, env });
    expect([first.port, second.port === port]).toEqual([port, false]);
    double.deliverTo(`http://127.0.0.1:${open}/slack/events`);
    const hear = () => double.slash({ channel: 'C1', user: 'UVIEW', text: 'status' });
    await vi.waitFor(async () => expect((await hear()).outcome).toBe('ack'), 10_000);
    await first.kill();
    expect((await hear()).outcome).not.toBe('ack');
    await vi.waitFor(async () => expect((await hear()).outcome).toBe('ack'), { timeout: 20_000, interval: 100 });
    // The console too, under the same link; what this process had before stays.
    for (const at of [port, second.port])
      await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${at}/healthz`)).status).toBe(200), {
        timeout: 20_000,
        interval: 100,
      });
    const { token } = second;
    const opened = await fetch(`http://127.0.0.1:${port}/?token=${token}`, { redirect: 'manual' });
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/']);
    const status = await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { authorization: `Bearer ${token}` } });
    expect(await status.json()).toMatchObject({ slack: 'ok' });
    second.send('SIGTERM');
    expect(await second.exited).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  } finally {
    await endBots();
    await double.stop();
    await database.drop();
  }
});

test('a second process on the same data leaves the public port to the first', async () => {
  const other = await startStory({ env: { ...envOf(slack), JUG_PUBLIC_PORT: String(story.app.publicPort) }, share: story.database });
  expect(other.app.publicPort).toBeNull();
  await other.stop();
  expect(await ask(story.app.publicPort, '/healthz')).toMatchObject({ status: 200 });
});

test('a stranger on either port ends the start in one clear line, and nobody outside has heard of it', async () => {
  const double = await startSlackDouble({ scopes: Object.keys(SLACK_SCOPES), subscriptions: SLACK_EVENTS });
  const stranger = createServer((_, response) => response.end('mine'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  const port = String((stranger.address() as AddressInfo).port);
  await expect(startStory({ env: { ...envOf(double), PORT: port }, share: story.database })).rejects.toThrow(
    /^Port \d+ on 127\.0\.0\.1 is held by another program/,
  );
  await expect(startStory({ env: { ...envOf(double), JUG_PUBLIC_PORT: port } })).rejects.toThrow(/JUG_PUBLIC_PORT/);
  expect(double.journal).toEqual([]);
  stranger.close();
  await double.stop();
});
