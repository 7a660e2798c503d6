// Which task is claimed next, by the database's own rule: the priority first, but ten minutes of waiting are worth one step of it.

import type pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createDatabase, createPool, type Database } from '../../src/db/database.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { PRIORITIES } from '../../src/domain/tasks/priority.ts';
import { claimTask } from '../../src/domain/tasks/run-view-store.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let pool: pg.Pool;
let goal = 0;
let plan = 0;
let owner = 0;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ ...database.connection, max: 4 }, () => undefined);
  await migrateToLatest(pool);
  db = createDatabase(pool);
  const one = async (sql: string, values: unknown[] = []): Promise<number> => Number((await pool.query(sql, values)).rows[0].id);
  goal = await one(
    `insert into goal (mode, title, request, means, status, given_by, given_by_person) values ('practice', 'g', 'g', 'other', 'running', 'console:owner', 'owner') returning id`,
  );
  plan = await one(
    `insert into plan (goal_id, revision, status, summary, success_measure, tasks, model) values ($1, 1, 'approved', '', '', '[]', 'm') returning id`,
    [goal],
  );
  owner = await one(`insert into process (pool_id, host, pid) values ('p', 'h', 1) returning id`);
});

afterEach(() => pool.query('delete from task'));

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Adds a task that has been ready for so many minutes; negative: not yet. */
async function addTask(key: string, priority: keyof typeof PRIORITIES, minutes: number): Promise<void> {
  await pool.query(
    `insert into task (mode, goal_id, plan_id, key, kind, title, why, priority, status, expected_cost_micros, expected_evidence, risk_score, risk_level, ready_at)
     values ('practice', $1, $2, $3, 'research', 't', 'w', $4, 'pending', 0, 'e', 0, 'low', clock_timestamp() - make_interval(mins => $5))`,
    [goal, plan, key, PRIORITIES[priority], minutes],
  );
}

const claim = async (limits: { atOnce: number; anHour: number } = { atOnce: 100, anHour: 10_000 }): Promise<string | undefined> => {
  const { claimed } = await claimTask(db, {
    mode: 'practice',
    processId: owner,
    leaseSeconds: 60,
    maxRunning: limits.atOnce,
    maxPerHour: limits.anHour,
  });
  return claimed?.task.key;
};

async function claimAll(): Promise<string[]> {
  const keys: string[] = [];
  for (let key = await claim(); key !== undefined; key = await claim()) keys.push(key);
  await pool.query('delete from task');
  return keys;
}

test('tasks that became ready together go by priority, equal ones by age', async () => {
  await addTask('low', 'low', 0);
  await addTask('medium', 'medium', 0);
  await addTask('older_medium', 'medium', 1);
  await addTask('critical', 'critical', 0);
  await addTask('high', 'high', 0);
  expect(await claimAll()).toEqual(['critical', 'high', 'older_medium', 'medium', 'low']);
});

test('ten minutes of waiting are one step, so the lowest passes a fresh critical one after thirty', async () => {
  await addTask('low_29', 'low', 29);
  await addTask('critical', 'critical', 0);
  await addTask('low_31', 'low', 31);
  await addTask('high_11', 'high', 11);
  expect(await claimAll()).toEqual(['low_31', 'high_11', 'critical', 'low_29']);
});

test('nothing is claimed before it is ready, while paused, or over a limit', async () => {
  await addTask('later', 'critical', -5);
  expect(await claim()).toBeUndefined();
  await addTask('now', 'low', 0);
  await addTask('too', 'low', 0);
  await pool.query('update control set paused_at = clock_timestamp()');
  expect(await claim()).toBeUndefined();
  await pool.query('update control set paused_at = null');
  expect(await claim({ atOnce: 0, anHour: 10 })).toBeUndefined();
  expect(await claim({ atOnce: 5, anHour: 1 })).toBe('now');
  expect(await claim({ atOnce: 1, anHour: 10 })).toBeUndefined();
  expect(await claim({ atOnce: 5, anHour: 1 })).toBeUndefined();
  expect(await claim({ atOnce: 5, anHour: 2 })).toBe('too');
});

test('a task that has started before is no new start: it goes on although the hour is used up', async () => {
  await addTask('begun', 'low', 0);
  await addTask('fresh', 'critical', 0);
  await pool.query(`update task set started_at = clock_timestamp() where key = 'begun'`);
  expect(await claim({ atOnce: 5, anHour: 1 })).toBe('begun');
  expect(await claim({ atOnce: 5, anHour: 1 })).toBeUndefined();
});

test('callers at the same moment never share a task, and never exceed what may run at once', async () => {
  for (let index = 0; index < 30; index += 1) await addTask(`task_${index}`, 'medium', 0);
  const claims = await Promise.all(Array.from({ length: 60 }, () => claim({ atOnce: 20, anHour: 10_000 })));
  const taken = claims.filter((key) => key !== undefined);
  expect(taken.length).toBe(20);
  expect(new Set(taken).size).toBe(20);
});
