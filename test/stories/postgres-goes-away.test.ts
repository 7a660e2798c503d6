// The database crashes and comes back, again and again, while the bot works: the bot lives, does not hammer at the door, and everything it
// was given is done exactly once. The books balance whenever one looks.
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BotProcess, endBots, startBot } from '../support/bot-process.ts';
import { type KnockServer, startKnockServer } from '../support/far-tool.ts';
import { addKnockTasks, serveKnockModel } from '../support/knock-tasks.ts';
import { type ModelDouble, startModelDouble } from '../support/model-double.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';

const LONG = process.env['JUG_TEST_LONG'] === '1';
const CRASHES = LONG ? 20 : 2;
/** Enough for all crashes to fall into the work. */
const TASKS_A_CRASH = LONG ? 100 : 16;

let server: OwnServer;
let far: KnockServer;
let double: ModelDouble;
let bot: BotProcess;

beforeEach(async () => {
  [server, far, double] = await Promise.all([startOwnServer(), startKnockServer(30), startModelDouble()]);
  // Every model call is reserved, settled and booked: money is in flight whenever the server goes.
  bot = await startBot({ database: server, knockUrl: far.url, env: serveKnockModel(double, 2, 1) });
});

afterEach(async () => {
  await endBots();
  await Promise.all([far.close(), double.stop()]);
  await server.stop();
});

async function ask<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  const client = new pg.Client(server.direct);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function addTasks(count: number): Promise<void> {
  const pool = new pg.Pool({ ...server.direct, max: 1 });
  pool.on('error', () => {});
  await addKnockTasks(pool, count);
  await pool.end();
}

async function expectBalance(): Promise<void> {
  const [sums] = await ask<{ wrong: number; empty: number }>(
    `select (select count(*)::int from (select 1 from posting group by journal_id, currency having sum(amount_micros) <> 0) w) as wrong,
      (select count(*)::int from journal j where not exists (select 1 from posting p where p.journal_id = j.id)) as empty`,
  );
  expect(sums).toEqual({ wrong: 0, empty: 0 });
}

test(`${CRASHES} crashes of the server under load, and a locked door: the bot lives, knocks at most once a second, and finishes all`, {
  timeout: 1_800_000,
}, async () => {
  for (let crash = 0; crash < CRASHES; crash += 1) {
    await addTasks(TASKS_A_CRASH);
    const heard = far.knocks.length;
    await vi.waitFor(() => expect(far.knocks.length).toBeGreaterThan(heard + 4), { timeout: 60_000, interval: 5 });
    await server.crash();
    await expectBalance();
  }
  await addTasks(TASKS_A_CRASH);
  server.shut();
  await vi.waitFor(() => expect(server.refusals.length).toBeGreaterThan(3), { timeout: 30_000, interval: 20 });
  server.open();
  const pauses = server.refusals.slice(1).map((at, index) => at - (server.refusals[index] ?? 0));

  await vi.waitFor(async () => expect(await ask(`select id, status, error from task where status <> 'done' limit 3`)).toEqual([]), {
    timeout: LONG ? 600_000 : 60_000,
    interval: 100,
  });
  expect(bot.hasExited).toBe(false);
  if (process.env['JUG_TEST_FIGURES'] !== undefined)
    process.stderr.write(`pauses between attempts: ${pauses.map(Math.round).join(', ')} ms\n`);
  expect(Math.min(...pauses)).toBeGreaterThan(990);
  const calls = await ask<{ key: string; status: string }>(
    `select idempotency_key as key, status from tool_call where tool = 'web_fetch' order by 1`,
  );
  expect(calls.filter((call) => call.status !== 'done')).toEqual([]);
  expect(far.knocks.map((knock) => knock.key).toSorted()).toEqual(calls.map((call) => call.key));
  await expectBalance();
});
