// What the statements of an approval-gated run do as a whole: the claim and what it brings, the request and what goes along with it.

import type pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createDatabase, createPool, type Database } from '../../src/db/database.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { askAsleep, drawIds, readDraw } from '../../src/domain/approvals/ask-store.ts';
import { readGoalView } from '../../src/domain/goals/goal-view-store.ts';
import { PRIORITIES } from '../../src/domain/tasks/priority.ts';
import { claimTask } from '../../src/domain/tasks/run-view-store.ts';
import { type NewCall, turnAlong } from '../../src/domain/tools/call-store.ts';
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

test('a request of a run that lost its lease writes nothing; with its lease it writes all, under the ids that were drawn', async () => {
  await addTask('asks', 'high', 1);
  const { claimed } = await claimTask(db, { mode: 'practice', processId: owner, leaseSeconds: 60, maxRunning: 9, maxPerHour: 9 });
  if (claimed === null) throw new Error('nothing was claimed');
  const { task } = claimed;
  const drawn = readDraw((await readGoalView(db, goal, drawIds(1)))?.besides);
  const [callId = 0] = drawn.callIds;
  const turn = { mode: 'practice' as const, goalId: goal, taskId: task.id, fence: task.fence, attempt: task.attempt, seq: 1 };
  const said = turnAlong({ ...turn, text: 'now', model: 'm', inputTokens: null, outputTokens: null }, [newCall(callId)]);
  const asking = { ...request, goalId: goal, taskId: task.id, id: drawn.approvalId, callIds: [callId], expiresAt: drawn.at };
  const kept = () =>
    pool.query(
      `select a.id as approval, c.id as call, c.status, t.status as task from task t
      left join approval a on a.task_id = t.id left join tool_call c on c.approval_id = a.id where t.id = $1`,
      [task.id],
    );

  expect(await askAsleep(db, task.fence - 1, asking, said)).toBe(false);
  expect((await kept()).rows).toEqual([{ approval: null, call: null, status: null, task: 'running' }]);
  expect(await askAsleep(db, task.fence, asking, said)).toBe(true);
  expect((await kept()).rows).toEqual([{ approval: drawn.approvalId, call: callId, status: 'waiting_approval', task: 'waiting_approval' }]);
  await pool.query('delete from tool_call');
  await pool.query('delete from approval');
  await pool.query('delete from turn');
});

const newCall = (id: number): NewCall & { id: number } => ({
  id,
  callRef: '0',
  tool: 'market_launch',
  toolVersion: '1',
  act: 'launch',
  touches: 'money',
  arguments: {},
  requestHash: 'h',
  amountMicros: 1n,
  payee: null,
  effect: null,
  tainted: false,
  riskScore: 0,
  riskLevel: 'low',
  factors: [],
  status: 'waiting_approval',
  idempotencyKey: 'k',
  error: null,
  grantId: null,
});

const request = {
  mode: 'practice' as const,
  kind: 'act' as const,
  planId: null,
  title: 'launch',
  askedBy: 'agent',
  amountMicros: 1n,
  payee: null,
  riskScore: 0,
  riskLevel: 'low' as const,
  factors: [],
  reversible: true,
  outward: true,
  story: [],
  requestHash: 'h',
  needed: 1,
  typeAmount: false,
  expiryMs: 60_000,
  silenceMs: null,
};

test('what a run starts from says whether a grant is in force', async () => {
  const granted = async (key: string): Promise<boolean | undefined> => {
    await addTask(key, 'high', 1);
    const { claimed } = await claimTask(db, { mode: 'practice', processId: owner, leaseSeconds: 60, maxRunning: 9, maxPerHour: 9 });
    return claimed?.view.granted;
  };
  expect(await granted('before')).toBe(false);
  const add = `insert into standing_grant (mode, tool, tool_hash, each_micros, total_micros, uses, expires_at, created_by)
    values ($1, 't', 'h', 1, 1, 1, clock_timestamp() + $2::interval, 'p')`;
  await pool.query(add, ['live', '1 hour']);
  await pool.query(add, ['practice', '-1 hour']);
  expect(await granted('of another mode, or over')).toBe(false);
  await pool.query(add, ['practice', '1 hour']);
  expect(await granted('in force')).toBe(true);
  await pool.query('update standing_grant set revoked_at = clock_timestamp()');
  expect(await granted('revoked')).toBe(false);
});
