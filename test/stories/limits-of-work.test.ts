// What bounds the work, over all processes: tools a minute, tasks at once, tasks an hour. What is over a limit waits as a row and goes on; what waits holds no slot.
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createDatabase, createPool, type DatabaseOrTrx } from '../../src/db/database.ts';
import { beginCall } from '../../src/domain/tools/call-store.ts';
import type { Tool } from '../../src/domain/tools/tool.ts';
import type { ScriptedReply } from '../support/model-double-replies.ts';
import {
  type Asked,
  brainEnv,
  call,
  finish,
  giveCase,
  planReply,
  type ScriptedStory,
  sketchTask,
  startScriptedStory,
} from '../support/played-cases.ts';
import { type Story, startStory } from '../support/story.ts';
import { waitForRows } from '../support/witnesses.ts';

let scripted: ScriptedStory;
let second: Story | undefined;

afterEach(async () => {
  await second?.stop();
  second = undefined;
  await scripted.stop();
});

interface TaskRow {
  id: number;
  status: string;
  attempt: number;
  error: string | null;
  delay: number;
}

const tasksOf = (goal: number): Promise<TaskRow[]> =>
  scripted.story.rows<TaskRow>(
    `select id::int, status, attempt, error, extract(epoch from ready_at - clock_timestamp())::float8 as delay from task where goal_id = $1 order by id`,
    [goal],
  );
const statuses = async (goal: number): Promise<string[]> => (await tasksOf(goal)).map((task) => task.status);
const eventually = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 40 });
/** As if a later moment had come for rows that wait for one; the bot's own timer is told by the row. */
const tick = (): Promise<unknown> => scripted.story.rows(`select pg_notify('jug_due', '')`);

const twoReaders = (name: string): ScriptedReply =>
  planReply([sketchTask(name, { key: 'one', kind: 'research' }), sketchTask(name, { key: 'two', kind: 'research' })]);
const readAndEnd = ({ turn }: Asked): ScriptedReply => (turn === 0 ? call('market_offers') : finish());

/** In the place of web_fetch: counts its runs and may be called twice a minute. */
function countingTool(runs: string[]): Tool<{ page: string }> {
  return {
    name: 'web_fetch',
    version: '1',
    description: 'Reads a page.',
    input: z.object({ page: z.string() }),
    act: 'read',
    touches: 'nothing',
    reversible: true,
    reach: 'nobody',
    credentials: false,
    production: false,
    modes: ['practice'],
    taints: false,
    repeatable: true,
    rate: { perMinute: 2, perHour: 100 },
    quote: async () => ({ amountMicros: 0n, payee: null, effect: 'Reads a page.', expectedReturn: null }),
    run: async ({ page }) => {
      runs.push(page);
      return {
        ok: true,
        output: { page },
        evidence: [{ kind: 'outside_read', source: page, sha256: 'a'.repeat(64) }],
        spentMicros: 0n,
        receipt: null,
      };
    },
    reconcile: async () => ({ kind: 'never_happened' }),
  };
}

test("a call over its tool's rate is handed back with the task and made later, once, with nothing lost", async () => {
  const runs: string[] = [];
  const script = ({ facts, name, turn }: Asked): ScriptedReply => {
    if (facts.ask === 'plan')
      return planReply([
        sketchTask(name, { key: 'one', kind: 'research' }),
        sketchTask(name, { key: 'two', kind: 'research', dependsOn: ['one'] }),
      ]);
    if (facts.task.key === 'two') return turn === 0 ? call('market_offers') : finish();
    return turn === 0 ? { toolCalls: ['a', 'b', 'c'].map((page) => ({ name: 'web_fetch', arguments: { page } })) } : finish();
  };
  scripted = await startScriptedStory(script, { overrides: { tools: () => [countingTool(runs) as Tool] } });
  const goal = await giveCase(scripted.story, 'rate');
  await eventually(async () =>
    expect((await tasksOf(goal))[0]).toMatchObject({ status: 'pending', attempt: 1, error: "the tool's rate is used up" }),
  );
  const [waiting] = await tasksOf(goal);
  expect(waiting?.delay).toBeGreaterThan(5);
  expect(runs).toEqual(['a', 'b']);
  await scripted.story.rows(`update tool_call set started_at = started_at - interval '61 seconds' where tool = 'web_fetch'`);
  await scripted.story.rows(`update task set ready_at = clock_timestamp() + interval '20 milliseconds' where id = $1`, [waiting?.id]);
  await eventually(async () => expect(await statuses(goal)).toEqual(['done', 'done']));
  expect(runs).toEqual(['a', 'b', 'c']);
});

test("calls that begin at the same moment keep to their tool's rate together", async () => {
  const runs: string[] = [];
  const script = (asked: Asked): ScriptedReply => (asked.facts.ask === 'plan' ? twoReaders(asked.name) : readAndEnd(asked));
  scripted = await startScriptedStory(script, { overrides: { tools: () => [countingTool(runs)] } });
  const { story } = scripted;
  const goal = await giveCase(story, 'rivals');
  await eventually(async () => expect(await statuses(goal)).toEqual(['done', 'done']));
  // Two calls of two running tasks, as a process about to make them has them.
  await story.rows(
    `update task set status = 'running', lease_owner = (select max(id) from process), lease_until = clock_timestamp() + interval '1 hour', fence = 99`,
  );
  const calls = await story.rows<{ id: number; task: number }>(
    `update tool_call set status = 'proposed', tool = 'web_fetch', started_at = null where tool = 'market_offers' returning id::int, task_id::int as task`,
  );
  const pools = calls.map(() => createPool({ ...story.database.connection, max: 1 }, () => {}));
  const [one, two] = pools.map(createDatabase);
  const begin = (db: DatabaseOrTrx, index: number) => {
    const rate = { perMinute: 1, perHour: 100, atOnce: 3 };
    return beginCall(db, { id: calls[index]?.id ?? 0, taskId: calls[index]?.task ?? 0, fence: 99, tool: 'web_fetch', rate, retake: false });
  };
  let rival: Promise<string> | undefined;
  const first = await one?.transaction().execute(async (trx) => {
    const begun = await begin(trx, 0);
    rival = two === undefined ? undefined : begin(two, 1);
    await waitForRows(
      story,
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      [{ n: 1 }],
    );
    return begun;
  });
  expect([first, await rival]).toEqual(['begun', 'rate']);
  for (const pool of pools) await pool.end();
  await story.rows(`update task set status = 'done', lease_owner = null, lease_until = null`);
});

test('no more tasks start in an hour than allowed; status says so, and the rest goes on when the hour has passed', async () => {
  scripted = await startScriptedStory((asked) => (asked.facts.ask === 'plan' ? twoReaders(asked.name) : readAndEnd(asked)), {
    env: { JUG_MAX_TASKS_PER_HOUR: '3' },
  });
  const goals = [await giveCase(scripted.story, 'first'), await giveCase(scripted.story, 'second')];
  const all = async (): Promise<string[]> => (await Promise.all(goals.map(statuses))).flat().sort();
  await eventually(async () => expect(await all()).toEqual(['done', 'done', 'done', 'pending']));
  const { card } = await scripted.story.say('status');
  expect(card.text).toContain('the limit of tasks per hour is reached');
  expect(card.fields?.find((field) => field.label === 'Started in the last hour')?.value).toBe('3 of 3');
  await tick();
  expect(await all()).toEqual(['done', 'done', 'done', 'pending']);
  await scripted.story.rows(`update task set started_at = started_at - interval '61 minutes' where started_at is not null`);
  await tick();
  await eventually(async () => expect(await all()).toEqual(['done', 'done', 'done', 'done']));
});

test('two processes together run no more tasks at once than allowed', async () => {
  let inside = 0;
  let most = 0;
  const script = async (asked: Asked): Promise<ScriptedReply> => {
    if (asked.facts.ask === 'plan') return twoReaders(asked.name);
    inside += 1;
    most = Math.max(most, inside);
    const [row] = await scripted.story.rows<{ running: number }>(`select count(*)::int as running from task where status = 'running'`);
    most = Math.max(most, row?.running ?? 0);
    inside -= 1;
    return readAndEnd(asked);
  };
  const env = { JUG_MAX_CONCURRENT_TASKS: '2', JUG_MAX_TASKS_PER_HOUR: '10000' };
  scripted = await startScriptedStory(script, { env });
  second = await startStory({ share: scripted.story.database, env: { ...brainEnv(scripted.double), ...env } });
  const goals: number[] = [];
  for (let index = 0; index < 5; index += 1) goals.push(await giveCase(index % 2 === 0 ? scripted.story : second, `goal-${index}`));
  await eventually(async () => expect(await Promise.all(goals.map(statuses))).toEqual(goals.map(() => ['done', 'done'])));
  expect(most).toBe(2);
  const turns = await scripted.story.rows<{ count: number }>('select count(*)::int as count from turn');
  expect(turns).toEqual([{ count: 20 }]);
});

test('a task that waits holds no slot and asks no model; its event or its deadline wakes it', async () => {
  const script = (asked: Asked): ScriptedReply => {
    if (asked.facts.ask === 'plan')
      return asked.name === 'sleeper'
        ? planReply([
            sketchTask('sleeper', { key: 'one', kind: 'research' }),
            sketchTask('calm', { key: 'two', kind: 'research', dependsOn: ['one'] }),
          ])
        : twoReaders(asked.name);
    if (asked.name !== 'sleeper') return readAndEnd(asked);
    const waits = [
      call('wait', { minutes: 600, why: 'Only time can help.' }),
      call('wait', { forOrder: true, why: 'An order may come.' }),
      call('market_offers'),
    ];
    return waits[asked.turn] ?? finish();
  };
  scripted = await startScriptedStory(script, { env: { JUG_MAX_CONCURRENT_TASKS: '1' } });
  const sleeper = await giveCase(scripted.story, 'sleeper');
  await eventually(async () => expect((await tasksOf(sleeper))[0]).toMatchObject({ status: 'waiting' }));
  const [waiting] = await scripted.story.rows<{ lease_owner: number | null; wait_for: string; minutes: number }>(
    `select lease_owner, wait_for, extract(epoch from ready_at - clock_timestamp())::float8 / 60 as minutes from task where goal_id = $1 and key = 'one'`,
    [sleeper],
  );
  expect(waiting).toMatchObject({ lease_owner: null, wait_for: 'time' });
  expect(waiting?.minutes).toBeGreaterThan(598);
  const other = await giveCase(scripted.story, 'other');
  await eventually(async () => expect(await statuses(other)).toEqual(['done', 'done']));
  const asked = scripted.double.requests.length;
  await tick();
  expect(await statuses(sleeper)).toEqual(['waiting', 'blocked']);
  expect(scripted.double.requests.length).toBe(asked);
  // The time has come; then the order never comes, and the deadline does.
  await scripted.story.rows(
    `update task set ready_at = clock_timestamp() + interval '50 milliseconds' where goal_id = $1 and status = 'waiting'`,
    [sleeper],
  );
  await eventually(async () =>
    expect(await scripted.story.rows('select wait_for from task where goal_id = $1 and status = $2', [sleeper, 'waiting'])).toEqual([
      { wait_for: 'order' },
    ]),
  );
  const [deadline] = await scripted.story.rows<{ days: number; same: boolean }>(
    `select extract(epoch from wait_deadline - clock_timestamp())::float8 / 86400 as days, wait_deadline = ready_at as same from task where goal_id = $1 and key = 'one'`,
    [sleeper],
  );
  expect(deadline?.days).toBeLessThanOrEqual(14);
  expect(deadline?.same).toBe(true);
  await scripted.story.rows(
    `update task set ready_at = clock_timestamp() + interval '50 milliseconds', wait_deadline = clock_timestamp() + interval '50 milliseconds' where goal_id = $1 and status = 'waiting'`,
    [sleeper],
  );
  await eventually(async () => expect(await statuses(sleeper)).toEqual(['done', 'done']));
});
