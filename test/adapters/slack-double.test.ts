// Slack's double against the real Bolt and Web API libraries: what they take for Slack, and what the double refuses as Slack does.
// Retries are switched off in the clients, as in the adapter, so that each refusal is seen at once.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, LogLevel, SocketModeReceiver, webApi } from '@slack/bolt';
import { afterEach, expect, test, vi } from 'vitest';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';
import type { SlackDoubleOptions } from '../support/slack-double-world.ts';

const { WebAPIPlatformError, WebAPIRateLimitedError, WebClient } = webApi;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(options: SlackDoubleOptions = {}): Promise<SlackDouble> {
  // Most tests here have no app connected that an event could be tried again at.
  const slack = await startSlackDouble({ retryDelaysMs: [], ...options });
  ends.push(() => slack.stop());
  return slack;
}

const silent = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => LogLevel.ERROR, setName() {} };

function clientOptions(slack: SlackDouble) {
  return { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logger: silent };
}

function createClient(slack: SlackDouble, token = slack.botToken): webApi.WebClient {
  return new WebClient(token, clientOptions(slack));
}

/** A Bolt app in Socket Mode as Bolt makes it: it connects again five seconds after a line ended. */
async function connect(slack: SlackDouble, listen: (app: App) => void = () => {}): Promise<App> {
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger: silent,
    // Without retries a reconnect that fails once is never tried again, and rejects where nobody can catch it (socket-mode 3.1.0).
    installerOptions: { clientOptions: { ...clientOptions(slack), retryConfig: { retries: 100, minTimeout: 20, maxTimeout: 20 } } },
  });
  const app = new App({ token: slack.botToken, receiver, clientOptions: clientOptions(slack), logger: silent });
  listen(app);
  await app.start();
  ends.push(() => app.stop());
  return app;
}

test('hello, a mention is heard once and answered in its thread', async () => {
  const slack = await start();
  const heard: string[] = [];
  await connect(slack, (app) => {
    app.event('app_mention', async ({ event, say }) => {
      heard.push(event.text);
      await say({ text: 'hello', thread_ts: event.ts });
    });
  });
  expect(slack.sockets()).toBe(1);
  const said = await slack.mention({ channel: 'C1', user: 'U1', text: 'good morning & <b>' });
  expect(said).toMatchObject({ outcome: 'ack', attempts: 1 });
  await vi.waitFor(() => expect(slack.posted('C1', said.ts)).toMatchObject([{ text: 'hello', pings: [], byApp: true }]));
  expect(heard).toEqual(['<@UBOT> good morning &amp; &lt;b&gt;']);
  expect(slack.faults).toEqual([]);
});

const button = (label: string, id: string, more: object = {}) => ({
  type: 'button' as const,
  text: { type: 'plain_text' as const, text: label },
  action_id: id,
  ...more,
});
const actions = (...elements: object[]) => ({ type: 'actions', elements }) as never;
const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });

/** The error Slack answers to a call; null when it took it. */
async function refusal(call: Promise<unknown>): Promise<string | null> {
  return call.then(
    () => null,
    (error: unknown) => (error instanceof WebAPIPlatformError ? String(error.data.error) : `not Slack's own: ${String(error)}`),
  );
}

test('a slash command is acknowledged with words only that person sees, and may be answered later, five times', async () => {
  const slack = await start();
  const codes: number[] = [];
  await connect(slack, (app) => {
    app.command('/jug', async ({ ack, command, respond }) => {
      await ack(`you said ${command.text}`);
      for (let use = 0; use < 6; use += 1)
        await respond(`later ${use}`).catch((error: { response: Response }) => codes.push(error.response?.status ?? 0));
    });
  });
  const asked = await slack.slash({ text: 'goal earn <5> & more', channel: 'C1', user: 'U1' });
  expect(asked).toMatchObject({ outcome: 'ack', body: { text: 'you said goal earn &lt;5&gt; &amp; more' } });
  await vi.waitFor(() => expect(slack.faults).toMatchObject([{ where: 'response_url', error: 'used_url' }]));
  expect(slack.posted('C1').map((each) => each.ephemeralTo)).toEqual(Array.from({ length: 6 }, () => 'U1'));
});

test('who gets no acknowledgement in time sees an error; a late one is a fault', async () => {
  const slack = await start({ ackTimeoutMs: 60 });
  let acknowledge = async (): Promise<void> => {};
  await connect(slack, (app) => {
    app.command('/jug', async ({ ack }) => {
      acknowledge = ack;
    });
  });
  expect(await slack.slash({ text: 'help', channel: 'C1', user: 'U1' })).toMatchObject({ outcome: 'timeout', attempts: 1 });
  await acknowledge();
  await vi.waitFor(() => expect(slack.faults).toMatchObject([{ error: 'late_or_second_ack' }]));
});

test('a click opens a modal, its submission is refused once and taken once, and the card changes', async () => {
  const slack = await start();
  await connect(slack, (app) => {
    app.action('deny', async ({ ack, client, body }) => {
      await ack();
      const element = { type: 'plain_text_input' as const, action_id: 'typed', max_length: 20 };
      const input = { type: 'input' as const, block_id: 'reason', label: { type: 'plain_text' as const, text: 'Reason' }, element };
      const title = { type: 'plain_text' as const, text: 'Deny' };
      const trigger_id = (body as { trigger_id: string }).trigger_id;
      await client.views.open({ trigger_id, view: { type: 'modal', callback_id: 'deny', title, submit: title, blocks: [input] } });
    });
    app.view('deny', async ({ ack, view, client }) => {
      const value = view.state.values['reason']?.['typed']?.value ?? '';
      if (value === 'no') return ack({ response_action: 'errors', errors: { reason: 'Say more.' } });
      await ack();
      await client.chat.update({ channel: 'C1', ts: card.ts, text: `Denied: ${value}` });
    });
  });
  const confirm = { title: { type: 'plain_text', text: 'Sure?' }, text: { type: 'plain_text', text: 'It ends.' } };
  await createClient(slack).chat.postMessage({ channel: 'C1', text: 'Approve?', blocks: [actions(button('Deny', 'deny', { confirm }))] });
  const [card] = slack.posted('C1') as [ReturnType<SlackDouble['posted']>[number]];

  expect(await slack.click({ on: card, button: 'Deny', user: 'U1', dismisses: true })).toMatchObject({ attempts: 0 });
  const clicked = await slack.click({ on: card, button: 'Deny', user: 'U1' });
  expect(clicked).toMatchObject({ outcome: 'ack', confirm: { title: 'Sure?', text: 'It ends.', confirm: 'Yes' } });
  const view = await vi.waitFor(() => slack.modal('U1') ?? expect.fail('no modal yet'));
  await expect(slack.submitView({ view, user: 'U1', values: {} })).rejects.toThrow('Slack asks for "Reason"');
  expect(await slack.submitView({ view, user: 'U1', values: { Reason: 'no' } })).toMatchObject({ errors: { reason: 'Say more.' } });
  expect(slack.modal('U1')).toBe(view);
  expect(await slack.submitView({ view, user: 'U1', values: { reason: 'too risky' } })).toMatchObject({ responseAction: null });
  expect(slack.modal('U1')).toBeUndefined();
  await vi.waitFor(() => expect(slack.find('C1', card.ts)).toMatchObject({ text: 'Denied: too risky', blocks: [], edits: 1 }));
  await expect(slack.click({ on: card, button: 'Deny', user: 'U1' })).rejects.toThrow('There is no button');
  expect(slack.faults).toEqual([]);
});

test('a trigger opens one modal, within three seconds', async () => {
  let now = Date.now();
  const slack = await start({ now: () => now });
  const client = createClient(slack);
  const ask = async () => (await slack.slash({ text: 'x', channel: 'C1', user: 'U1' })).triggerId;
  const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'T' }, blocks: [section('x')] };
  const trigger_id = await ask();
  expect(await refusal(client.views.open({ trigger_id, view }))).toBeNull();
  expect(await refusal(client.views.open({ trigger_id, view }))).toBe('exchanged_trigger_id');
  const late = await ask();
  now += 3001;
  expect(await refusal(client.views.open({ trigger_id: late, view }))).toBe('expired_trigger_id');
  const long = { ...view, title: { type: 'plain_text' as const, text: 'T'.repeat(25) } };
  expect(await refusal(client.views.open({ trigger_id: await ask(), view: long }))).toBe('invalid_arguments');
});

test('tokens, scopes and channels are checked as Slack does', async () => {
  const slack = await start({
    channels: { C1: {}, C2: { isArchived: true }, C3: { isMember: false }, C4: { isMember: false, kind: 'private' } },
  });
  const client = createClient(slack);
  const post = (channel: string) => refusal(client.chat.postMessage({ channel, text: 'x' }));
  expect(await refusal(createClient(slack, 'xoxb-wrong').auth.test())).toBe('invalid_auth');
  expect(await refusal(createClient(slack, '').auth.test())).toBe('not_authed');
  expect(await refusal(createClient(slack, slack.appToken).auth.test())).toBe('not_allowed_token_type');
  expect(await refusal(client.apps.connections.open({}))).toBe('not_allowed_token_type');
  expect([await post('C1'), await post('C2'), await post('C3'), await post('C4'), await post('C5')]).toEqual([
    null,
    'is_archived',
    'not_in_channel',
    'channel_not_found',
    'channel_not_found',
  ]);
  expect((await client.conversations.info({ channel: 'C2' })).channel).toMatchObject({ is_archived: true, is_member: true });
  slack.revoke('chat:write');
  const error = await client.chat.postMessage({ channel: 'C1', text: 'x' }).catch((each: unknown) => each);
  expect(error).toMatchObject({ data: { error: 'missing_scope', needed: 'chat:write', provided: expect.stringContaining('commands') } });
  slack.grant('chat:write');
  expect(await post('C1')).toBeNull();
  await slack.kick('C1');
  expect(await post('C1')).toBe('not_in_channel');
  expect(slack.faults.map((each) => each.error)).toContain('missing_scope');
});

test('messages are edited, deleted, looked up by metadata, and shown to one person only', async () => {
  const slack = await start();
  const client = createClient(slack);
  const metadata = { event_type: 'card', event_payload: { mark: 'm1' } };
  const { ts = '' } = await client.chat.postMessage({ channel: 'C1', text: 'one', metadata, unfurl_links: false, unfurl_media: false });
  await client.chat.postMessage({ channel: 'C1', text: 'answer', thread_ts: ts });
  await client.chat.postEphemeral({ channel: 'C1', user: 'U2', text: 'psst' });
  expect(slack.find('C1', ts)).toMatchObject({ unfurl: { links: false, media: false }, metadata });
  expect(slack.posted('C1').map((each) => [each.text, each.ephemeralTo])).toEqual([
    ['one', null],
    ['answer', null],
    ['psst', 'U2'],
  ]);

  const history = await client.conversations.history({ channel: 'C1', include_all_metadata: true });
  expect(history.messages).toMatchObject([{ ts, text: 'one', metadata, reply_count: 1 }]);
  expect((await client.conversations.history({ channel: 'C1' })).messages?.[0]).not.toHaveProperty('metadata');
  expect((await client.conversations.history({ channel: 'C1', oldest: ts })).messages).toEqual([]);
  expect((await client.conversations.replies({ channel: 'C1', ts })).messages?.map((each) => each.text)).toEqual(['one', 'answer']);

  await client.chat.update({ channel: 'C1', ts, text: 'two' });
  expect(slack.find('C1', ts)).toMatchObject({ text: 'two', edits: 1, metadata });
  await client.chat.delete({ channel: 'C1', ts });
  expect(await refusal(client.chat.update({ channel: 'C1', ts, text: 'three' }))).toBe('message_not_found');
  expect(await refusal(client.chat.postMessage({ channel: 'C1', thread_ts: ts, text: 'x' }))).toBe('thread_not_found');
  const theirs = await slack.reply({ channel: 'C1', user: 'U1', text: 'mine' });
  expect(await refusal(client.chat.update({ channel: 'C1', ts: theirs.ts, text: 'x' }))).toBe('cant_update_message');
  expect(await refusal(client.chat.delete({ channel: 'C1', ts: theirs.ts }))).toBe('cant_delete_message');
});

test('what would notify people, and arguments Slack does not know, are noted', async () => {
  const slack = await start();
  const client = createClient(slack);
  await client.chat.postMessage({ channel: 'C1', text: '<!channel> <@U1> &lt;!here&gt;', blocks: [section('hi <!here>')] });
  const { ts = '' } = await client.chat.postMessage({ channel: 'C1', text: '@channel', link_names: true });
  // Taking it back does not take back the notification.
  await client.chat.update({ channel: 'C1', ts, text: 'quiet' });
  await slack.reply({ channel: 'C1', user: 'U1', text: '<!channel>' });
  expect(slack.messages('C1').map((each) => each.pings)).toEqual([['<!channel>', '<@U1>', '<!here>'], ['@channel'], []]);
  await client.apiCall('chat.postMessage', { channel: 'C1', blocks: [section('x')], colour: 'red' });
  expect(slack.faults).toMatchObject([{ error: 'unknown_argument', detail: 'colour' }, { error: 'missing_text_in_message' }]);
  expect(slack.calls('chat.postMessage').at(-1)).toMatchObject({ token: 'bot', status: 200, args: { colour: 'red', channel: 'C1' } });
});

const chart = (points: number) => ({
  type: 'data_visualization',
  title: 'Money',
  chart: {
    type: 'line',
    series: [{ name: 'USD', data: Array.from({ length: points }, (_, at) => ({ label: `w${at}`, value: at })) }],
    axis_config: { categories: Array.from({ length: points }, (_, at) => `w${at}`) },
  },
});
const rows = (count: number, columns: number) =>
  Array.from({ length: count }, () => Array.from({ length: columns }, () => ({ type: 'raw_text', text: 'x' })));
const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });

test.each<[string, object[], string | null]>([
  ['50 blocks', Array.from({ length: 50 }, () => ({ type: 'divider' })), null],
  ['51 blocks', Array.from({ length: 51 }, () => ({ type: 'divider' })), 'invalid_blocks'],
  ['a section of 3000', [section('x'.repeat(3000))], null],
  ['a section of 3001', [section('x'.repeat(3001))], 'invalid_blocks'],
  ['an empty section', [section('')], 'invalid_blocks'],
  ['a header of 151', [{ type: 'header', text: plain(151) }], 'invalid_blocks'],
  ['11 fields', [{ type: 'section', fields: Array.from({ length: 11 }, () => plain(1)) }], 'invalid_blocks'],
  ['a field of 2001', [{ type: 'section', fields: [plain(2001)] }], 'invalid_blocks'],
  ['11 words of context', [{ type: 'context', elements: Array.from({ length: 11 }, () => plain(1)) }], 'invalid_blocks'],
  ['25 buttons', [actions(...Array.from({ length: 25 }, (_, at) => button('b', `a${at}`)))], null],
  ['26 buttons', [actions(...Array.from({ length: 26 }, (_, at) => button('b', `a${at}`)))], 'invalid_blocks'],
  ['two buttons of one name', [actions(button('b', 'a'), button('c', 'a'))], 'invalid_blocks'],
  ['a button of 76', [actions(button('b'.repeat(76), 'a'))], 'invalid_blocks'],
  ['an action_id of 256', [actions(button('b', 'a'.repeat(256)))], 'invalid_blocks'],
  ['a value of 2001', [actions(button('b', 'a', { value: 'v'.repeat(2001) }))], 'invalid_blocks'],
  ['a confirmation of 301', [actions(button('b', 'a', { confirm: { text: plain(301) } }))], 'invalid_blocks'],
  ['an unknown kind', [{ type: 'chart' }], 'invalid_blocks'],
  ['an unknown field', [{ ...section('x'), colour: 'red' }], 'invalid_blocks'],
  ['an unknown field of a text', [{ type: 'section', text: { type: 'mrkdwn', text: 'x', emoji: true } }], 'invalid_blocks'],
  ['a table of 100 by 20', [{ type: 'table', rows: rows(100, 20) }], null],
  ['101 rows', [{ type: 'table', rows: rows(101, 2) }], 'invalid_blocks'],
  ['21 columns', [{ type: 'table', rows: rows(2, 21) }], 'invalid_blocks'],
  ['20 points', [chart(20)], null],
  ['21 points', [chart(21)], 'invalid_blocks'],
  ['three charts', [chart(2), chart(2), chart(2)], 'invalid_blocks'],
  ['13,200 characters', Array.from({ length: 5 }, () => section('x'.repeat(2640))), null],
  ['13,205 characters', Array.from({ length: 5 }, () => section('x'.repeat(2641))), 'msg_blocks_too_long'],
])('%s', async (_name, blocks, expected) => {
  const slack = await start();
  const call = createClient(slack).chat.postMessage({ channel: 'C1', text: 'x', blocks: blocks as never });
  expect(await refusal(call)).toBe(expected);
  expect(slack.faults).toHaveLength(expected === null ? 0 : 1);
});

test('a rate limit is a 429 with the seconds to wait; scripted ones are no fault', async () => {
  const slack = await start({ limitsChannels: true });
  const client = createClient(slack);
  slack.limitNext('chat.postMessage', 7);
  const scripted = await client.chat.postMessage({ channel: 'C1', text: 'x' }).catch((each: unknown) => each);
  expect(scripted).toBeInstanceOf(WebAPIRateLimitedError);
  expect(scripted).toMatchObject({ retryAfter: 7 });
  expect(slack.faults).toEqual([]);
  await client.chat.postMessage({ channel: 'C1', text: 'x' });
  await expect(client.chat.postMessage({ channel: 'C1', text: 'x' })).rejects.toMatchObject({ retryAfter: 1 });
  expect(slack.faults).toMatchObject([{ error: 'ratelimited' }]);
  expect(slack.posted('C1')).toHaveLength(1);
});

test('a call can fail before its effect, or after it', async () => {
  const slack = await start();
  const client = createClient(slack);
  const post = (text: string) => client.chat.postMessage({ channel: 'C1', text });
  slack.failNext('chat.postMessage', { status: 503 });
  slack.failNext('chat.postMessage', { error: 'fatal_error' });
  slack.failNext('chat.postMessage', { drop: true });
  await expect(post('a')).rejects.toMatchObject({ statusCode: 503 });
  expect(await refusal(post('b'))).toBe('fatal_error');
  await expect(post('c')).rejects.toThrow();
  expect(slack.posted('C1').map((each) => each.text)).toEqual(['c']);
  expect(slack.calls('chat.postMessage').map((each) => each.status)).toEqual([503, 200, 0]);
});

async function seeRefresh(): Promise<void> {
  const slack = await start({ retryDelaysMs: [20, 100, 6_000, 2_000] });
  const heard: { num: unknown; text: string }[] = [];
  await connect(slack, (app) => {
    app.event('app_mention', async ({ event, context }) => void heard.push({ num: context.retryNum, text: event.text }));
  });
  slack.refreshSockets();
  await vi.waitFor(() => expect(slack.sockets()).toBe(0), { interval: 5 });
  const said = await slack.mention({ channel: 'C1', user: 'U1', text: 'in the gap' });
  expect(said.outcome).toBe('ack');
  expect(said.attempts).toBeGreaterThan(1);
  await vi.waitFor(() => expect(heard).toEqual([{ num: said.attempts - 1, text: '<@UBOT> in the gap' }]));
  expect(slack.sockets()).toBe(1);
  expect(slack.calls('apps.connections.open')).toHaveLength(2);
}

async function seeOutage(): Promise<void> {
  const slack = await start({ retryDelaysMs: [1, 1] });
  await connect(slack);
  const client = createClient(slack);
  await client.chat.postMessage({ channel: 'C1', text: 'before' });
  await slack.stop();
  await expect(client.chat.postMessage({ channel: 'C1', text: 'during' })).rejects.toThrow();
  expect(await slack.mention({ channel: 'C1', user: 'U1', text: 'x' })).toMatchObject({ outcome: 'unreachable', attempts: 3 });
  await slack.restart();
  await client.chat.postMessage({ channel: 'C1', text: 'after' });
  expect(slack.posted('C1').map((each) => each.text)).toEqual(['before', 'after']);
  await vi.waitFor(() => expect(slack.sockets()).toBe(1), { timeout: 15_000 });
  expect(await slack.mention({ channel: 'C1', user: 'U1', text: 'x' })).toMatchObject({ outcome: 'ack' });
}

test('after a refresh a new socket gets what came in between; an outage refuses everything, forgets nothing, and ends by itself', {
  timeout: 40_000,
}, async () => {
  // Bolt waits five seconds before it connects again: both at once.
  await Promise.all([seeRefresh(), seeOutage()]);
});

test('each delivery goes to one of the open sockets, in turn, and a duplicate keeps its event id', async () => {
  const slack = await start();
  const heard: [string, string][] = [];
  for (const name of ['a', 'b'])
    await connect(slack, (app) => {
      app.event('app_mention', async ({ body }) => void heard.push([name, body.event_id]));
    });
  const said = await slack.mention({ channel: 'C1', user: 'U1', text: 'x', eventId: 'Ev1' });
  expect(await slack.deliver(said.payload, 3)).toMatchObject([{ outcome: 'ack' }, { outcome: 'ack' }, { outcome: 'ack' }]);
  await vi.waitFor(() => expect(heard).toHaveLength(4));
  expect(new Set(heard.map(([, id]) => id))).toEqual(new Set(['Ev1']));
  expect(new Set(heard.map(([name]) => name))).toEqual(new Set(['a', 'b']));
});

/** A Bolt app behind signed HTTP. */
async function serve(slack: SlackDouble, listen: (app: App) => void): Promise<void> {
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, port: 0, logger: silent });
  const app = new App({ token: slack.botToken, receiver, clientOptions: clientOptions(slack), logger: silent });
  listen(app);
  const server = (await app.start(0)) as Server;
  ends.push(() => app.stop());
  slack.deliverTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
}

test('signed HTTP deliveries are taken; forged, stale and altered ones are not', async () => {
  const slack = await start({ retryDelaysMs: [1] });
  const heard: string[] = [];
  await serve(slack, (app) => {
    app.event('app_mention', async ({ event }) => void heard.push(event.text));
    app.command('/jug', async ({ ack, command }) => ack(`you said ${command.text}`));
  });
  const saying = { channel: 'C1', user: 'U1', text: 'x' };
  expect(await slack.verifyUrl('are you there')).toMatchObject({ status: 200, body: { challenge: 'are you there' } });
  expect(await slack.mention(saying)).toMatchObject({ outcome: 'ack', status: 200, attempts: 1 });
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  for (const wire of [{ forge: true }, { unsigned: true }, { timestampOffset: -301 }, { rawBody: '{}' }])
    expect(await slack.mention(saying, wire)).toMatchObject({ outcome: 'refused', status: 401, attempts: 2 });
  expect(await slack.slash({ text: 'help', channel: 'C1', user: 'U1' })).toMatchObject({ status: 200, body: { text: 'you said help' } });
  expect(await slack.slash({ text: 'help', channel: 'C1', user: 'U1' }, { forge: true })).toMatchObject({
    outcome: 'refused',
    attempts: 1,
  });
  expect(heard).toHaveLength(1);
  expect(slack.posted('C1')).toMatchObject([{ text: 'you said help', ephemeralTo: 'U1', via: 'ack' }]);
});

test('an event that HTTP did not acknowledge comes again with its number and reason', async () => {
  const slack = await start({ ackTimeoutMs: 500, retryDelaysMs: [1, 1, 1] });
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push([request.headers['x-slack-retry-num'], request.headers['x-slack-retry-reason']]);
    // The first is left without an answer, the second fails, the third is cut, the fourth is taken.
    if (seen.length === 2) response.writeHead(500).end();
    if (seen.length === 3) response.destroy();
    if (seen.length === 4) response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => server.close());
  slack.deliverTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect(await slack.directMessage({ user: 'U1', text: 'x' })).toMatchObject({ outcome: 'ack', attempts: 4 });
  expect(seen).toEqual([
    [undefined, undefined],
    ['1', 'http_timeout'],
    ['2', 'http_error'],
    ['3', 'connection_failed'],
  ]);
});

test('a home is opened and published; a direct message is heard; other channels are not', async () => {
  const slack = await start();
  const heard: string[] = [];
  await connect(slack, (app) => {
    app.event('app_home_opened', async ({ event, client }) => {
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [section(`for ${event.user}`)] } });
    });
    app.message(async ({ message }) => void heard.push(`${message.channel}: ${'text' in message ? message.text : ''}`));
  });
  await slack.openHome('U1');
  await vi.waitFor(() => expect(slack.home('U1')).toMatchObject({ type: 'home', user: 'U1', blocks: [section('for U1')] }));
  await slack.directMessage({ user: 'U1', text: 'just us' });
  await slack.reply({ channel: 'C1', user: 'U1', text: 'in the open' });
  await vi.waitFor(() => expect(heard).toEqual(['D1: just us', 'C1: in the open']));
  const client = createClient(slack);
  expect((await client.conversations.open({ users: 'U1' })).channel?.id).toBe('D1');
  await client.chat.postMessage({ channel: 'U1', text: 'to you' });
  expect(slack.posted('D1')).toMatchObject([{ text: 'to you' }]);
  await slack.archive('C1');
  await expect(slack.reply({ channel: 'C1', user: 'U1', text: 'x' })).rejects.toThrow('cannot write');
});

test('a stream is for a reader, grows and ends in order with the metadata it is found by; silent for half a minute, or five minutes old, it takes no more', async () => {
  let now = Date.parse('2026-11-23T10:00:00Z');
  const slack = await start({ now: () => now, users: ['U1'] });
  const client = createClient(slack);
  const { chat, conversations } = client;
  const { ts } = await slack.mention({ channel: 'C1', user: 'U1', text: 'go' });
  const args = { channel: 'C1', thread_ts: ts, recipient_team_id: 'T1', recipient_user_id: 'U1' };
  const streamer = client.chatStream({ ...args, buffer_size: 1 });
  await streamer.append({ markdown_text: 'one ' });
  await streamer.append({ markdown_text: 'two' });
  const [open] = slack.posted('C1', ts);
  expect(open).toMatchObject({ text: 'one two', stream: 'open', metadata: null });
  expect(await refusal(chat.update({ channel: 'C1', ts: open?.ts ?? '', text: 'x' }))).toBe('streaming_state_conflict');
  const metadata = { event_type: 'juggernaut', event_payload: { mark: 'a.1.0' } };
  const too = chat.stopStream({ channel: 'C1', ts: open?.ts ?? '', metadata: { event_type: 'x' } as unknown as typeof metadata });
  expect(await refusal(too)).toBe('invalid_metadata_format');
  await streamer.stop({ metadata });
  const { messages } = await conversations.replies({ channel: 'C1', ts, include_all_metadata: true });
  expect(messages?.at(-1)).toMatchObject({ text: 'one two', metadata });
  expect(await refusal(chat.stopStream({ channel: 'C1', ts: open?.ts ?? '' }))).toBe('message_not_in_streaming_state');

  const grow = (stream: string | undefined, chunk = 'x') =>
    refusal(chat.appendStream({ channel: 'C1', ts: stream ?? '', chunks: [{ type: 'markdown_text', text: chunk }] }));
  const silent = await chat.startStream(args);
  expect(await grow(silent.ts, '')).toBe('invalid_chunks');
  expect(await refusal(chat.appendStream({ channel: 'C1', ts: silent.ts ?? '', chunks: [] }))).toBe('invalid_arguments');
  expect(await grow('1.000000')).toBe('message_not_found');
  now += 29_000;
  await chat.appendStream({ channel: 'C1', ts: silent.ts ?? '', markdown_text: 'y' });
  now += 31_000;
  expect(await grow(silent.ts)).toBe('message_not_in_streaming_state');
  const long = await chat.startStream(args);
  for (let at = 0; at < 15; at += 1) {
    now += 20_000;
    await chat.appendStream({ channel: 'C1', ts: long.ts ?? '', markdown_text: 'z' });
  }
  now += 20_000;
  expect(await grow(long.ts)).toBe('message_not_in_streaming_state');
  const begin = (more: object) => refusal(chat.startStream({ ...args, ...more }));
  expect(await begin({ recipient_user_id: '' })).toBe('missing_recipient_user_id');
  expect(await begin({ recipient_user_id: 'UNOBODY' })).toBe('user_not_found');
  expect(await begin({ recipient_team_id: '' })).toBe('missing_recipient_team_id');
  expect(await begin({ thread_ts: '' })).toBe('invalid_thread_ts');
  expect(await begin({ chunks: [{ type: 'task_update', id: 'a', title: 'x'.repeat(257), status: 'pending' }] })).toBe('invalid_chunks');
  expect(await begin({ chunks: [{ type: 'task_update', id: 'a', title: 'x', status: 'done' }] })).toBe('invalid_chunks');
});

test('a file is uploaded in three steps and shown in a thread', async () => {
  const slack = await start();
  const client = createClient(slack);
  const { ts = '' } = await client.chat.postMessage({ channel: 'C1', text: 'report' });
  const file = Buffer.from('not really a picture');
  await client.files.uploadV2({ channel_id: 'C1', thread_ts: ts, filename: 'chart.png', title: 'Chart', file });
  const [shown] = slack.posted('C1', ts);
  expect(slack.upload(shown?.files[0] ?? '')).toMatchObject({ filename: 'chart.png' });
  expect(Buffer.from(slack.upload(shown?.files[0] ?? '')?.bytes ?? []).toString()).toBe('not really a picture');
  expect(await refusal(client.files.completeUploadExternal({ files: [{ id: 'F404' }], channel_id: 'C1' }))).toBe('file_not_found');
});
