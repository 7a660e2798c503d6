// Nobody answers: nothing is spent, ever; only a harmless plan may start by itself, and a human decision that came first stands.
import { afterEach, expect, test, vi } from 'vitest';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';
import { addPerson, askForLaunch, farLaunches, goalStatus, lookAtClock, saysNo, waitForRows } from '../support/witnesses.ts';

let story: Story;
afterEach(() => story.stop());

const RACES = 100;

/** An operator's goal: its plan waits for an approver. Returns the request. */
async function askForPlan(): Promise<number> {
  const operator = await addPerson(story, 'console:oskar', 'operator');
  await story.say('goal', { text: FIRST_DOLLAR }, operator);
  const card = await story.card(/^Plan \d+ for goal/, (one) => one.buttons?.[0]?.command === 'approve');
  return Number(card.buttons?.[0]?.args['id']);
}

const make = (
  id: number,
  what: 'expires_at' | 'silence_approves_at' | 'remind_at',
  when = "clock_timestamp() - interval '1 second'",
): Promise<unknown> => story.rows(`update approval set ${what} = ${when} where id = $1`, [id]);

test("silence approves an operator's plan, which spends nothing, and never a launch", { timeout: 60_000 }, async () => {
  story = await startStory({ seed: 1 });
  const plan = await askForPlan();
  const [asked] = await story.rows<{ minutes: number; status: string }>(
    `select status, round(extract(epoch from silence_approves_at - created_at) / 60)::int as minutes from approval where id = $1`,
    [plan],
  );
  expect(asked).toEqual({ status: 'pending', minutes: 30 });
  expect(await story.rows('select 1 from task')).toEqual([]);
  await make(plan, 'silence_approves_at');
  const launch = await story.card(/^Approve \d+: .*market_launch/);
  expect(await story.rows(`select status, decided_by from approval where id = $1`, [plan])).toEqual([
    { status: 'approved', decided_by: 'silence' },
  ]);
  expect(await story.rows(`select actor from audit where action = 'approval.approved'`)).toEqual([{ actor: 'silence' }]);

  const id = launch.ref?.id ?? 0;
  expect(await story.rows('select silence_approves_at from approval where id = $1', [id])).toEqual([{ silence_approves_at: null }]);
  // Even a row that says otherwise: what is stored about the request is judged again.
  await make(id, 'silence_approves_at');
  await waitForRows(
    story,
    'select status, silence_approves_at from approval where id = $1',
    [{ status: 'pending', silence_approves_at: null }],
    [id],
  );
  expect(await farLaunches(story)).toEqual([]);
});

test('while everything is paused silence approves nothing, and afterwards it waits as much longer', { timeout: 60_000 }, async () => {
  story = await startStory({ seed: 1 });
  const id = await askForPlan();
  await story.say('pause');
  await story.rows(`update control set paused_at = paused_at - interval '20 minutes'`);
  await story.rows(`update approval set created_at = created_at - interval '40 minutes' where id = $1`, [id]);
  await make(id, 'silence_approves_at');
  await lookAtClock(story);
  // What is looked at after it has been looked at.
  await make(id, 'remind_at');
  await story.card(/^Still waiting: request/);
  expect(await story.rows('select status from approval')).toEqual([{ status: 'pending' }]);
  await story.say('resume');
  const left = `select status, round(extract(epoch from silence_approves_at - clock_timestamp()) / 60)::int as minutes from approval`;
  expect(await story.rows(left)).toEqual([{ status: 'pending', minutes: 20 }]);
  await make(id, 'silence_approves_at');
  await waitForRows(story, 'select status from approval where id = $1', [{ status: 'approved' }], [id]);
});

test('silence never approves unknown or higher risk, what cannot be undone, what reaches others, or money', {
  timeout: 60_000,
}, async () => {
  story = await startStory({ seed: 1 });
  const id = await askForPlan();
  const harmless = `risk_level = 'low', reversible = true, outward = false, amount_micros = 0`;
  // A risk nobody could work out is stored as critical.
  for (const change of [
    `risk_level = 'critical'`,
    `risk_level = 'high'`,
    `risk_level = 'medium'`,
    'reversible = false',
    'outward = true',
    'amount_micros = 1',
  ]) {
    await story.rows(`update approval set ${harmless} where id = $1`, [id]);
    await story.rows(`update approval set ${change}, silence_approves_at = clock_timestamp() - interval '1 minute' where id = $1`, [id]);
    await waitForRows(
      story,
      'select status, silence_approves_at from approval where id = $1',
      [{ status: 'pending', silence_approves_at: null }],
      [id],
    );
    expect(await story.rows('select 1 from task'), change).toEqual([]);
  }
});

test('JUG_AUTO_APPROVE_AFTER_MINUTES=0 turns silence off', { timeout: 60_000 }, async () => {
  story = await startStory({ seed: 1, env: { JUG_AUTO_APPROVE_AFTER_MINUTES: '0' } });
  const id = await askForPlan();
  expect(await story.rows('select silence_approves_at from approval where id = $1', [id])).toEqual([{ silence_approves_at: null }]);
});

test(`a no that was committed first stands, and silence that came first is told; in ${RACES} races never both`, {
  timeout: 90_000,
}, async () => {
  story = await startStory({ seed: 1 });
  await story.say('pause');
  await story.rows(
    `with g as (insert into goal (mode, title, request, means, metric, status, given_by, given_by_person)
       select 'practice', 'race ' || n, 'race', 'market', 'document', 'plan_review', 'console:oskar', 'console:oskar' from generate_series(1, ${RACES}) n returning id),
     p as (insert into plan (goal_id, revision, status, summary, success_measure, tasks, model) select id, 1, 'proposed', 's', 'm',
       '[{"key":"a","kind":"research","title":"Read","why":"why","dependsOn":[],"expectedCostUsd":0,"expectedEvidence":"a read","priority":"low"}]', 'm' from g returning id, goal_id)
     insert into approval (mode, kind, goal_id, plan_id, title, status, asked_by, amount_micros, risk_score, risk_level, factors, reversible, outward, story, request_hash, needed, type_amount, silence_approves_at, expires_at)
       select 'practice', 'plan', goal_id, id, 'race', 'pending', 'agent planner', 0, 0, 'low', '[]', true, false, '[]', 'h', 1, false, clock_timestamp() + interval '1 hour', clock_timestamp() + interval '1 day' from p`,
  );
  const ids = await story.rows<{ id: number }>('select id::int from approval order by id');
  expect(ids).toHaveLength(RACES);
  const answers: { id: number; ok: boolean; text: string }[] = [];
  for (const { id } of ids) {
    // The row falls due and the click comes in the same moment.
    const due = make(id, 'silence_approves_at');
    const answer = await story.say('deny', { id, reason: 'no' });
    await due;
    answers.push({ id, ok: answer.ok, text: saysNo(answer) });
  }
  await lookAtClock(story);
  await waitForRows(story, `select count(*)::int as n from approval where status = 'pending'`, [{ n: 0 }]);
  const rows = await story.rows<{ id: number; status: string; decided_by: string; goal: string; tasks: number }>(
    `select a.id::int, a.status, a.decided_by, g.status as goal, (select count(*)::int from task where goal_id = g.id) as tasks from approval a join goal g on g.id = a.goal_id order by a.id`,
  );
  for (const { id, ok, text } of answers) {
    const row = rows.find((one) => one.id === id);
    if (ok) expect(row).toMatchObject({ status: 'denied', decided_by: 'console:owner', goal: 'cancelled', tasks: 0 });
    else {
      expect(row).toMatchObject({ status: 'approved', decided_by: 'silence', goal: 'running', tasks: 1 });
      expect(text).toMatch(/^409 conflict: .*approved by silence at/);
    }
  }
  expect(answers.some((answer) => answer.ok)).toBe(true);
});

test('expiry means not done: nothing is launched, no other way is tried, a late click is told', { timeout: 60_000 }, async () => {
  story = await startStory({ seed: 1 });
  const { id } = await askForLaunch(story);
  const expired = make(id, 'expires_at');
  await expired;
  expect(saysNo(await story.say('approve', { id }))).toMatch(/^409 conflict: .*expired/);
  await waitForRows(story, goalStatus, [{ status: 'failed' }]);
  expect(await story.rows('select status, decided_by from approval')).toEqual([{ status: 'expired', decided_by: 'the clock' }]);
  expect(await story.rows(`select distinct status from tool_call where tool = 'market_launch'`)).toEqual([{ status: 'expired' }]);
  expect(await farLaunches(story)).toEqual([]);
  expect(saysNo(await story.say('approve', { id }))).toMatch(/^409 conflict: .*expired by the clock at \d{4}/);
  expect((await story.card(`Request ${id}`)).buttons).toBeUndefined();
});

test("an operator's plan that nobody decides on ends its goal", { timeout: 60_000 }, async () => {
  story = await startStory({ seed: 1 });
  await make(await askForPlan(), 'expires_at');
  await waitForRows(story, goalStatus, [{ status: 'cancelled' }]);
  expect(await story.rows('select 1 from task')).toEqual([]);
});

test('people are reminded at half-time and one hour before the end, the last time with the owners', { timeout: 60_000 }, async () => {
  story = await startStory({ seed: 1, env: { JUG_OWNERS: 'console:boss', JUG_APPROVERS: 'console:anna' } });
  const { id } = await askForLaunch(story);
  const [times] = await story.rows<{ half: number; end: number }>(
    `select round(extract(epoch from remind_at - created_at) / 3600)::int as half, round(extract(epoch from expires_at - created_at) / 3600)::int as end from approval`,
  );
  expect(times).toEqual({ half: 12, end: 24 });
  const reminders = async () =>
    (await story.posts()).filter((post) => post.card.title === `Still waiting: request ${id}`).map((post) => post.card);
  await make(id, 'remind_at');
  await vi.waitFor(async () => expect(await reminders()).toHaveLength(1), { timeout: 15_000 });
  const [first] = await reminders();
  expect(first?.text).toMatch(/expires in 24 hours.*console:anna/s);
  expect(first?.text).not.toContain('console:boss');
  expect(await story.rows(`select round(extract(epoch from expires_at - remind_at) / 60)::int as minutes from approval`)).toEqual([
    { minutes: 60 },
  ]);
  await story.rows(
    `update approval set expires_at = clock_timestamp() + interval '50 minutes', remind_at = clock_timestamp() - interval '1 second'`,
  );
  await vi.waitFor(async () => expect(await reminders()).toHaveLength(2), { timeout: 15_000 });
  expect((await reminders())[1]?.text).toMatch(/expires in 50 minutes.*console:anna.*console:boss/s);
  expect(await story.rows('select remind_at, status from approval')).toEqual([{ remind_at: null, status: 'pending' }]);
});

test("the database's clock decides, not the bot's", { timeout: 60_000 }, async () => {
  const threeDays = 3 * 86_400_000;
  let offset = threeDays;
  story = await startStory({ seed: 1, overrides: { clock: { now: () => new Date(Date.now() + offset) } } });
  const { id } = await askForLaunch(story);
  await make(id, 'remind_at');
  await story.card(`Still waiting: request ${id}`);
  expect(await story.rows('select status from approval')).toEqual([{ status: 'pending' }]);
  offset = -threeDays;
  await make(id, 'expires_at');
  await waitForRows(story, 'select status from approval', [{ status: 'expired' }]);
});
