// Twenty people click at once on the same request, over two bots on one database, some Approve and some Deny: one decision counts, the far
// side sees at most one execution, and everyone else is told who decided and when.

import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { createKnockTool, type KnockServer, startKnockServer } from '../support/far-tool.ts';
import { addKnockTasks, createKnockModel } from '../support/knock-tasks.ts';
import { type Answer, type Story, startStory } from '../support/story.ts';

const REQUESTS = process.env['JUG_TEST_LONG'] === '1' ? 1_000 : 20;
const CALLERS = 20;
const AT_ONCE = 4;

let stories: Story[] = [];
let far: KnockServer | undefined;
let own: pg.Pool | undefined;

afterEach(async () => {
  await own?.end();
  for (const story of stories.toReversed()) await story.stop();
  await far?.close();
  stories = [];
});

interface Clicked {
  verdict: 'approve' | 'deny';
  answer: Answer;
}

/** Everybody at the same moment; even and odd callers go to different bots, every third says no. */
function clickAll(id: number): Promise<Clicked[]> {
  return Promise.all(
    Array.from({ length: CALLERS }, async (_, caller): Promise<Clicked> => {
      const verdict = (caller + id) % 3 === 0 ? 'deny' : 'approve';
      const story = stories[caller % stories.length] as Story;
      return { verdict, answer: await story.say(verdict, verdict === 'deny' ? { id, reason: `caller ${caller} objects` } : { id }) };
    }),
  );
}

test(`${REQUESTS} requests x ${CALLERS} callers over two bots: one decision each, at most one execution`, {
  timeout: 1_800_000,
}, async () => {
  far = await startKnockServer();
  const { url } = far;
  const settings = {
    env: { JUG_MAX_CONCURRENT_TASKS: '8', JUG_MAX_TASKS_PER_HOUR: '100000' },
    overrides: { model: createKnockModel(), tools: () => [createKnockTool(url, true)] },
  };
  const first = await startStory(settings);
  stories.push(first);
  stories.push(await startStory({ ...settings, share: first.database }));
  own = new pg.Pool({ ...first.database.connection, max: 1 });
  await addKnockTasks(own, REQUESTS);

  const decided = new Map<number, 'approve' | 'deny'>();
  const seen = new Set<number>();
  const clickOne = async (id: number): Promise<void> => {
    const clicks = await clickAll(id);
    const winners = clicks.filter(({ answer }) => answer.ok);
    expect(winners, `request ${id}`).toHaveLength(1);
    decided.set(id, winners[0]?.verdict ?? 'deny');
    for (const { answer } of clicks.filter((click) => !click.answer.ok)) {
      expect(answer.status).toBe(409);
      expect(answer.error?.message).toMatch(/was (approved|denied) by console:owner at \d{4}-\d\d-\d\dT/);
    }
  };
  await vi.waitFor(
    async () => {
      const open = await first.rows<{ id: number }>(
        `select id::int from approval where status = 'pending' and id <> all($1) order by id limit ${AT_ONCE}`,
        [[...seen]],
      );
      for (const { id } of open) seen.add(id);
      await Promise.all(open.map(({ id }) => clickOne(id)));
      if (decided.size < REQUESTS) throw new Error(`${decided.size} of ${REQUESTS} decided`);
    },
    { timeout: 1_700_000, interval: 10 },
  );
  await vi.waitFor(
    async () => {
      const [left] = await first.rows<{ count: number }>(`select count(*)::int as count from task where status not in ('done', 'failed')`);
      expect(left?.count).toBe(0);
    },
    { timeout: 60_000, interval: 50 },
  );

  const rows = await first.rows<{ id: number; status: string; key: string; decisions: number }>(
    `select a.id::int, a.status, c.idempotency_key as key,
      (select count(*)::int from audit where subject_kind = 'approval' and subject_id = a.id and action in ('approval.approved', 'approval.denied')) as decisions
     from approval a join tool_call c on c.approval_id = a.id order by a.id`,
  );
  expect(rows).toHaveLength(REQUESTS);
  const knocks = far.knocks.map((knock) => knock.key).toSorted();
  const approved = rows.filter((row) => row.status === 'approved');
  expect(knocks).toEqual(approved.map((row) => row.key).toSorted());
  for (const row of rows) {
    expect(row.decisions).toBe(1);
    expect(row.status).toBe(decided.get(row.id) === 'approve' ? 'approved' : 'denied');
  }
  // Both verdicts were in play, or the test says less than it seems.
  expect(new Set(decided.values()).size).toBe(2);
});
