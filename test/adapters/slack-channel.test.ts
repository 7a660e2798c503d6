// The port to Slack's messages, with the real Web API client against the double: what it posts, finds again, and says when it cannot.
import { webApi } from '@slack/bolt';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SLACK_SCOPES } from '../../src/adapters/slack/manifest.ts';
import { createSlackChannel } from '../../src/adapters/slack/slack-channel.ts';
import type { Card } from '../../src/chat/card.ts';
import { DeliveryTrouble } from '../../src/chat/channel.ts';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';

let slack: SlackDouble;
let channel: ReturnType<typeof createSlackChannel>;

beforeEach(async () => {
  slack = await startSlackDouble({
    scopes: Object.keys(SLACK_SCOPES),
    channels: { C1: { name: 'goals' }, C2: { isArchived: true }, C3: { isMember: false }, G1: { kind: 'private', isMember: false } },
  });
  const options = {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: 'error' as webApi.WebClientOptions['logLevel'] & {},
  };
  channel = createSlackChannel({ client: new webApi.WebClient(slack.botToken, options), publicUrl: null, log: pino({ level: 'silent' }) });
});

afterEach(() => slack.stop());

const card: Card = {
  title: 'Goal 1: earn',
  tone: 'info',
  text: 'At **work** for R&D <!channel>',
  fields: [{ label: 'Budget', value: '$5' }],
};
const spot = { place: 'C1', thread: null };
const trouble = async (work: Promise<unknown>): Promise<DeliveryTrouble> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DeliveryTrouble)) throw new Error(`no DeliveryTrouble: ${String(error)}`);
  return error;
};

test('a card is posted without previews or pings, in its thread, with its mark', async () => {
  const root = await channel.post(spot, { card, mark: 'a.1.0' });
  const thread = await channel.openThread(spot, root, 'Goal 1');
  const reply = await channel.post({ place: 'C1', thread }, { card, mark: 'a.2.0' });
  expect(slack.find('C1', root)).toMatchObject({
    unfurl: { links: false, media: false },
    pings: [],
    metadata: { event_payload: { mark: 'a.1.0' } },
  });
  expect(slack.find('C1', reply)).toMatchObject({ threadTs: root });
  expect(slack.faults).toEqual([]);
});

test('an edit keeps blocks, text and mark', async () => {
  const ts = await channel.post(spot, { card, mark: 'a.1.0' });
  await channel.edit(spot, ts, { card: { ...card, title: 'Goal 1: done', tone: 'good' }, mark: 'a.1.0' });
  const message = slack.find('C1', ts);
  expect(message?.text).toContain('Goal 1: done');
  expect(JSON.stringify(message?.blocks)).toContain('Goal 1: done');
  expect(await channel.find(spot, { card, mark: 'a.1.0' }, new Date(Date.now() - 1000))).toBe(ts);
});

test('a message is found again by its mark, in its channel or thread, and no other is taken for it', async () => {
  const since = new Date();
  const root = await channel.post(spot, { card, mark: 'a.1.0' });
  const reply = await channel.post({ place: 'C1', thread: root }, { card, mark: 'a.2.0' });
  expect(await channel.find(spot, { card, mark: 'a.1.0' }, since)).toBe(root);
  expect(await channel.find({ place: 'C1', thread: root }, { card, mark: 'a.2.0' }, since)).toBe(reply);
  expect(await channel.find(spot, { card, mark: 'a.3.0' }, since)).toBeNull();
  slack.deleteMessage('C1', root);
  expect(await channel.find(spot, { card, mark: 'a.1.0' }, since)).toBeNull();
});

test('a message whose answer was lost on the way is found, not lost', async () => {
  const since = new Date();
  slack.failNext('chat.postMessage', { drop: true });
  expect(await trouble(channel.post(spot, { card, mark: 'a.1.0' }))).toMatchObject({ problem: 'later' });
  expect(await channel.find(spot, { card, mark: 'a.1.0' }, since)).toBe(slack.posted('C1')[0]?.ts);
});

test('direct messages go to the conversation with the person', async () => {
  const place = await channel.directPlace('T1/U7');
  expect(place).toBe(await channel.directPlace('U7'));
  await channel.post({ place, thread: null }, { card, mark: 'a.1.0' });
  expect(slack.posted(place)).toHaveLength(1);
});

test.each([
  ['C2', /archived/],
  ['C3', /\/invite/],
  ['G1', /invite the bot|channel id/],
  ['C9', /invite the bot|channel id/],
])('channel %s cannot be reached, and the sentence says what to do', async (place, words) => {
  const error = await trouble(channel.post({ place, thread: null }, { card, mark: 'a.1.0' }));
  expect(error).toMatchObject({ problem: 'unreachable', waitMs: null });
  expect(error.message).toMatch(words);
  expect(error.message).toContain(place);
});

test('a missing scope is named', async () => {
  slack.revoke('chat:write');
  const error = await trouble(channel.post(spot, { card, mark: 'a.1.0' }));
  expect(error).toMatchObject({ problem: 'unreachable' });
  expect(error.message).toContain('chat:write');
});

test('a deleted message is gone', async () => {
  const ts = await channel.post(spot, { card, mark: 'a.1.0' });
  slack.deleteMessage('C1', ts);
  expect(await trouble(channel.edit(spot, ts, { card, mark: 'a.1.0' }))).toMatchObject({ problem: 'gone' });
});

test('a rate limit is not waited out here: it says how long', async () => {
  slack.limitNext('chat.postMessage', 7);
  expect(await trouble(channel.post(spot, { card, mark: 'a.1.0' }))).toMatchObject({ problem: 'later', waitMs: 7000 });
  expect(slack.calls('chat.postMessage')).toHaveLength(1);
});

test('a server in trouble and an outage are for later, without a second try', async () => {
  slack.failNext('chat.postMessage', { status: 503 });
  expect(await trouble(channel.post(spot, { card, mark: 'a.1.0' }))).toMatchObject({ problem: 'later', waitMs: null });
  slack.failNext('chat.postMessage', { error: 'invalid_blocks' });
  expect(await trouble(channel.post(spot, { card, mark: 'a.1.0' }))).toMatchObject({ problem: 'refused' });
  expect(slack.calls('chat.postMessage')).toHaveLength(2);
  await slack.stop();
  expect(await trouble(channel.post(spot, { card, mark: 'a.1.0' }))).toMatchObject({ problem: 'later' });
});
