// A platform goes away and comes back: nothing is lost, nothing comes twice, and what waits for people still waits.
import { setTimeout as sleep } from 'node:timers/promises';
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

const IS_LONG = process.env['JUG_TEST_LONG'] === '1';
/** Real ones in the long run; else every wait is set to where ten minutes of failing would have brought it. */
const OUTAGE_MS = IS_LONG ? 600_000 : 0;
const TOLD_MEANWHILE = IS_LONG ? 24 : 4;
const AGED = `update delivery set attempt = 20, trouble = coalesce(trouble, 'cannot be reached'), first_tried_at = clock_timestamp() - interval '10 minutes',
  next_at = clock_timestamp() + interval '29 seconds', leased_until = null where sent_version < wanted_version`;

const soon = (check: () => void | Promise<void>, ms = 20_000): Promise<void> => vi.waitFor(check, { timeout: ms, interval: 50 });
const titles = (messages: readonly { text: string }[]): string[] => messages.map(({ text }) => text);

test('both platforms are away for ten minutes mid-conversation: the backlog comes within a minute of their return, once, and the request can still be decided', {
  timeout: 180_000 + OUTAGE_MS,
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
  for (let at = 1; at <= TOLD_MEANWHILE; at += 1) {
    await story.say('pause', { reason: `look ${at}` });
    await story.say('resume');
    if (OUTAGE_MS > 0) await sleep(OUTAGE_MS / TOLD_MEANWHILE);
  }
  if (OUTAGE_MS === 0) await story.rows(AGED);
  await slack.restart();
  await discord.restart();
  const back = performance.now();
  const drained = soon(
    async () => expect(await story.rows(`select 1 from delivery where sent_version < wanted_version`)).toEqual([]),
    60_000,
  );
  const request = await see(() => discordCard(discord, asks, /Approve \d+/), 'the request in Discord after the outage', 60_000);
  await see(() => slackCard(slack, 'C2', /Approve \d+/), 'the request in Slack after the outage', 60_000);
  await drained;
  if (IS_LONG) process.stdout.write(`the backlog was drained ${Math.round(performance.now() - back)} ms after the return\n`);
  expect(slack.posted('C1').filter(({ text }) => /Paused/.test(text)).length).toBe(
    discord.messagesIn(discord.channel('goals')).filter(({ text }) => /Paused/.test(text)).length,
  );
  expect(await story.rows(`select status from approval where id = $1`, [asked.ref?.id])).toEqual([{ status: 'pending' }]);
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

test('one process holds the gateway; when it ends another hears Discord, and Slack never stops', {
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
