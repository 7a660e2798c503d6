// A platform goes away and comes back: nothing is lost, nothing comes twice, and what waits for people still waits.
import { afterEach, expect, test, vi } from 'vitest';
import { type ChatStory, discordCard, readyBoth, see, slackCard, startChatStory } from '../support/chat-story.ts';
import { type Story, startStory } from '../support/story.ts';

let chat: ChatStory | undefined;
let second: Story | undefined;
afterEach(async () => {
  await second?.stop();
  await chat?.stop();
  chat = undefined;
  second = undefined;
});

const soon = (check: () => void | Promise<void>, ms = 20_000): Promise<void> => vi.waitFor(check, { timeout: ms, interval: 50 });
const titles = (messages: readonly { text: string }[]): string[] => messages.map(({ text }) => text);

test('both platforms go away mid-conversation: the backlog comes when they are back, once, and the request can still be decided', {
  timeout: 120_000,
}, async () => {
  chat = await startChatStory({ seed: 166 });
  const { slack, discord, people, story } = chat;
  await story.say('goal', { text: 'Earn the first practice dollar with a budget of $60' });
  const asks = discord.channel('approvals');
  await see(() => slackCard(slack, 'C1', /Goal 1/), 'the goal in Slack');
  await slack.stop();
  await discord.stop();
  const asked = await story.card(/^Approve \d+/);
  await soon(async () => {
    const response = await fetch(`http://127.0.0.1:${story.app.port}/readyz`);
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      slack: expect.stringMatching(/down|degraded/),
      discord: expect.stringMatching(/down|degraded/),
    });
  });
  await slack.restart();
  await discord.restart();
  const request = await see(() => discordCard(discord, asks, /Approve \d+/), 'the request in Discord after the outage');
  await see(() => slackCard(slack, 'C2', /Approve \d+/), 'the request in Slack after the outage');
  await readyBoth(story);
  await discord.click({ message: request, label: 'Approve $60.00', user: people.approver });
  await soon(() => expect(slackCard(slack, 'C2', /Request \d+/)?.text).toContain('approved'));
  expect((await story.rows('select status from approval where id = $1', [asked.ref?.id])).at(0)).toEqual({ status: 'approved' });

  await soon(async () => expect(await story.rows(`select 1 from delivery where sent_version < wanted_version`)).toEqual([]));
  const rows = await story.rows<{ n: number }>(
    `select count(*)::int as n from delivery where platform = 'slack' and place not like 'dm:%'`,
  );
  const lying = [...slack.posted('C1'), ...slack.posted('C2')].filter(({ ephemeralTo }) => ephemeralTo === null);
  expect(lying).toHaveLength(rows[0]?.n ?? -1);
  expect(new Set(titles(slack.posted('C2'))).size).toBe(slack.posted('C2').length);
});

test('a post whose answer was cut off is found again on both platforms, and lies there once', { timeout: 60_000 }, async () => {
  chat = await startChatStory({ seed: 166 });
  const { slack, discord, story } = chat;
  slack.failNext('chat.postMessage', { drop: true });
  discord.failNext('POST /channels/:channel/messages', { drop: 'effect' });
  await story.say('pause', { reason: 'to look' });
  await soon(async () =>
    expect(await story.rows('select platform, sent_version as sent from delivery order by platform')).toEqual([
      { platform: 'discord', sent: 1 },
      { platform: 'slack', sent: 1 },
    ]),
  );
  expect(slack.posted('C1').filter(({ text }) => text.includes('Paused'))).toHaveLength(1);
  expect(discord.messagesIn(discord.channel('goals')).filter(({ text }) => text.includes('Paused'))).toHaveLength(1);
});

test('one process holds the gateway; when it ends another hears Discord within five seconds, and Slack never stops', {
  timeout: 60_000,
}, async () => {
  chat = await startChatStory({ seed: 166 });
  const { slack, discord, people, story, env } = chat;
  second = await startStory({ share: story.database, env });
  await soon(() => expect(slack.sockets()).toBe(4));
  await story.app.stop();
  const stopped = performance.now();
  await slack.mention({ channel: 'C1', user: 'UVIEWER', text: 'status' });
  await soon(() => expect(titles(slack.posted('C1')).some((text) => /Idle|Working/.test(text))).toBe(true));
  await vi.waitFor(
    async () => {
      const seen = await discord.command({ name: 'status', channel: discord.channel('goals'), user: people.viewer });
      expect((await seen.answer(2_000)).text).toMatch(/Idle|Working/);
    },
    { timeout: 10_000, interval: 200 },
  );
  expect(performance.now() - stopped).toBeLessThan(9_000);
});
