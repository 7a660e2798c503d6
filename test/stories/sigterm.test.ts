// SIGTERM with its hands full, and the far side slow to answer: the bot ends by itself in time, hands back what it holds, and another one
// finishes it without doing anything twice.
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endBots, startBot } from '../support/bot-process.ts';
import { type KnockServer, startKnockServer } from '../support/far-tool.ts';
import { addKnockTasks, serveKnockModel } from '../support/knock-tasks.ts';
import { type ModelDouble, startModelDouble } from '../support/model-double.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const TASKS = 24;
const KNOCKS = 2;

let database: TestDatabase;
let far: KnockServer;
let double: ModelDouble;
let own: pg.Pool;

beforeEach(async () => {
  [database, far, double] = await Promise.all([createTestDatabase(), startKnockServer(), startModelDouble()]);
  own = new pg.Pool({ ...database.connection, max: 1 });
});

afterEach(async () => {
  await endBots();
  await Promise.all([own.end(), far.close(), double.stop()]);
  await database.drop();
});

const count = async (where: string): Promise<number> =>
  (await own.query<{ count: number }>(`select count(*)::int as count from task where ${where}`)).rows[0]?.count ?? -1;

test('SIGTERM under load: exit 0 within ten seconds, the work handed back, another bot finishes it', { timeout: 120_000 }, async () => {
  const options = { database, knockUrl: far.url, env: serveKnockModel(double, KNOCKS) };
  const leaving = await startBot(options);
  await addKnockTasks(own, TASKS);
  await vi.waitFor(() => expect(far.knocks.length).toBeGreaterThan(8), { timeout: 30_000, interval: 5 });
  far.hold();
  await vi.waitFor(() => expect(far.unanswered).toBeGreaterThan(4), { timeout: 30_000, interval: 5 });
  const toldAt = performance.now();
  leaving.send('SIGTERM');
  expect(await leaving.exited).toBe(0);
  const tookMs = performance.now() - toldAt;
  if (process.env['JUG_TEST_FIGURES'] !== undefined) process.stderr.write(`ended ${Math.round(tookMs)} ms after SIGTERM\n`);
  expect(tookMs).toBeLessThan(10_000);
  expect(await count(`status = 'running'`)).toBe(0);
  expect(await count(`status <> 'done'`)).toBeGreaterThan(0);
  expect((await own.query('select 1 from process where stopped_at is null')).rowCount).toBe(0);

  far.release();
  await startBot(options);
  await vi.waitFor(async () => expect(await count(`status <> 'done'`)).toBe(0), { timeout: 60_000, interval: 25 });
  const { rows } = await own.query<{ key: string }>(
    `select idempotency_key as key from tool_call where tool = 'web_fetch' and status = 'done'`,
  );
  expect(rows).toHaveLength(TASKS * KNOCKS);
  expect(far.knocks.map((knock) => knock.key).toSorted()).toEqual(rows.map((row) => row.key).toSorted());
});
