// Slack over HTTP: only requests that Slack signed now are heard, each once, within three seconds. The real Bolt behind the real server.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { HttpDoor } from '../../src/adapters/slack/http-door.ts';
import { SLACK_EVENTS, SLACK_SCOPES } from '../../src/adapters/slack/manifest.ts';
import { verifySignature } from '../../src/adapters/slack/signature.ts';
import { Secret } from '../../src/core/secret.ts';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';
import { type Story, startStory } from '../support/story.ts';

let slack: SlackDouble;
let story: Story;
let url: string;

beforeAll(async () => {
  slack = await startSlackDouble({ scopes: Object.keys(SLACK_SCOPES), subscriptions: SLACK_EVENTS });
  story = await startStory({
    env: {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_SIGNING_SECRET: slack.signingSecret,
      SLACK_API_URL: slack.apiUrl,
      SLACK_CHANNEL_GOALS: 'C1',
      JUG_APPROVERS: 'slack:T1/UAPP',
    },
  });
  url = `http://127.0.0.1:${story.app.port}/slack/events`;
  slack.deliverTo(url);
  await vi.waitFor(
    async () => expect(await (await fetch(url.replace('/slack/events', '/readyz'))).json()).toMatchObject({ slack: 'ok' }),
    10_000,
  );
});

afterAll(async () => {
  await story.stop();
  await slack.stop();
});

const goals = async (): Promise<number> => (await story.rows('select id from goal')).length;

function sign(body: string, options: { secret?: string; at?: number } = {}) {
  const timestamp = String(options.at ?? Math.floor(Date.now() / 1000));
  const signature = `v0=${createHmac('sha256', options.secret ?? slack.signingSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex')}`;
  return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };
}

const slashBody = (text: string, trigger: string): string =>
  new URLSearchParams({
    ...{ command: '/jug', text, user_id: 'UAPP', team_id: 'T1', channel_id: 'C1', trigger_id: trigger },
    ...{ api_app_id: 'A', token: 't', response_url: `${slack.apiUrl.replace('/api/', '')}/reply/none` },
  }).toString();

const FORM = 'application/x-www-form-urlencoded';
const send = (body: string, headers: Record<string, string>, type = FORM): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': type, ...headers }, body });

test('a mention, a command and a click are acknowledged in time and answered', async () => {
  const said = await slack.mention({ channel: 'C1', user: 'UAPP', text: 'do something odd' });
  expect(said).toMatchObject({ outcome: 'ack', attempts: 1 });
  const draft = await vi.waitFor(
    () => slack.posted('C1', said.ts).find((message) => message.text.includes('Draft goal')) ?? expect.fail('no draft'),
  );
  expect((await slack.click({ user: 'UAPP', on: draft, button: 'Just a question' })).outcome).toBe('ack');
  await vi.waitFor(() => expect(slack.find('C1', draft.ts)?.text).toContain('Asked'));
  await vi.waitFor(
    () => expect(slack.posted('C1', said.ts).map(({ text }) => text)).toContainEqual(expect.stringContaining('no language model')),
    10_000,
  );
  const asked = await slack.slash({ channel: 'C1', user: 'UAPP', text: 'help' });
  expect(asked.outcome).toBe('ack');
  expect(asked.ms).toBeLessThan(3_000);
  expect(slack.faults).toEqual([]);
});

test('Slack may verify the address, but only signed', async () => {
  expect((await slack.verifyUrl('challenge-1')).body).toEqual({ challenge: 'challenge-1' });
  const body = JSON.stringify({ type: 'url_verification', challenge: 'x' });
  expect((await send(body, {}, 'application/json')).status).toBe(401);
});

test.each([
  ['forged', { forge: true }],
  ['unsigned', { unsigned: true }],
  ['six minutes old', { timestampOffset: -360 }],
  ['six minutes from the future', { timestampOffset: 360 }],
  ['with another body', { rawBody: 'text=goal+x' }],
])('a request that is %s reaches no listener', async (_, wire) => {
  const before = await goals();
  const shown = await slack.slash({ channel: 'C1', user: 'UAPP', text: 'goal something forbidden' }, wire);
  expect(shown).toMatchObject({ outcome: 'refused', status: 401 });
  expect(await goals()).toBe(before);
});

test('a request sent again as it was is not heard again', async () => {
  const body = slashBody('goal one of a kind', 'trigger-1');
  const headers = sign(body);
  expect((await send(body, headers)).status).toBe(200);
  await vi.waitFor(async () => expect(await story.rows("select 1 from goal where request like '%one of a kind%'")).toHaveLength(1));
  const replays = await Promise.all(Array.from({ length: 20 }, () => send(body, headers)));
  expect(new Set(replays.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await story.rows("select 1 from goal where request like '%one of a kind%'")).toHaveLength(1);
});

test('a request sent again after a restart is not heard again either', async () => {
  const body = slashBody('goal two of a kind', 'trigger-restart');
  const headers = sign(body);
  expect((await send(body, headers)).status).toBe(200);
  const heard = () => story.rows("select 1 from goal where request like '%two of a kind%'");
  await vi.waitFor(async () => expect(await heard()).toHaveLength(1));
  await story.restart();
  url = `http://127.0.0.1:${story.app.port}/slack/events`;
  slack.deliverTo(url);
  await vi.waitFor(
    async () => expect(await (await fetch(url.replace('/slack/events', '/readyz'))).json()).toMatchObject({ slack: 'ok' }),
    10_000,
  );
  expect((await send(body, headers)).status).toBe(200);
  const after = await slack.slash({ channel: 'C1', user: 'UAPP', text: 'goal three of a kind' });
  expect(after.outcome).toBe('ack');
  await vi.waitFor(async () => expect(await story.rows("select 1 from goal where request like '%three of a kind%'")).toHaveLength(1));
  expect(await heard()).toHaveLength(1);
});

test("Slack's certificate check is answered and carries nothing in, whatever stands beside it", async () => {
  const before = await goals();
  const hidden = `ssl_check=1&payload=${encodeURIComponent(JSON.stringify({ type: 'block_actions' }))}&${slashBody('goal hidden', 'trigger-2')}`;
  expect((await send(hidden, {})).status).toBe(200);
  expect((await send(hidden, sign(hidden))).status).toBe(200);
  expect((await send('ssl_check=1&token=x', {})).status).toBe(200);
  expect(await goals()).toBe(before);
});

test('what is no request of Slack is refused, and what nobody listens to is taken without harm', async () => {
  expect((await send('{', sign('{'), 'application/json')).status).toBe(400);
  expect((await send('payload=%7B', sign('payload=%7B'))).status).toBe(400);
  expect((await send('hello', sign('hello'), 'text/plain')).status).toBe(400);
  const odd = JSON.stringify({ type: 'something_else' });
  expect((await send(odd, sign(odd), 'application/json')).status).toBe(200);
});

test('an empty secret signs nothing', () => {
  expect(() => new HttpDoor(story.app.deps, new Secret(' , '))).toThrow(/SLACK_SIGNING_SECRET/);
  const rawBody = Buffer.from('x');
  const timestamp = '1700000000';
  const signature = `v0=${createHmac('sha256', 'k').update(`v0:${timestamp}:x`).digest('hex')}`;
  const at = (seconds: number) => new Date((1_700_000_000 + seconds) * 1000);
  expect(verifySignature('k', { rawBody, timestamp, signature }, at(299))).toBe(signature);
  expect(verifySignature('k', { rawBody, timestamp, signature }, at(-299))).toBe(signature);
  for (const moment of [at(301), at(-301)]) expect(verifySignature('k', { rawBody, timestamp, signature }, moment)).toBeNull();
  for (const other of [signature.toUpperCase(), `${signature} `, signature.slice(0, -1), 'v0=', ''])
    expect(verifySignature('k', { rawBody, timestamp, signature: other }, at(0))).toBeNull();
  expect(verifySignature('', { rawBody, timestamp, signature }, at(0))).toBeNull();
});
