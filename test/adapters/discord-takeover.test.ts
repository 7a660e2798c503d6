// Discord under load and over the life of processes: many clicks at once, an orderly end in the middle of an answer, a killed listener.
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { type BotProcess, endBots, startBot } from '../support/bot-process.ts';
import { type DiscordStory, startDiscordStory, WAIT } from '../support/discord-double-story.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { FIRST_DOLLAR } from '../support/story.ts';

const CLICKS = process.env['JUG_TEST_LONG'] === '1' ? 200 : 40;

let at: DiscordStory | undefined;
afterEach(async () => {
  await endBots();
  await at?.stop();
  at = undefined;
});

test(`${CLICKS} clicks within a second are all acknowledged, and one of them decides`, { timeout: 60_000 }, async () => {
  at = await startDiscordStory();
  const { discord, people, approvals, story } = at;
  await story.say('goal', { text: FIRST_DOLLAR });
  const ask = await at.see(approvals, /Approve \d+/);
  const crowd = Array.from({ length: 19 }, (_, index) => discord.addPerson(`Person ${index}`));
  const everybody = [...crowd, people.approver];
  const clicks = await Promise.all(
    Array.from({ length: CLICKS }, async (_, index) => {
      const user = everybody[index % everybody.length] ?? people.approver;
      const due = index * 5;
      await new Promise((resolve) => setTimeout(resolve, due));
      return discord.click({ message: ask, label: 'Approve $60.00', user });
    }),
  );
  expect(clicks.map(({ ack }) => ack).filter((ack) => ack !== 'deferred-update')).toEqual([]);
  await at.see(approvals, /Request \d+[\s\S]*approved/);
  expect(await story.rows(`select id from audit where action = 'approval.decided' or action like 'approval.approve%'`)).toHaveLength(1);
  expect(discord.journal.faults).toEqual([]);
});

test('a click that is being answered when the bot is told to end is answered before it ends', { timeout: 60_000 }, async () => {
  at = await startDiscordStory();
  const { discord, people, approvals, story } = at;
  await story.say('goal', { text: FIRST_DOLLAR });
  const ask = await at.see(approvals, /Approve \d+/);
  const holdUp = new pg.Client(story.database.connection);
  await holdUp.connect();
  try {
    await holdUp.query('begin; lock table heard in access exclusive mode');
    const seen = await discord.click({ message: ask, label: 'Approve $60.00', user: people.viewer });
    expect(seen.ack).toBe('deferred-update');
    const stopped = story.app.stop();
    await vi.waitFor(() => expect(discord.connected).toBe(0), WAIT);
    await holdUp.query('commit');
    expect((await seen.answer()).text).toContain('approver');
    await stopped;
  } finally {
    await holdUp.end();
    await story.restart();
  }
});

test('when the process that listens is killed, another one hears Discord within 5 seconds', { timeout: 90_000 }, async () => {
  at = await startDiscordStory();
  const { discord, people, goals, env } = at;
  await at.story.app.stop();
  const database = await createTestDatabase();
  const bots: BotProcess[] = [await startBot({ database, env })];
  await vi.waitFor(() => expect(discord.connected).toBe(1), WAIT);
  bots.push(await startBot({ database, env }));
  const identified = () => discord.journal.gateway.filter(({ kind }) => kind === 'identify').length;
  const before = identified();
  await bots[0]?.kill();
  const killed = performance.now();
  await vi.waitFor(() => expect(identified()).toBe(before + 1), { timeout: 10_000, interval: 20 });
  const seen = await vi.waitFor(
    async () => {
      const each = await discord.command({ name: 'status', channel: goals, user: people.viewer });
      expect(each.ack).toBe('thinking');
      return each;
    },
    { timeout: 10_000, interval: 20 },
  );
  expect(performance.now() - killed).toBeLessThan(5_000);
  expect((await seen.answer()).text).toContain('### ');
  await endBots();
  await database.drop();
  await at.story.restart();
});
