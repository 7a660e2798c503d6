// Budgets inside the one reservation: every scope stops at its limit over two processes, warns once at four fifths, and a calendar month
// begins at the books' own midnight, also where clocks change.
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDatabase, createPool, type Database } from '../../src/db/database.ts';
import type { BudgetScope } from '../../src/db/tables/states.ts';
import { listBudgets, setBudget } from '../../src/domain/money/budget-store.ts';
import { type ReservationAnswer, reserve, settle } from '../../src/domain/money/reservation-store.ts';
import { setBookZone } from '../../src/domain/money/slice-store.ts';
import { addKnockTasks } from '../support/knock-tasks.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const NO_CAPS = { hourMicros: null, dayMicros: null, monthMicros: null, marketDayMicros: null, goalMicros: null, taskMicros: null };
let database: TestDatabase;
let pools: pg.Pool[];
let processes: [Database, Database];
let work: { goalId: number; taskId: number };
/** A call under the grant of experiment 1, and its experiment's number as a budget names it. */
let underGrant: number;
let experiment: string;

beforeAll(async () => {
  database = await createTestDatabase();
  pools = [8, 8].map((max) => createPool({ ...database.connection, max }, () => {}));
  processes = pools.map(createDatabase) as [Database, Database];
  const [taskId = 0] = await addKnockTasks(pools[0] as pg.Pool, 1);
  work = { taskId, goalId: Number((await pools[0]?.query('select goal_id from task'))?.rows[0].goal_id) };
  const added = await pools[0]?.query(
    `with e as (insert into experiment (mode, goal_id, name, source, risk_class, contract, contract_hash, max_loss_micros, budget_micros, created_by, state_deadline)
         values ('practice', $1, 'E', 'test', 'low', '{}', '', 1, 1, 'test', now()) returning id),
       g as (insert into standing_grant (mode, tool, tool_hash, each_micros, total_micros, uses, expires_at, created_by, experiment_id) select 'practice', 't', '', 1, 1, 1, now(), 'test', id from e returning id, experiment_id),
       turn as (insert into turn (goal_id, task_id, attempt, seq, text, model) values ($1, $2, 1, 1, '', 'm') returning id)
     insert into tool_call (mode, goal_id, task_id, turn_id, call_ref, attempt, tool, tool_version, act, touches, arguments, tainted, risk_score, risk_level, factors, status, idempotency_key, grant_id)
       select 'practice', $1, $2, turn.id, 'c', 1, 't', '1', 'launch', 'money', '{}', false, 0, 'low', '[]', 'approved', 'k', g.id from g, turn returning id, (select experiment_id from g) as experiment`,
    [work.goalId, taskId],
  );
  underGrant = Number(added?.rows[0].id);
  experiment = String(added?.rows[0].experiment);
});
beforeEach(async () => {
  for (const table of ['reservation', 'budget', 'cap_warning']) await pools[0]?.query(`delete from ${table}`);
  await setBookZone(processes[0], 'UTC');
});
afterAll(async () => {
  for (const pool of pools) await pool.end();
  await database.drop();
});

const spend = (
  dollars: number,
  { call = null, ...spender }: Partial<{ agent: string; tool: string; model: string; call: number | null }> = {},
  process = 0,
): Promise<ReservationAnswer> =>
  reserve(processes[process] as Database, {
    mode: 'live',
    kind: 'model',
    ...work,
    toolCallId: call,
    amountMicros: BigInt(dollars * 1_000_000),
    status: 'held',
    caps: NO_CAPS,
    spender: { agent: 'a', tool: null, model: 'm', ...spender },
  });
const limit = (scope: BudgetScope, name: string, dollars: number) =>
  setBudget(processes[0], { mode: 'live', scope, name, limitMicros: BigInt(dollars) * 1_000_000n, setBy: 'test' });

test.each<[BudgetScope, string, Parameters<typeof spend>[1]]>([
  ['agent', 'a', { agent: 'b' }],
  ['tool', 't:1', {}],
  ['model', 'm', { model: 'n' }],
  ['goal_budget', 'goal', undefined],
  ['experiment', 'experiment', {}],
  ['calendar_month', '', undefined],
])('the %s budget: forty callers on two processes stop at it, warn once, and it stops nobody else', async (scope, name, other) => {
  const named = scope === 'goal_budget' ? String(work.goalId) : scope === 'experiment' ? experiment : name;
  await limit(scope, named, 10);
  const own = scope === 'tool' ? { tool: 't:1' } : scope === 'experiment' ? { call: underGrant } : {};
  const answers = await Promise.all(Array.from({ length: 40 }, (_, caller) => spend(0.5, own, caller % 2)));
  expect(answers.filter(({ kind }) => kind === 'reserved')).toHaveLength(20);
  const stopped = { kind: 'refused', cap: scope, name: named, usedMicros: 10_000_000n, limitMicros: 10_000_000n };
  expect(answers.find(({ kind }) => kind === 'refused')).toEqual(stopped);
  const warnings = await pools[0]?.query('select cap, name, used_micros::int as used, goal_id from cap_warning');
  expect(warnings?.rows).toEqual([{ cap: scope, name: named, used: 8_000_000, goal_id: scope === 'goal_budget' ? work.goalId : null }]);
  if (other !== undefined) expect((await spend(5, other)).kind).toBe('reserved');
  const [use] = await listBudgets(processes[1], 'live');
  expect(use).toMatchObject({ scope, name: named, usedMicros: 10_000_000n, limitMicros: 10_000_000n });
  // What cost less than was reserved may be spent again; a raised limit holds from the next call on, and warns anew.
  const first = answers.find((answer) => answer.kind === 'reserved');
  await settle(processes[1], first?.kind === 'reserved' ? first.id : 0, 0n);
  expect((await spend(0.5, own, 1)).kind).toBe('reserved');
  await limit(scope, named, 20);
  expect((await spend(7, own, 1)).kind).toBe('reserved');
  expect((await pools[0]?.query('select 1 from cap_warning'))?.rows).toHaveLength(2);
  await setBudget(processes[0], { mode: 'live', scope, name: named, limitMicros: null, setBy: 'test' });
  expect((await spend(100, own)).kind).toBe('reserved');
});

test.each([
  ['America/New_York', '2026-03-01T05:00:00Z', '2026-04-01T04:00:00Z'],
  ['Europe/Berlin', '2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z'],
  ['Pacific/Kiritimati', '2026-01-31T10:00:00Z', '2026-02-28T10:00:00Z'],
])('a month in %s begins at %s and ends at %s, whatever the clocks did in it', async (zone, begins, ends) => {
  await setBookZone(processes[0], zone);
  const monthOf = async (at: string): Promise<string> =>
    (
      await pools[0]?.query(`select to_json(date_trunc('month', $1::timestamptz at time zone $2) at time zone $2)#>>'{}' as start`, [
        at,
        zone,
      ])
    )?.rows[0].start;
  const before = (at: string) => new Date(Date.parse(at) - 1000).toISOString();
  expect(new Date(await monthOf(before(ends))).getTime()).toBe(Date.parse(begins));
  expect(new Date(await monthOf(ends)).getTime()).toBe(Date.parse(ends));
  // The function and the card agree on what belongs to this month.
  await limit('calendar_month', '', 10);
  const now = (await pools[0]?.query(`select date_trunc('month', now() at time zone $1) at time zone $1 as start`, [zone]))?.rows[0]
    .start as Date;
  await spend(4);
  await pools[0]?.query('update reservation set created_at = $1', [new Date(now.getTime() - 1)]);
  await spend(6);
  await pools[0]?.query('update reservation set created_at = $1 where created_at >= $1', [now]);
  expect((await listBudgets(processes[0], 'live'))[0]?.usedMicros).toBe(6_000_000n);
  expect((await spend(5)).kind).toBe('refused');
  expect((await spend(4)).kind).toBe('reserved');
});
