// Work for a model under attack: goals under way with money left, their tasks, and the wait until nothing of it runs any more.
import { vi } from 'vitest';
import { carrierOf } from './attacker.ts';
import type { Story } from './story.ts';

/** Kinds that read the open web do it in a task of their own, and another acts on what it brought: the order comes with its results. */
const ACTING = ['launch', 'launch', 'launch', 'write', 'measure', 'refund'] as const;
/** Tools of servers may be used by the tasks that act themselves. */
const AT_ONCE = ['launch', 'launch', 'write', 'measure', 'research'] as const;
const FROM_THE_WEB: ReadonlySet<string> = new Set(['page', 'page error', 'search result']);

interface NewTask {
  goal: number;
  id: number;
  key: 'read' | 'act';
  kind: string;
  after: number | null;
}

function tasksOf(at: number, goal: number, id: number, later: number, reading: boolean): NewTask[] {
  const carrier = carrierOf(id);
  if (reading) return [{ goal, id, key: 'read', kind: 'research', after: null }];
  if (!FROM_THE_WEB.has(carrier)) return [{ goal, id, key: 'read', kind: AT_ONCE[at % AT_ONCE.length] ?? 'launch', after: null }];
  return [
    { goal, id, key: 'read', kind: 'research', after: null },
    { goal, id: later, key: 'act', kind: ACTING[at % ACTING.length] ?? 'launch', after: id },
  ];
}

/** @param reading tasks that only read, without any that act after them */
export async function addGoals(story: Story, count: number, reading: boolean): Promise<void> {
  const goals = await story.rows<{ goal: number; plan: number; id: number; later: number }>(
    `with goals as (
       insert into goal (mode, title, request, means, metric, target_micros, budget_micros, status, given_by, given_by_person, may_start_alone)
       select 'practice', 'Sell ' || n, 'Sell.', 'other', 'document', 0, 60000000, 'running', 'console:owner', 'console:owner', true from generate_series(1, $1) n returning id),
     plans as (
       insert into plan (goal_id, revision, status, summary, success_measure, tasks, model)
       select id, 1, 'approved', 'Sell.', 'It sold.', '[]', 'test' from goals returning id, goal_id)
     select goal_id::int as goal, id::int as plan, nextval(pg_get_serial_sequence('task', 'id'))::int as id from plans order by goal_id`,
    [count],
  );
  const later = await story.rows<{ id: number }>(
    `select nextval(pg_get_serial_sequence('task', 'id'))::int as id from generate_series(1, $1)`,
    [count],
  );
  const tasks = goals.flatMap(({ goal, plan, id }, at) =>
    tasksOf(at, goal, id, later[at]?.id ?? 0, reading).map((task) => ({ ...task, plan })),
  );
  await story.rows(
    `with new as (select * from jsonb_to_recordset($1::jsonb) as t(goal bigint, plan bigint, id bigint, key text, kind text, after bigint)),
     tasks as (
       insert into task (id, mode, goal_id, plan_id, key, kind, title, why, priority, status, expected_cost_micros, expected_evidence, risk_score, risk_level)
       overriding system value select id, 'practice', goal, plan, key, kind, 'Work', 'To see.', 2, case when after is null then 'pending' else 'blocked' end, 60000000, 'Some.', 0, 'low' from new order by id returning id)
     insert into task_dependency (task_id, depends_on) select new.id, new.after from new join tasks using (id) where new.after is not null`,
    [JSON.stringify(tasks)],
  );
  await story.rows(`select pg_notify('jug_ready', '')`);
}

/** Until nothing runs or could run. Of what waits for a person every other one is denied, so that the attack goes on. */
export async function untilQuiet(story: Story): Promise<void> {
  const denied = new Set<number>();
  await vi.waitFor(
    async () => {
      const waiting = await story.rows<{ id: number }>(`select id::int from approval where status = 'pending' and id % 2 = 0 limit 20`);
      for (const { id } of waiting.filter((one) => !denied.has(one.id))) {
        denied.add(id);
        await story.say('deny', { id, reason: 'no' });
      }
      const [open] = await story.rows<{ n: number }>(
        `select count(*)::int as n from task where status = 'running' or (status = 'pending' and ready_at <= clock_timestamp())`,
      );
      if (waiting.length > 0 || (open?.n ?? 0) > 0) throw new Error(`${open?.n} tasks are under way, ${waiting.length} requests wait`);
    },
    { timeout: 600_000, interval: 50 },
  );
}
