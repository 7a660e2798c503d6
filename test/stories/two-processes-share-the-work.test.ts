// Two bots on one database: every task runs in one of them at a time, a dead one's work goes on in the other, and one that slept past its
// lease finds that nothing it still writes counts. The far side counts what was done. One story in three parts, on the same database.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type BotOptions, type BotProcess, endBots, startBot, type WarmBot, warmBot } from '../support/bot-process.ts';
import { type KnockServer, startKnockServer } from '../support/far-tool.ts';
import { addKnockTasks, serveKnockModel } from '../support/knock-tasks.ts';
import { type ModelDouble, startModelDouble } from '../support/model-double.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startWireProxy } from '../support/wire-proxy.ts';

const LONG = process.env['JUG_TEST_LONG'] === '1';
const TASKS = LONG ? 1_000 : 24;
const KNOCKS = 2;
/** Tasks at a time, over both: see serveKnockModel. */
const SLOTS = 8;
const PATIENCE = { timeout: LONG ? 300_000 : 60_000, interval: 20 };

let database: TestDatabase;
let far: KnockServer;
let double: ModelDouble;
let own: pg.Pool;
let options: BotOptions;
let bots: BotProcess[];
let third: WarmBot;
let given = 0;

beforeAll(async () => {
  [database, far, double] = await Promise.all([createTestDatabase(), startKnockServer(20), startModelDouble()]);
  own = new pg.Pool({ ...database.connection, max: 2 });
  options = { database, knockUrl: far.url, env: serveKnockModel(double, KNOCKS) };
  // The limit holds over both, and each reads it for itself: the second has room for work when the first has all that it may.
  const half = { ...options, env: { ...options.env, JUG_MAX_CONCURRENT_TASKS: String(SLOTS / 2) } };
  bots = await Promise.all([startBot(half), startBot(options)]);
  third = await warmBot(options);
}, 120_000);

afterAll(async () => {
  await endBots();
  await Promise.all([own.end(), far.close(), double.stop()]);
  await database.drop();
});

async function give(count: number): Promise<void> {
  given += count;
  await addKnockTasks(own, count);
}

async function countTasks(where: string): Promise<number> {
  const { rows } = await own.query<{ count: number }>(`select count(*)::int as count from task where ${where}`);
  return rows[0]?.count ?? -1;
}

const waitForAll = (): Promise<void> => vi.waitFor(async () => expect(await countTasks(`status <> 'done'`)).toBe(0), PATIENCE);

const knocksOf = (pid: number): number => far.knocks.filter((knock) => knock.pid === pid).length;

/** By what they hold of the last knocks, none of which is answered. */
function busiestFirst(): [BotProcess, BotProcess] {
  const held = (bot: BotProcess): number => far.knocks.slice(-SLOTS).filter((knock) => knock.pid === bot.pid).length;
  return bots.toSorted((one, two) => held(two) - held(one)) as [BotProcess, BotProcess];
}

/** Every knock that was asked for came exactly once, and no task knocked twice at the same time. */
async function expectExactlyOnce(): Promise<void> {
  const { rows } = await own.query<{ key: string; status: string }>(
    `select idempotency_key as key, status from tool_call where tool = 'web_fetch'`,
  );
  expect(rows.filter((row) => row.status !== 'done')).toEqual([]);
  expect(far.knocks.map((knock) => knock.key).toSorted()).toEqual(rows.map((row) => row.key).toSorted());
  expect(rows).toHaveLength(given * KNOCKS);
  expect(far.overlaps).toEqual([]);
}

test('both work, no task runs twice at once, each effect happens once', { timeout: 400_000 }, async () => {
  await give(TASKS);
  await waitForAll();
  await expectExactlyOnce();
  for (const bot of bots) expect(knocksOf(bot.pid)).toBeGreaterThan(0);
});

test('one is killed with its hands full: the other goes on within five seconds and loses nothing', { timeout: 400_000 }, async () => {
  far.hold();
  await give(TASKS);
  await vi.waitFor(() => expect(far.unanswered).toBe(SLOTS), { ...PATIENCE, interval: 5 });
  const [victim, heir] = busiestFirst();
  const { rows } = await own.query<{ id: number }>('select id::int from process where pid = $1', [victim.pid]);
  await victim.kill();
  const died = performance.now();
  const mine = `status = 'running' and lease_owner = ${rows[0]?.id}`;
  const left = await countTasks(mine);
  await vi.waitFor(async () => expect(await countTasks(mine)).toBe(0), { timeout: 5_000, interval: 5 });
  if (process.env['JUG_TEST_FIGURES'] !== undefined)
    process.stderr.write(`${left} tasks of the dead taken over after ${Math.round(performance.now() - died)} ms\n`);
  far.release();
  await waitForAll();
  await expectExactlyOnce();
  bots = [heir, third.start(options)];
  await bots[1]?.ready;
});

/** Time passes for its leases, and for nothing else. @returns how many tasks it held */
async function expireLeasesOf(pid: number): Promise<number> {
  const { rowCount } = await own.query(
    `update task set lease_until = clock_timestamp() - interval '1 second'
     where status = 'running' and lease_owner = (select id from process where pid = $1)`,
    [pid],
  );
  await own.query('notify jug_due');
  return rowCount ?? 0;
}

const readTasks = async (): Promise<unknown[]> =>
  (
    await own.query(
      `select t.id::int, t.updated_at::text, t.steps, (select json_agg(c order by c.id) from tool_call c where c.task_id = t.id) as calls from task t order by t.id`,
    )
  ).rows;

test('one sleeps past its leases and wakes up: nothing it still writes counts, nothing happens twice', { timeout: 400_000 }, async () => {
  far.hold();
  await give(SLOTS * 2);
  await vi.waitFor(() => expect(far.unanswered).toBe(SLOTS), { ...PATIENCE, interval: 5 });
  const [sleeper, other] = busiestFirst();
  sleeper.send('SIGSTOP');
  expect(await expireLeasesOf(sleeper.pid)).toBeGreaterThan(0);
  far.release();
  await waitForAll();
  const ended = await readTasks();
  sleeper.send('SIGCONT');
  // Once it works again, all it had to say about the old tasks is said; the other one leaves the new task to it.
  await other.kill();
  await give(1);
  await waitForAll();
  expect((await readTasks()).slice(0, -1)).toEqual(ended);
  await expectExactlyOnce();
  await sleeper.kill();
});

/** The one moment that a far side without keys cannot forgive: awake too late, with the request still in hand. Takes longer than a lease is sure. */
test.runIf(LONG)('one that slept between writing that it begins and beginning does not begin any more', { timeout: 400_000 }, async () => {
  const { host = '', port = 0 } = database.connection;
  const proxy = await startWireProxy({ target: { host, port } });
  const sleeper = await startBot({ ...options, through: proxy });
  let begun = false;
  proxy.onAnswer((_n, sql) => {
    begun ||= sql.includes("set status = 'executing'");
    if (begun) {
      proxy.onAnswer(null);
      sleeper.send('SIGSTOP');
    }
    return 'forward';
  });
  const heard = far.knocks.length;
  await give(1);
  await vi.waitFor(async () => expect((await own.query(`select 1 from tool_call where status = 'executing'`)).rowCount).toBe(1), PATIENCE);
  await sleep(31_000);
  const heir = await startBot(options);
  await expireLeasesOf(sleeper.pid);
  await waitForAll();
  sleeper.send('SIGCONT');
  await heir.kill();
  await give(1);
  await waitForAll();
  expect(far.knocks.slice(heard).map((knock) => knock.pid)).toEqual([heir.pid, heir.pid, sleeper.pid, sleeper.pid]);
  await expectExactlyOnce();
  await sleeper.kill();
  await proxy.close();
});
