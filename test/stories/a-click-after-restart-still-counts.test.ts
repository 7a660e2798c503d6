// Requests are rows: a restart between ask and click, or between click and act, loses nothing and doubles nothing.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Story, startStory } from '../support/story.ts';
import { askForLaunch, farLaunches, goalStatus, waitForRows } from '../support/witnesses.ts';

let story: Story;
beforeEach(async () => {
  story = await startStory({ seed: 1 });
});
afterEach(() => story.stop());

const waitForLaunches = (): Promise<void> =>
  vi.waitFor(async () => expect((await farLaunches(story)).map((launch) => launch.cents)).toEqual([2000, 2000, 2000]), { timeout: 15_000 });

test('a click on a card that was posted before a restart counts, once', { timeout: 60_000 }, async () => {
  const { id, card } = await askForLaunch(story);
  const button = card.buttons?.[0];
  await story.restart();
  expect(await story.card(/^Approve \d+/)).toEqual(card);
  expect(await farLaunches(story)).toEqual([]);
  expect(button).toMatchObject({ command: 'approve', args: { id } });
  expect((await story.say('approve', button?.args)).ok).toBe(true);
  expect((await story.say('approve', button?.args)).status).toBe(409);
  await waitForLaunches();
  await story.restart();
  await waitForRows(story, `select status from task where kind = 'launch'`, [{ status: 'done' }]);
  expect(await farLaunches(story)).toHaveLength(3);
  expect(new Set((await farLaunches(story)).map((launch) => launch.key)).size).toBe(3);
});

test('a restart between the click and the act: what was approved is done, without another question', { timeout: 60_000 }, async () => {
  const { id } = await askForLaunch(story);
  // Paused, so that the act provably has not begun when the process goes.
  await story.say('pause');
  await story.say('approve', { id });
  const turns = await story.rows('select count(*)::int as n from turn');
  await story.restart();
  expect(await farLaunches(story)).toEqual([]);
  await story.say('resume');
  await waitForLaunches();
  const keys = await story.rows<{ key: string }>(`select idempotency_key as key from tool_call where tool = 'market_launch' order by id`);
  expect((await farLaunches(story)).map((launch) => launch.key)).toEqual(keys.map((row) => row.key));
  await waitForRows(story, `select status from task where kind = 'launch'`, [{ status: 'done' }]);
  // The approved calls ran as they were; the model was asked again only about what to do after them.
  expect(
    await story.rows(`select count(*)::int as n from turn where task_id = (select id from task where kind = 'launch') and seq = 1`),
  ).toEqual([{ n: 1 }]);
  expect(turns).toEqual([{ n: expect.any(Number) }]);
  expect(await story.rows('select count(*)::int as n from approval')).toEqual([{ n: 1 }]);
});

test('a card that is missing or out of date is posted or repaired at the next start; a decided one is left alone', {
  timeout: 60_000,
}, async () => {
  const { id, card } = await askForLaunch(story);
  await story.rows('delete from message where key = $1', [`approval:${id}`]);
  expect((await story.posts()).some((post) => post.card.ref?.kind === 'approval')).toBe(false);
  await story.restart();
  expect(await story.card(/^Approve \d+/)).toEqual(card);
  await story.rows(`update message set card = jsonb_set(card, '{title}', '"Approve ${id}: as an older version drew it"') where key = $1`, [
    `approval:${id}`,
  ]);
  await story.restart();
  expect(await story.card(/^Approve \d+/, (one) => one.title === card.title)).toEqual(card);
  await story.say('deny', { id, reason: 'no' });
  await waitForRows(story, goalStatus, [{ status: 'failed' }]);
  const before = await story.posts();
  await story.restart();
  await story.say('status');
  expect(await story.posts()).toEqual(before);
});
