// The Slack adapter while things change: stopped in the middle of an answer, refreshed under load, stopped by Slack's own button.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { SLACK_EVENTS, SLACK_SCOPES } from '../../src/adapters/slack/manifest.ts';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';
import type { SlackMessage } from '../support/slack-double-model.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';

const CLICKS = process.env['JUG_TEST_LONG'] === '1' ? 200 : 40;

let slack: SlackDouble;
let story: Story;

async function startOn(double: SlackDouble): Promise<Story> {
  const own = await startStory({
    env: {
      SLACK_BOT_TOKEN: double.botToken,
      SLACK_APP_TOKEN: double.appToken,
      SLACK_API_URL: double.apiUrl,
      SLACK_CHANNEL_GOALS: 'C1',
      SLACK_CHANNEL_APPROVALS: 'C2',
      JUG_APPROVERS: 'slack:T1/UAPP',
      JUG_VIEWERS: 'slack:T1/UVIEW',
    },
  });
  await vi.waitFor(() => expect(double.sockets()).toBe(2), 10_000);
  return own;
}

const startDouble = (): Promise<SlackDouble> =>
  startSlackDouble({ scopes: Object.keys(SLACK_SCOPES), subscriptions: SLACK_EVENTS, channels: { C1: {}, C2: {}, C3: {} } });

beforeAll(async () => {
  slack = await startDouble();
  story = await startOn(slack);
}, 30_000);

// Slack's stop button ends a stream behind our back: that we then hear so is no fault.
afterEach(() => expect(slack.faults.filter(({ error }) => error !== 'message_not_in_streaming_state')).toEqual([]));

afterAll(async () => {
  await story.stop();
  await slack.stop();
});

const see = (find: () => SlackMessage | undefined, what: string): Promise<SlackMessage> =>
  vi.waitFor(() => structuredClone(find() ?? expect.fail(`no ${what}`)), { timeout: 15_000, interval: 25 });

test('who speaks in a direct message sees that it thinks until the answer is there; a stranger does not', async () => {
  const said = await slack.directMessage({ user: 'UVIEW', text: 'status' });
  await see(() => slack.posted(said.channel, said.ts)[0], 'answer');
  const before = slack.journal.map(({ method }) => method);
  expect(slack.calls('assistant.threads.setStatus')[0]?.args).toMatchObject({ channel_id: said.channel, thread_ts: said.ts });
  expect(before.indexOf('assistant.threads.setStatus')).toBeLessThan(before.lastIndexOf('chat.postMessage'));
  const other = await slack.directMessage({ user: 'UOUT', text: 'status' });
  await see(() => slack.posted(other.channel, other.ts)[0], 'answer');
  expect(slack.calls('assistant.threads.setStatus')).toHaveLength(1);
});

test("Slack's stop button cancels the goal of its thread for who may, tells who may not, and the session rests either way", async () => {
  const said = await slack.mention({ channel: 'C1', user: 'UAPP', text: `goal ${FIRST_DOLLAR}` });
  const live = await see(() => slack.posted('C1', said.ts).find(({ text }) => text.includes('Goal 1')), 'live card');
  expect((await slack.stopSession('C1', said.ts, 'UVIEW')).outcome).toBe('ack');
  const refusal = await see(() => slack.posted('C1', said.ts).find(({ ephemeralTo }) => ephemeralTo === 'UVIEW'), 'refusal');
  expect(refusal.text).toContain('Not allowed');
  const status = async () => (await story.rows<{ status: string }>('select status from goal where id = 1'))[0]?.status;
  expect(await status()).not.toBe('cancelled');
  await slack.stopSession('C1', said.ts, 'UAPP');
  await vi.waitFor(async () => expect(await status()).toBe('cancelled'), 10_000);
  await vi.waitFor(() => expect(slack.calls('agents.sessions.setStatus').at(-1)?.args).toMatchObject({ status: 'active' }), 10_000);
  await vi.waitFor(() => expect(JSON.stringify(slack.find('C1', live.ts)?.blocks)).toContain('cancelled'), 10_000);
  expect(slack.posted('C1', said.ts).filter(({ text }) => text.includes('Goal 1: '))).toHaveLength(1);
});

test('a stop in a thread without a goal only puts the session to rest', async () => {
  const said = await slack.directMessage({ user: 'UVIEW', text: 'help' });
  await see(() => slack.posted(said.channel, said.ts)[0], 'answer');
  await slack.stopSession(said.channel, said.ts, 'UVIEW');
  await vi.waitFor(() =>
    expect(slack.calls('agents.sessions.setStatus').at(-1)?.args).toMatchObject({ channel_id: said.channel, status: 'active' }),
  );
  expect(slack.posted(said.channel, said.ts)).toHaveLength(1);
});

test(`${CLICKS} clicks a second while both sockets are refreshed: each is acknowledged, and each gets its one answer`, async () => {
  await slack.mention({ channel: 'C1', user: 'UAPP', text: `goal ${FIRST_DOLLAR}` });
  const request = await see(() => slack.posted('C2').findLast(({ text }) => /Approve \d+/.test(text)), 'request');
  const opened = slack.calls('apps.connections.open').length;
  const clicks: ReturnType<SlackDouble['click']>[] = [];
  for (let at = 0; at < CLICKS; at += 1) {
    if (at === CLICKS / 2) slack.refreshSockets();
    clicks.push(slack.click({ user: `UX${at}`, on: request, button: 'jug-0' }));
    await pause(5);
  }
  const shown = await Promise.all(clicks);
  expect(shown.flatMap(({ outcome, ms }, at) => (outcome === 'ack' ? [] : [`${at}: ${outcome} after ${ms} ms`]))).toEqual([]);
  await vi.waitFor(() => expect(slack.calls('apps.connections.open').length).toBe(opened + 2), 10_000);
  const told = () => slack.posted('C2').flatMap(({ ephemeralTo }) => (ephemeralTo?.startsWith('UX') ? [ephemeralTo] : []));
  await vi.waitFor(() => expect(told()).toHaveLength(CLICKS), 30_000);
  expect(new Set(told()).size).toBe(CLICKS);
}, 60_000);

test('a button in the home tab answers in a window, and the home tab is drawn anew', async () => {
  await slack.openHome('UAPP');
  const home = await vi.waitFor(() => slack.home('UAPP') ?? expect.fail('no home'), 15_000);
  const [button] = home.blocks.flatMap(({ elements }) => (elements ?? []) as { type: string; action_id: string; value?: string }[]);
  if (button?.type !== 'button') expect.fail(`no button in the home tab: ${JSON.stringify(home.blocks).slice(0, 500)}`);
  const drawn = slack.calls('views.publish').length;
  expect((await slack.click({ user: 'UAPP', on: home, button: button.action_id })).outcome).toBe('ack');
  const modal = await vi.waitFor(() => slack.modal('UAPP') ?? expect.fail('no window'));
  expect(modal.blocks.length).toBeGreaterThan(0);
  await vi.waitFor(() => expect(slack.calls('views.publish').length).toBeGreaterThan(drawn));
});

test('a stop lets the answer that is being given be given', async () => {
  const double = await startDouble();
  const own = await startOn(double);
  double.failNext('assistant.threads.setStatus', { delayMs: 1_000 });
  const said = await double.directMessage({ user: 'UVIEW', text: 'status' });
  await vi.waitFor(() => expect(double.calls('assistant.threads.setStatus')).toHaveLength(1));
  expect(double.posted(said.channel, said.ts)).toEqual([]);
  await own.stop();
  expect(double.posted(said.channel, said.ts)).toHaveLength(1);
  await double.stop();
});
