// A goal's live card and an answer as streams in Slack: one message from its first word to its last, whatever happens to the stream in between.
import { webApi } from '@slack/bolt';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SLACK_SCOPES } from '../../src/adapters/slack/manifest.ts';
import { createSlackChannel } from '../../src/adapters/slack/slack-channel.ts';
import type { Card } from '../../src/chat/card.ts';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';
import type { SlackMessage } from '../support/slack-double-model.ts';

let slack: SlackDouble;
let channel: ReturnType<typeof createSlackChannel>;

const createClient = () =>
  new webApi.WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: 'error' as webApi.WebClientOptions['logLevel'] & {},
  });
const openChannel = () => createSlackChannel({ client: createClient(), publicUrl: null, log: pino({ level: 'silent' }) });

beforeEach(async () => {
  slack = await startSlackDouble({ scopes: Object.keys(SLACK_SCOPES), retryDelaysMs: [] });
  channel = openChannel();
});

afterEach(async () => {
  vi.useRealTimers();
  await slack.stop();
});

const mark = 'a.1.0';
const goal = (state: string, more: Partial<Card> = {}): Card => ({
  title: 'Goal 1: earn <!channel> $5',
  tone: 'info',
  text: '**at work**',
  progress: { done: state === 'done' ? 1 : 0, total: 1 },
  table: { columns: ['Task', 'What', 'State'], rows: [['7', 'Ask @here <!here>', state]] },
  buttons: [{ label: 'Cancel', command: 'cancel', args: { goal: 1 }, style: 'danger' }],
  ref: { kind: 'goal', id: 1 },
  ...more,
});
const done: Card = { title: 'Goal 1: earn', tone: 'good', text: '**done**', ref: { kind: 'goal', id: 1 } };

async function begin(): Promise<{ spot: { place: string; thread: string }; ts: string }> {
  const said = await slack.mention({ channel: 'C1', user: 'U1', text: 'earn $5' });
  const spot = { place: 'C1', thread: said.ts };
  return { spot, ts: await channel.post(spot, { card: goal('ready'), mark }) };
}

const read = (ts: string): SlackMessage => slack.find('C1', ts) ?? expect.fail('no message');
const words = (ts: string): string => JSON.stringify(read(ts).blocks);

test('a goal at work is streamed in its thread for whoever began it; its tasks change in place and the end is an ordinary card', async () => {
  const { spot, ts } = await begin();
  expect(slack.calls('chat.startStream')[0]?.args).toMatchObject({ recipient_user_id: 'U1', recipient_team_id: 'T1' });
  expect(slack.calls('agents.sessions.setStatus').at(-1)?.args).toMatchObject({ status: 'processing', thread_ts: spot.thread });
  expect(await channel.find(spot, { card: goal('running'), mark }, new Date(Date.now() - 1_000))).toBe(ts);
  await channel.edit(spot, ts, { card: goal('running'), mark });
  await channel.edit(spot, ts, { card: goal('done'), mark });
  expect(read(ts)).toMatchObject({ stream: 'open', edits: 2 });
  const plan = read(ts).blocks.find(({ type }) => type === 'plan');
  expect(plan).toMatchObject({ title: 'at work · 1 of 1 done', tasks: [{ task_id: 'task-7', status: 'complete' }] });
  await channel.edit(spot, ts, { card: done, mark });
  expect(read(ts)).toMatchObject({ stream: 'done', pings: [], metadata: { event_payload: { mark } } });
  expect(words(ts)).toContain('*done*');
  expect(words(ts)).not.toContain('"plan"');
  expect(slack.calls('chat.stopStream').at(-1)?.args).toMatchObject({ session_status: 'active' });
  expect(await channel.find(spot, { card: goal('running'), mark }, new Date(Date.now() - 1_000))).toBe(ts);
  expect(slack.posted('C1', spot.thread)).toHaveLength(1);
  expect(slack.faults).toEqual([]);
});

test('a card that waits for somebody ends the stream, and later states are edits of the same message', async () => {
  const { spot, ts } = await begin();
  await channel.edit(spot, ts, { card: goal('ready', { tone: 'ask', text: '**waits for your answer**' }), mark });
  expect(slack.calls('chat.stopStream').at(-1)?.args).toMatchObject({ session_status: 'suspended' });
  await channel.edit(spot, ts, { card: goal('running'), mark });
  expect(words(ts)).toContain('running');
  expect(slack.posted('C1', spot.thread)).toHaveLength(1);
  expect(slack.faults).toEqual([]);
});

test('in a direct message nobody has to be named', async () => {
  const said = await slack.directMessage({ user: 'U1', text: 'earn $5' });
  const ts = await channel.post({ place: said.channel, thread: said.ts }, { card: goal('ready'), mark });
  expect(slack.find(said.channel, ts)?.stream).toBe('open');
  expect(slack.calls('chat.startStream')[0]?.args).not.toHaveProperty('recipient_user_id');
});

test.each(['unknown_method', 'missing_scope', 'channel_type_not_supported'])(
  'where Slack takes no stream (%s) the card is posted',
  async (error) => {
    slack.failNext('chat.startStream', { error });
    const { ts } = await begin();
    expect(read(ts)).toMatchObject({ stream: null, metadata: { event_payload: { mark } } });
  },
);

test('a rate limit is not answered with a second message', async () => {
  slack.limitNext('chat.startStream', 9);
  await expect(begin()).rejects.toMatchObject({ problem: 'later', waitMs: 9_000 });
  expect(slack.calls('chat.postMessage')).toEqual([]);
});

test('a stream whose answer was lost on the way is found by its mark', async () => {
  slack.failNext('chat.startStream', { drop: true });
  await expect(begin()).rejects.toMatchObject({ problem: 'later' });
  const [message] = slack.posted('C1');
  const spot = { place: 'C1', thread: message?.threadTs ?? '' };
  expect(await channel.find(spot, { card: goal('running'), mark }, new Date(Date.now() - 1_000))).toBe(message?.ts);
});

test('where Slack keeps no id of a block, the lost stream is known by its title; an answer with the same title is not taken for it', async () => {
  slack.failNext('chat.startStream', { drop: true });
  await expect(begin()).rejects.toMatchObject({ problem: 'later' });
  const [message] = slack.posted('C1');
  for (const block of message?.blocks ?? []) delete block['block_id'];
  const spot = { place: 'C1', thread: message?.threadTs ?? '' };
  const letter = { card: goal('running'), mark };
  const since = new Date(Date.now() - 1_000);
  expect(await channel.find(spot, letter, since)).toBe(message?.ts);
  expect(await channel.find(spot, { ...letter, card: { ...done, title: 'Goal 11: other' } }, since)).toBeNull();
  slack.deleteMessage('C1', message?.ts ?? '');
  await createClient().chat.postMessage({ channel: 'C1', thread_ts: spot.thread, text: `ℹ️ ${letter.card.title}` });
  expect(await channel.find(spot, letter, since)).toBeNull();
});

test('a stream that Slack ended goes on as edits', async () => {
  const { spot, ts } = await begin();
  slack.expireStream('C1', ts);
  await channel.edit(spot, ts, { card: goal('running'), mark });
  expect(words(ts)).toContain('running');
  expect(slack.calls('agents.sessions.setStatus').at(-1)?.args).toMatchObject({ status: 'active' });
  await channel.edit(spot, ts, { card: done, mark });
  expect(words(ts)).toContain('*done*');
});

test('another process ends a stream it did not begin, and edits', async () => {
  const { spot, ts } = await begin();
  const other = openChannel();
  await other.edit(spot, ts, { card: goal('running'), mark });
  expect(read(ts)).toMatchObject({ stream: 'done', metadata: { event_payload: { mark } } });
  await channel.edit(spot, ts, { card: done, mark });
  expect(words(ts)).toContain('*done*');
  expect(slack.posted('C1', spot.thread)).toHaveLength(1);
});

test('after a quarter of a minute of silence the stream ends with the button to cancel, before Slack breaks it off', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { ts } = await begin();
  vi.advanceTimersByTime(16_000);
  vi.useRealTimers();
  await vi.waitFor(() => expect(read(ts).stream).toBe('done'));
  expect(words(ts)).toContain('cancel:goal=1');
  expect(words(ts)).toContain('"plan"');
});

test('when the process stops, its streams end', async () => {
  const { ts } = await begin();
  await channel.close();
  expect(read(ts)).toMatchObject({ stream: 'done', metadata: { event_payload: { mark } } });
});

test('a deleted stream is gone', async () => {
  const { spot, ts } = await begin();
  slack.deleteMessage('C1', ts);
  await expect(channel.edit(spot, ts, { card: goal('running'), mark })).rejects.toMatchObject({ problem: 'gone' });
});

test('a result, a plan and a draft are messages, as is a goal outside of a thread', async () => {
  const { spot } = await begin();
  const begun = slack.calls('chat.startStream').length;
  await channel.post(spot, { card: done, mark: 'a.2.0' });
  await channel.post(spot, { card: goal('ready', { buttons: [] }), mark: 'a.3.0' });
  await channel.post({ place: 'C1', thread: null }, { card: goal('ready'), mark: 'a.4.0' });
  expect(slack.calls('chat.startStream')).toHaveLength(begun);
});

const asks = (said: string, doing = 'Thinking…', more: Partial<Card> = {}): Card => ({
  title: 'Does <!channel> *it* hold?',
  tone: 'muted',
  text: said === '' ? doing : `${said}\n\n${doing}`,
  buttons: [{ label: 'Stop', command: 'ask', args: { stop: 5 }, style: 'plain' }],
  ref: { kind: 'answer', id: 5 },
  ...more,
});
const answered: Card = {
  title: 'Does it hold?',
  tone: 'info',
  text: 'It \\<!here\\> holds. So it is.\n\nSources: none',
  ref: { kind: 'answer', id: 5 },
};

async function beginAnswer(card = asks('')): Promise<{ spot: { place: string; thread: string }; ts: string }> {
  const said = await slack.mention({ channel: 'C1', user: 'U1', text: 'does it hold?' });
  const spot = { place: 'C1', thread: said.ts };
  return { spot, ts: await channel.post(spot, { card, mark, reader: 'slack:T2/U2' }) };
}

test('an answer grows by its sentences for whoever asked, with what is read between them and a button to stop; its end is an ordinary card', async () => {
  const { spot, ts } = await beginAnswer();
  expect(slack.calls('chat.startStream')[0]?.args).toMatchObject({
    recipient_user_id: 'U2',
    recipient_team_id: 'T2',
    task_display_mode: 'timeline',
  });
  expect(words(ts)).toContain('ask:stop=5');
  expect(channel.streamPause?.(spot, ts)).toBe(1_000);
  const grow = (card: Card) => channel.edit(spot, ts, { card, mark });
  await grow(asks('', 'Reading the *goals*…'));
  await grow(asks('It \\<!here\\> holds.', 'Reading money…'));
  await grow(asks('It \\<!here\\> holds. So\\_it is.\n- [goal 1](/goals/1)\n- ![x](https://evil.example/x)'));
  const said = read(ts).text.split('**').at(-1);
  expect(said).toBe('It &lt;\\!here&gt; holds. So\\_it is.\n- goal 1\n- \\!x (https://evil.example/x)');
  const plan = read(ts).blocks.find(({ type }) => type === 'plan');
  expect(plan).toMatchObject({
    tasks: [
      { title: 'Reading the *goals*…', status: 'complete' },
      { title: 'Reading money…', status: 'complete' },
    ],
  });
  expect(read(ts)).toMatchObject({ stream: 'open', edits: 3, pings: [] });
  await channel.edit(spot, ts, { card: answered, mark });
  expect(read(ts)).toMatchObject({ stream: 'done', pings: [], metadata: { event_payload: { mark } } });
  expect(words(ts)).toContain('Sources');
  expect(words(ts)).not.toContain('ask:stop=5');
  expect(channel.streamPause?.(spot, ts)).toBeNull();
  expect(slack.posted('C1', spot.thread)).toHaveLength(1);
  expect(slack.faults).toEqual([]);
});

test('what is no continuation of what was said, and words of which nobody knows whether they came, go on as edits, said once', async () => {
  const other = await beginAnswer(asks('It holds.'));
  await channel.edit(other.spot, other.ts, { card: asks('It fell.'), mark });
  expect(read(other.ts).stream).toBe('done');
  expect(words(other.ts)).toContain('It fell.');
  expect(words(other.ts)).not.toContain('It holds.');
  const { spot, ts } = await beginAnswer(asks('It holds.'));
  slack.limitNext('chat.appendStream', 2);
  const grow = () => channel.edit(spot, ts, { card: asks('It holds. So it is.'), mark });
  await expect(grow()).rejects.toMatchObject({ problem: 'later', waitMs: 2_000 });
  await grow();
  expect(read(ts)).toMatchObject({ stream: 'open', text: expect.stringMatching(/It holds\. So it is\.$/) });
  slack.failNext('chat.appendStream', { drop: true });
  const end = () => channel.edit(spot, ts, { card: asks('It holds. So it is. Yes.'), mark });
  await expect(end()).rejects.toMatchObject({ problem: 'later' });
  await end();
  expect(read(ts).stream).toBe('done');
  expect(words(ts).match(/Yes\./g)).toHaveLength(1);
});
