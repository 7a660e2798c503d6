// Requests that only look like Slack's: forged, replayed, from another time, re-encoded, cut short. None of them makes anything happen,
// while the real one with the same words still does.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { FORM, postToSlackDoor, type SignedRequest, signForSlack } from '../support/chat-signing.ts';
import { type ChatStory, startChatStory } from '../support/chat-story.ts';

const ATTEMPTS = process.env['JUG_TEST_LONG'] === '1' ? 1_000 : 100;
/** Slack's window, and ours, is five minutes to either side. */
const TEN_MINUTES = 600;

let chat: ChatStory;
beforeAll(async () => {
  chat = await startChatStory({ seed: 1, http: true });
}, 30_000);
afterAll(() => chat.stop());

let last = 0;
const nextId = (prefix: string): string => `${prefix}${++last}`;
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

type Sealing = { secret?: string; at?: number; type?: string };
const sign = (body: string, { secret = chat.slack.signingSecret, ...options }: Sealing = {}): SignedRequest =>
  signForSlack(secret, body, options);
const send = (sent: SignedRequest): Promise<number> => postToSlackDoor(chat.story.app.port, sent);

/** An operator's slash command: heard, it makes a draft and an answer at its reply address. */
const slash = (): string =>
  new URLSearchParams({
    ...{ token: 'verification-double', team_id: 'T1', channel_id: 'C1', user_id: 'UOPERATOR', user_name: 'oda', command: '/jug' },
    ...{ text: 'write a line about forged requests', api_app_id: 'ADOUBLE', trigger_id: nextId('trigger.') },
    response_url: `${chat.slack.apiUrl.replace('/api/', '')}/reply/none`,
  }).toString();

/** An approver's words: heard, they pause everything. */
const event = (): string =>
  JSON.stringify({
    ...{ token: 'verification-double', team_id: 'T1', api_app_id: 'ADOUBLE', type: 'event_callback', event_id: nextId('EvForged') },
    event: {
      ...{ type: 'app_mention', user: 'UAPPROVER', team: 'T1', channel: 'C1', text: '<@UBOT> pause forged' },
      ...{ ts: '1700000000.000200', event_ts: '1700000000.000200' },
    },
    event_time: nowSeconds(),
  });

/** An approver's click: heard, it decides. */
const click = (): string =>
  JSON.stringify({
    ...{ type: 'block_actions', user: { id: 'UAPPROVER', team_id: 'T1' }, team: { id: 'T1' }, api_app_id: 'ADOUBLE' },
    ...{ trigger_id: nextId('trigger.'), channel: { id: 'C1' }, container: { type: 'message', channel_id: 'C1', message_ts: '1.000001' } },
    actions: [{ type: 'button', action_id: 'jug-0', block_id: 'b', value: 'pause', text: { type: 'plain_text', text: 'Pause' } }],
  });

const payload = (): string => new URLSearchParams({ payload: click() }).toString();
const json = (body: string, options: Sealing = {}): SignedRequest => sign(body, { ...options, type: 'application/json' });
const without = ({ body, headers }: SignedRequest, name: string): SignedRequest => ({
  body,
  headers: Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name)),
});
const withHeader = ({ body, headers }: SignedRequest, name: string, value: string): SignedRequest => ({
  body,
  headers: { ...headers, [name]: value },
});
const past = (): number => nowSeconds() - TEN_MINUTES;
const future = (): number => nowSeconds() + TEN_MINUTES;

/** Another way to write the same form. */
const REWRITINGS: readonly ((form: string) => string)[] = [
  (form) => form.replaceAll('+', '%20'),
  (form) => form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  (form) => form.split('&').toReversed().join('&') + (form.includes('&') ? '' : '&x='),
  (form) => `${form}&`,
  (form) => form.replace(/^[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
];
function rewritten(form: string, at: number): SignedRequest {
  const others = REWRITINGS.map((rewrite) => rewrite(form)).filter((other) => other !== form);
  return { ...sign(form), body: others[at % others.length] ?? '' };
}

/** A third of each: words of an event, a command, a click. */
const SEALS: readonly ((options: Sealing) => SignedRequest)[] = [
  (options) => json(event(), options),
  (options) => sign(slash(), options),
  (options) => sign(payload(), options),
];
const seal = (at: number, options: Sealing = {}): SignedRequest => (SEALS[at % SEALS.length] as (typeof SEALS)[number])(options);

const FORGERIES: Record<string, (at: number) => SignedRequest> = {
  'signed with another secret': (at) => seal(at, { secret: 'guessed' }),
  'signed with an empty secret': (at) => seal(at, { secret: '' }),
  'from ten minutes ago': (at) => seal(at, { at: past() }),
  'from ten minutes ahead': (at) => seal(at, { at: future() }),
  'an old signature under a new time': (at) => withHeader(seal(at, { at: past() }), 'x-slack-request-timestamp', String(nowSeconds())),
  'another body under a right signature': (at) => ({ ...seal(at), body: seal(at).body }),
  'the same form, written otherwise': (at) => rewritten(at % 2 === 0 ? slash() : payload(), at),
  'the same JSON, written otherwise': () => {
    const sent = json(event());
    return { ...sent, body: JSON.stringify(JSON.parse(sent.body), null, 1) };
  },
  'without a signature': (at) => without(seal(at), 'x-slack-signature'),
  'without a time': (at) => without(seal(at), 'x-slack-request-timestamp'),
  'with an empty signature': (at) => withHeader(seal(at), 'x-slack-signature', ''),
  'with the signature of another version': (at) =>
    withHeader(seal(at), 'x-slack-signature', seal(at).headers['x-slack-signature']?.replace('v0=', 'v1=') ?? ''),
  'with half a signature': (at) => withHeader(seal(at), 'x-slack-signature', seal(at).headers['x-slack-signature']?.slice(0, 35) ?? ''),
  'with a time that is no number': (at) => seal(at, { at: Number.NaN }),
  'a certificate check that carries a click': () => ({ body: `ssl_check=1&${payload()}`, headers: { 'content-type': FORM } }),
  'a certificate check that carries a command': () => ({ body: `${slash()}&ssl_check=1`, headers: { 'content-type': FORM } }),
  'a certificate check as JSON': () => ({
    body: JSON.stringify({ ...(JSON.parse(event()) as object), ssl_check: '1' }),
    headers: { 'content-type': 'application/json' },
  }),
  'a challenge that nobody signed': () => ({
    body: JSON.stringify({ type: 'url_verification', challenge: 'echo' }),
    headers: { 'content-type': 'application/json' },
  }),
};

/** What handlers leave behind: calls at Slack, messages seen there, and rows. */
async function look(): Promise<unknown> {
  const { slack, story } = chat;
  const [rows] = await story.rows(
    `select (select count(*) from goal)::int as goals, (select count(*) from heard)::int as heard, (select count(*) from message)::int as messages,
      (select count(*) from audit)::int as audit, (select count(*) from member)::int as members`,
  );
  return { rows, calls: slack.journal.length, messages: slack.posted('C1').length };
}

/** Something real, behind everything that was sent before: once it is answered, whatever they would have begun has begun. */
async function sayRealStatus(): Promise<void> {
  const answered = (): number => chat.slack.posted('C3').filter(({ text }) => /Idle|Working|Paused/.test(text)).length;
  const before = answered();
  expect((await chat.slack.slash({ user: 'UVIEWER', channel: 'C3', text: 'status' })).outcome).toBe('ack');
  await vi.waitFor(() => expect(answered()).toBe(before + 1), { timeout: 10_000, interval: 20 });
}

test(`${ATTEMPTS} requests that Slack did not send: no handler runs`, { timeout: 120_000 }, async () => {
  await sayRealStatus();
  const before = await look();
  const kinds = Object.entries(FORGERIES);
  const accepted = new Set<string>();
  const each = Array.from({ length: Math.ceil(ATTEMPTS / kinds.length) }, (_, at) => at);
  for (const at of each)
    await Promise.all(
      kinds.map(async ([name, forge]) => {
        const status = await send(forge(at));
        if (status !== 401) accepted.add(`${name}: ${status}`);
      }),
    );
  // The certificate check is answered, and that is all.
  expect([...accepted].toSorted()).toEqual([
    'a certificate check as JSON: 200',
    'a certificate check that carries a click: 200',
    'a certificate check that carries a command: 200',
  ]);
  expect(await look()).toEqual(before);
  await sayRealStatus();
  expect(chat.slack.posted('C1')).toEqual([]);
  expect((await chat.story.say('status')).card.title).not.toContain('Paused');
});

test('methods, addresses and bodies that are not for Slack reach no handler either', async () => {
  const before = await look();
  const url = `http://127.0.0.1:${chat.story.app.port}/slack/events`;
  const { headers } = json(event());
  expect((await fetch(url, { headers })).status).toBeGreaterThanOrEqual(400);
  expect((await fetch(url, { method: 'PUT', headers, body: event() })).status).toBeGreaterThanOrEqual(400);
  for (const body of ['', '{', '[]', 'null']) expect(await send(json(body))).toBe(400);
  expect(await send(sign('payload={'))).toBe(400);
  // The rest of a flood is not read, so that some see no more than the end of the line.
  expect([413, 'hung up']).toContain(await send(withHeader(sign('x'.repeat(2_000_000)), 'connection', 'close')).catch(() => 'hung up'));
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${chat.story.app.port}/healthz`)).ok).toBe(true));
  expect(await look()).toEqual(before);
});

test('a real request works once; the same bytes again do nothing, also after a restart', { timeout: 60_000 }, async () => {
  const { slack, story } = chat;
  await sayRealStatus();
  const signed = [sign(slash()), json(event().replace('pause forged', 'write a line about real requests'))];
  const goals = (): Promise<{ n: number }[]> => story.rows<{ n: number }>('select count(*)::int as n from goal');
  const [start] = await goals();
  for (const sent of signed) expect(await send(sent)).toBe(200);
  await vi.waitFor(async () => expect((await goals())[0]?.n).toBe((start?.n ?? 0) + signed.length), { timeout: 10_000, interval: 20 });
  await sayRealStatus();

  const before = { goals: await goals(), posted: slack.posted('C1').length };
  const replay = (): Promise<number[]> =>
    Promise.all(Array.from({ length: 10 }, (_, at) => send(signed[at % signed.length] as SignedRequest)));
  expect(await replay()).toEqual(Array.from({ length: 10 }, () => 200));
  await sayRealStatus();
  await story.restart();
  slack.deliverTo(`http://127.0.0.1:${story.app.port}/slack/events`);
  await vi.waitFor(async () => expect((await slack.verifyUrl('ready')).outcome).toBe('ack'), { timeout: 10_000, interval: 50 });
  await sayRealStatus();
  expect(await replay()).toEqual(Array.from({ length: 10 }, () => 200));
  await sayRealStatus();
  expect({ goals: await goals(), posted: slack.posted('C1').length }).toEqual(before);
});
