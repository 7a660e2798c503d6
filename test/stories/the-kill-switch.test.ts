// Pause stops everything in every process, survives a restart, says what goes on outside, and ends only on purpose.
import { afterEach, expect, test, vi } from 'vitest';
import { createMarketClient } from '../../src/adapters/practice/market-client.ts';
import type { Database } from '../../src/db/database.ts';
import { readFarSide } from '../../src/domain/offers/far-side-store.ts';
import type { Tool } from '../../src/domain/tools/tool.ts';
import { createMarketTools } from '../../src/flows/tools/market-tools.ts';
import { brainEnv, finish, planReply, type ScriptedStory, sketchTask, startScriptedStory } from '../support/played-cases.ts';
import { FIRST_DOLLAR, launchFirstGoal, type Story, startStory } from '../support/story.ts';
import { addPerson, askForLaunch, farLaunches, goalStatus, lookAtClock, waitForRows } from '../support/witnesses.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.stop();
});
const begin = async (options: Parameters<typeof startStory>[0]): Promise<Story> => {
  const story = await startStory(options);
  open.push(story);
  return story;
};

test('paused, nothing is planned, claimed or launched, after a restart too; resume goes on where it stood', {
  timeout: 60_000,
}, async () => {
  const story = await begin({ seed: 1 });
  const { id } = await askForLaunch(story);
  expect((await story.say('pause', { reason: 'let me look' })).card).toMatchObject({
    title: 'Paused',
    text: expect.stringContaining('Nothing outside goes on'),
  });
  expect((await story.say('pause')).card.title).toBe('Paused already by console:owner');
  await story.say('approve', { id });
  await story.say('goal', { text: "Write a report on the practice market's offers" });
  await story.restart();
  const status = (await story.say('status')).card;
  expect(status).toMatchObject({ title: 'Paused', text: expect.stringContaining('Paused by console:owner') });
  expect(status.text).toContain('let me look');
  await lookAtClock(story);
  await story.say('goal', { id: 2, text: 'one more word' });
  await waitForRows(story, 'select count(*)::int as n from graphile_worker.jobs', [{ n: 0 }]);
  expect(await story.rows(`select status from task where kind = 'launch'`)).toEqual([{ status: 'pending' }]);
  expect(await story.rows(goalStatus)).toEqual([{ status: 'planning' }]);
  expect(await farLaunches(story)).toEqual([]);

  const viewer = await addPerson(story, 'console:vera', 'viewer');
  expect((await story.say('resume', {}, viewer)).status).toBe(403);
  expect((await story.say('resume')).card.title).toBe('Resumed by console:owner');
  await vi.waitFor(async () => expect(await farLaunches(story)).toHaveLength(3), { timeout: 15_000 });
  await waitForRows(story, goalStatus, [{ status: 'done' }]);
  expect((await story.say('resume')).card.title).toBe('Nothing was paused');
});

test('the card lists the launches that go on outside and what they use a day', { timeout: 60_000 }, async () => {
  const story = await begin({ seed: 1 });
  await launchFirstGoal(story);
  const { card } = await story.say('pause');
  expect(card.table?.rows.map((row) => row.slice(1))).toEqual([
    ['1', '$20.00', '$2.86'],
    ['1', '$20.00', '$2.86'],
    ['1', '$20.00', '$2.86'],
  ]);
  expect(card.text).toContain('about $8.57 of it per market day');
  expect(card.text).toContain('prepaid');
});

/** A model that answers nothing while `hanging` says so; its plan has two tasks, and each ends with nothing done. */
async function beginHanging(hanging: (ask: 'plan' | 'task') => boolean): Promise<ScriptedStory> {
  const plan = planReply([sketchTask('x', { key: 'write', kind: 'write' }), sketchTask('x', { key: 'read', kind: 'research' })]);
  const scripted = await startScriptedStory(
    ({ facts: { ask } }) => (hanging(ask) ? { fail: 'hang' } : ask === 'plan' ? plan : finish('nothing_done', 'enough')),
    { seed: 1 },
  );
  open.push(scripted);
  return scripted;
}

test('a model call on its way is broken off within 5 s, in another process too, and asked anew after resume', {
  timeout: 60_000,
}, async () => {
  let hang = true;
  const { story, double } = await beginHanging((ask) => hang && ask === 'task');
  const other = await begin({ seed: 1, share: story.database, env: brainEnv(double) });
  await other.say('goal', { text: 'Earn $5', budget: 60 });
  const asked = () => double.requests.filter((request) => request.body.response_format === undefined);
  await vi.waitFor(() => expect(asked()).toHaveLength(2), { timeout: 15_000 });
  const paused = performance.now();
  await other.say('pause');
  expect(await Promise.all(asked().map((request) => request.ended))).toEqual(['hung_up', 'hung_up']);
  await waitForRows(story, `select count(*)::int as n from task where status = 'running'`, [{ n: 0 }]);
  expect(performance.now() - paused).toBeLessThan(5_000);
  hang = false;
  await other.say('resume');
  await waitForRows(story, `select count(*)::int as n from task where status = 'failed'`, [{ n: 2 }]);
  expect(await story.rows('select distinct attempt from task')).toEqual([{ attempt: 1 }]);
});

test('drafting a plan is broken off as well, and drafted anew after resume', { timeout: 60_000 }, async () => {
  let hang = true;
  const { story, double } = await beginHanging((ask) => hang && ask === 'plan');
  await story.say('goal', { text: 'Earn $5', budget: 60 });
  await vi.waitFor(() => expect(double.requests).toHaveLength(1), { timeout: 15_000 });
  await story.say('pause');
  expect(await double.requests[0]?.ended).toBe('hung_up');
  expect(await story.rows(goalStatus)).toEqual([{ status: 'planning' }]);
  hang = false;
  await story.say('resume');
  await waitForRows(story, goalStatus, [{ status: 'failed' }]);
  expect(await story.rows('select count(*)::int as n from plan')).toEqual([{ n: 1 }]);
});

test.for(['pause', 'restart'])(
  'an approved launch that %s stopped before it left is made afterwards, once, under its own key',
  { timeout: 60_000 },
  async (what) => {
    let hang = true;
    const begun: string[] = [];
    const tools = (db: Database): Tool[] => {
      const market = createMarketClient({
        endpoint: async () => {
          const farSide = await readFarSide(db, null);
          return { url: farSide.url ?? '', apiKey: farSide.apiKey };
        },
      });
      return createMarketTools(market, db).map((tool) => (tool.name === 'market_launch' ? { ...tool, run: hangFirst(tool.run) } : tool));
    };
    const hangFirst =
      (run: Tool['run']): Tool['run'] =>
      async (input, context) => {
        begun.push(context.idempotencyKey);
        if (hang)
          await new Promise((_resolve, reject) =>
            context.signal.addEventListener('abort', () => reject(new Error('line cut')), { once: true }),
          );
        return run(input, context);
      };
    const story = await begin({ seed: 1, overrides: { tools } });
    await story.say('goal', { text: FIRST_DOLLAR });
    const id = (await story.card(/^Approve \d+/)).ref?.id;
    await story.say('approve', { id });
    await vi.waitFor(() => expect(begun).toHaveLength(1), { timeout: 15_000 });
    if (what === 'pause') {
      await story.say('pause');
      await waitForRows(story, `select status from task where kind = 'launch'`, [{ status: 'pending' }]);
      expect(await farLaunches(story)).toEqual([]);
      hang = false;
      await story.say('resume');
    } else {
      const stopped = story.app.stop();
      await stopped;
      expect(await farLaunches(story)).toEqual([]);
      hang = false;
      await story.restart();
    }
    await vi.waitFor(async () => expect(await farLaunches(story)).toHaveLength(3), { timeout: 15_000 });
    const far = await farLaunches(story);
    expect(far[0]?.key).toBe(begun[0]);
    expect(new Set(far.map((launch) => launch.key)).size).toBe(3);
    await waitForRows(story, `select distinct status from tool_call where tool = 'market_launch'`, [{ status: 'done' }]);
  },
);
