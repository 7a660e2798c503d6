// A person says something: what becomes a draft, a question, a plan or an honest "I can't", and how a goal ends when it ends early.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ScriptedReply } from '../support/model-double-replies.ts';
import { type Asked, call, finish, planReply, sketchTask, startScriptedStory } from '../support/played-cases.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';
import { addPerson, askForLaunch, farLaunches, field, goalStatus, lookAtClock, saysNo, waitForRows } from '../support/witnesses.ts';

let story: Story;
beforeEach(async () => {
  story = await startStory({ seed: 1 });
});
afterEach(() => story.stop());

const nothingRuns = async (): Promise<void> => {
  await lookAtClock(story);
  expect(await story.rows('select count(*)::int as n from plan')).toEqual([{ n: 0 }]);
  expect(await story.rows('select count(*)::int as n from task')).toEqual([{ n: 0 }]);
};

test('free text is answered with a draft, edited and given a budget, and nothing runs before Start', { timeout: 60_000 }, async () => {
  const { card } = await story.type('Earn $5');
  expect(card.title).toBe('Draft goal 1');
  expect(card.text).toContain('Nothing runs before Start');
  expect(card.buttons?.map((button) => button.label)).toEqual(['Start', 'Edit…', 'Set a budget…', 'Just a question']);
  expect(field(card, 'Budget')).toContain('$0');
  await nothingRuns();
  const edited = await story.say('goal', { draft: 1, text: FIRST_DOLLAR });
  expect(field(edited.card, 'Budget')).toBe('$60.00');
  expect(field((await story.say('goal', { draft: 1, budget: 30 })).card, 'Budget')).toBe('$30.00');
  await nothingRuns();
  expect(await story.rows(goalStatus)).toEqual([{ status: 'draft' }]);
  expect((await story.say('goal', { draft: 1 })).ok).toBe(true);
  const asked = await story.card(/^Approve \d+/);
  expect(field(asked, 'Amount')).toBe('$30.00');
  expect(saysNo(await story.say('goal', { draft: 1 }))).toMatch(/^409 conflict: .*started already/);
  expect(saysNo(await story.say('goal', { draft: 1, text: 'something else' }))).toMatch(/^409/);
});

test('a goal without a measurable outcome is asked about, and the answer in its thread goes on', { timeout: 60_000 }, async () => {
  await story.say('goal', { text: 'Do something useful on the practice market with a budget of $60' });
  const card = await story.card(/^Goal 1/, (one) => one.text?.includes('How will we know') === true);
  expect(card.tone).toBe('ask');
  await story.type('I cannot say', { goalId: 1 });
  await story.card(/^Goal 1/, (one) => one.text?.includes('How will we know') === true);
  expect(await story.rows('select count(*)::int as n from plan')).toEqual([{ n: 0 }]);
  await story.type('$20 of profit', { goalId: 1 });
  await story.card(/^Approve \d+/);
  expect(await story.rows('select metric, target_micros from goal')).toEqual([{ metric: 'profit', target_micros: '20000000' }]);
  expect(await story.rows(`select notes from goal`)).toEqual([
    { notes: [expect.objectContaining({ by: 'console:owner', text: 'I cannot say' }), expect.objectContaining({ text: '$20 of profit' })] },
  ]);
});

test('a goal with other means gets an honest no with examples to click, and touches no market', { timeout: 60_000 }, async () => {
  await story.say('goal', { text: 'Earn $50 by knitting scarves and selling them at the harbour with a budget of $60' });
  const card = await story.card(/can't do this one/);
  expect(card.text).toContain('is no language model');
  expect(card.text).toContain('OPENAI');
  expect(card.buttons).toHaveLength(3);
  for (const button of card.buttons ?? []) expect(button.command).toBe('goal');
  await waitForRows(story, goalStatus, [{ status: 'cancelled' }]);
  await nothingRuns();
  expect(await farLaunches(story)).toEqual([]);
  // The examples are goals it can do.
  await story.say('goal', card.buttons?.[0]?.args);
  await story.card(/^Approve \d+/);
});

test.for(['60', 'take $60'])(
  'without a budget it reads, writes and asks for one; "%s" in the thread lets it go on with all of it',
  { timeout: 60_000 },
  async (answer) => {
    await story.say('goal', { text: 'Earn the first practice dollar' });
    const card = await story.card(/^Goal 1/, (one) => one.text?.includes('need a budget') === true);
    expect(field(card, 'Budget')).toContain('$0');
    expect(await story.rows(`select kind, status from task order by id`)).toEqual([
      { kind: 'research', status: 'done' },
      { kind: 'write', status: 'done' },
    ]);
    expect(await story.rows('select 1 from approval')).toEqual([]);
    if (answer === '60') {
      expect(saysNo(await story.type('go on please', { goalId: 1 }))).toMatch(/^400.*names no budget/);
      expect(await story.rows(goalStatus)).toEqual([{ status: 'question' }]);
    }
    expect((await story.type(answer, { goalId: 1 })).ok).toBe(true);
    expect(field(await story.card(/^Approve \d+/), 'Amount')).toBe('$60.00');
  },
);

test('words that could change nothing are refused, never swallowed', { timeout: 60_000 }, async () => {
  await askForLaunch(story);
  expect(saysNo(await story.say('goal', { id: 1, budget: 500 }))).toMatch(/^409 conflict: .*budget stays \$60\.00/);
  expect((await story.type('keep it up', { goalId: 1 })).ok).toBe(true);
  await story.say('cancel', { goal: 1 });
  expect(saysNo(await story.type('and go on', { goalId: 1 }))).toMatch(/^409 conflict: .*ended/);
  expect((await story.say('goal', { id: 1, text: 'x', budget: 'a lot' })).error?.fields).toHaveProperty('budget');
  expect((await story.say('goal', { id: 77, text: 'x' })).status).toBe(404);
});

test('a goal whose deadline passes ends with everything that hangs on it', { timeout: 60_000 }, async () => {
  const { id } = await askForLaunch(story);
  await story.rows(`update goal set deadline = clock_timestamp() - interval '1 second'`);
  await lookAtClock(story);
  await waitForRows(story, 'select status, stop_reason from goal', [{ status: 'failed', stop_reason: 'its deadline has passed' }]);
  expect(await story.rows('select status from approval')).toEqual([{ status: 'cancelled' }]);
  expect(saysNo(await story.say('approve', { id }))).toMatch(/^409 conflict: .*cancelled by/);
  expect(await story.rows(`select count(*)::int as n from task where status not in ('done', 'cancelled')`)).toEqual([{ n: 0 }]);
  expect(await farLaunches(story)).toEqual([]);
  expect((await story.card(`Request ${id}`)).buttons).toBeUndefined();
});

test('cancelling a goal closes its requests and tasks; cancelling a task stops what depended on it; retry starts it afresh', {
  timeout: 60_000,
}, async () => {
  const { id } = await askForLaunch(story);
  const [launch] = await story.rows<{ id: number }>(`select id::int from task where kind = 'launch'`);
  expect((await story.say('cancel', { task: launch?.id })).ok).toBe(true);
  expect(saysNo(await story.say('approve', { id }))).toMatch(/^409 conflict: .*cancelled/);
  await waitForRows(story, goalStatus, [{ status: 'failed' }]);
  expect((await story.say('cancel', { task: launch?.id })).status).toBe(409);
  expect((await story.say('retry', { task: launch?.id })).ok).toBe(true);
  const again = await story.card(/^Approve \d+/, (card) => card.ref?.id !== id);
  expect(await story.rows(goalStatus)).toEqual([{ status: 'running' }]);
  expect((await story.say('cancel', { goal: 1 })).ok).toBe(true);
  expect(saysNo(await story.say('approve', { id: again.ref?.id }))).toMatch(/^409/);
  await waitForRows(story, `select count(*)::int as n from task where status not in ('done', 'cancelled')`, [{ n: 0 }]);
  expect((await story.say('cancel', { goal: 1 })).status).toBe(409);
  expect((await story.say('cancel', {})).status).toBe(400);
  expect(await farLaunches(story)).toEqual([]);
});

test("an operator's plan waits for an approver: approved, changed, denied", { timeout: 60_000 }, async () => {
  const operator = await addPerson(story, 'console:oskar', 'operator');
  await story.say('goal', { text: FIRST_DOLLAR }, operator);
  const plan = await story.card(/^Plan 1 for goal 1/, (card) => card.tone === 'ask');
  expect(plan.text).toContain('starts by itself at');
  expect(field(plan, 'Decide by')).toMatch(/^\d{4}-/);
  expect(plan.table?.rows.map((row) => row[1])).toEqual(['research', 'write', 'launch', 'measure']);
  expect(await story.rows('select 1 from task')).toEqual([]);
  const id = Number(plan.buttons?.[0]?.args['id']);
  expect((await story.say('approve', { id }, operator)).status).toBe(403);
  await story.say('change', { id, note: 'half of it' });
  const second = await story.card(/^Plan 2 for goal 1/, (card) => card.tone === 'ask');
  expect(field(second, 'Expected cost')).toBe('$30.00 of $60.00');
  await story.say('approve', { id: second.buttons?.[0]?.args['id'] });
  expect(field(await story.card(/^Approve \d+/), 'Amount')).toBe('$30.00');

  await story.say('goal', { text: FIRST_DOLLAR }, operator);
  const third = await story.card(/^Plan 1 for goal 2/, (card) => card.tone === 'ask');
  await story.say('deny', { id: third.buttons?.[0]?.args['id'], reason: 'not now' });
  await waitForRows(story, 'select status, stop_reason from goal where id = 2', [
    { status: 'cancelled', stop_reason: 'Plan denied by console:owner: not now' },
  ]);
});

test('somebody without a role is told their platform id and how to be let in, privately', { timeout: 60_000 }, async () => {
  const token = await addPerson(story, 'console:stan', null);
  const answer = await story.type('Hello, may I?', { token });
  expect(answer.status).toBe(403);
  expect(answer.card.text).toContain('console:stan');
  expect(answer.card.text).toContain('team add:console:stan');
  await vi.waitFor(async () => {
    const card = (await story.posts()).find((post) => post.card.title.includes('console:stan'))?.card;
    expect(card?.buttons?.map((button) => button.args['role'])).toEqual(['viewer', 'operator', 'approver']);
  });
  expect(await story.rows('select 1 from goal')).toEqual([]);
});

test('a goal fails when nothing of it can go on: what else is under way is brought to its end, and no request outlives its goal', {
  timeout: 60_000,
}, async () => {
  const script = ({ facts, results }: Asked): ScriptedReply => {
    if (facts.ask === 'plan')
      return planReply([sketchTask('x', { key: 'read', kind: 'research' }), sketchTask('x', { key: 'launch', kind: 'launch' })]);
    if (facts.task.kind === 'research' || results.length > 0) return finish('nothing_done', 'it did not work');
    return call('market_launch', { offerId: 'offer_1', budgetUsd: 5, days: 1 });
  };
  const scripted = await startScriptedStory(script, { seed: 1 });
  try {
    const two = scripted.story;
    await two.say('goal', { text: 'Earn $5', budget: 60 });
    const asked = await two.card(/^Approve \d+/);
    await waitForRows(two, `select key, status from task order by id`, [
      { key: 'read', status: 'failed' },
      { key: 'launch', status: 'waiting_approval' },
    ]);
    expect(await two.rows(goalStatus)).toEqual([{ status: 'running' }]);
    await two.say('deny', { id: asked.ref?.id, reason: 'no' });
    await waitForRows(two, goalStatus, [{ status: 'failed' }]);
    expect(await two.rows(`select 1 from approval where status = 'pending'`)).toEqual([]);
  } finally {
    await scripted.stop();
  }
});
