// Committing money waits for a person: one itemised card, every way to answer it, everybody who may not, counted at the market.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hashOf, sha256 } from '../../src/core/canonical-json.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';
import { addPerson, askForLaunch, editBehindItsBack, farLaunches, field, goalStatus, saysNo, waitForRows } from '../support/witnesses.ts';

let story: Story;
beforeEach(async () => {
  story = await startStory({ seed: 1 });
});
afterEach(() => story.stop());

const cents = async (): Promise<number[]> => (await farLaunches(story)).map((launch) => launch.cents);
const waitForLaunches = (expected: number[]): Promise<void> =>
  vi.waitFor(async () => expect(await cents()).toEqual(expected), { timeout: 15_000 });
const statusOf = async (id: number): Promise<string | undefined> =>
  (await story.rows<{ status: string }>('select status from approval where id = $1', [id]))[0]?.status;

test('one card tells the whole story, item by item, and nothing happens at the market before a yes', { timeout: 60_000 }, async () => {
  const { id, card } = await askForLaunch(story);
  expect(card).toMatchObject({ tone: 'ask', ref: { kind: 'approval', id } });
  expect(card.table?.rows.map((row) => row[2])).toEqual(['$20.00', '$20.00', '$20.00']);
  expect(Object.fromEntries(card.fields?.map((one) => [one.label, one.value]) ?? [])).toMatchObject({
    Amount: '$60.00',
    Payee: 'practice market',
    Mode: 'practice',
    Reversible: 'yes',
    Risk: expect.stringContaining('money at stake'),
  });
  for (const part of [
    'Why:',
    'Why now:',
    'Budget left after:** $0.00',
    'Evidence so far:',
    'On deny:',
    'On expiry:',
    'Exactly this will run:',
    'Sells at',
  ])
    expect(`${card.text} ${JSON.stringify(card.table)}`).toContain(part);
  expect(card.buttons?.map((button) => [button.command, Object.keys(button.args).join()])).toEqual([
    ['approve', 'id'],
    ['deny', 'id,reason'],
    ['change', 'id,note'],
    ['approve', 'id,amount'],
    ['approve', 'id,only'],
  ]);
  for (const button of card.buttons ?? []) expect(JSON.stringify(button.args).length).toBeLessThanOrEqual(100);
  expect(await cents()).toEqual([]);

  await story.say('approve', { id });
  const final = await story.card(`Request ${id}`, (one) => one.table?.rows.every((row) => row[3]?.startsWith('done (receipt')) === true);
  expect(final.text).toMatch(/^\*\*approved/);
  expect(field(final, 'Decided by')).toBe('console:owner');
  expect(field(final, 'Decided')).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(final.text).toContain('Exactly this will run');
  expect(final.buttons).toBeUndefined();
  expect(await cents()).toEqual([2000, 2000, 2000]);

  // Each choice on the way is a row, and is told with what was not chosen.
  const why = async (about: Record<string, unknown>): Promise<string> =>
    ((await story.say('why', about)).card.text ?? '').replaceAll('\\', '');
  expect(await why({ approval: id })).toMatch(
    /\*\*rule\*\* of \[approval \d+\]\(\/approvals\/\d+\) by policy: one approver; silence never approves, rather than two approvers \(two people are never needed for practice money\)/,
  );
  expect(await why({ approval: id })).toMatch(
    /\*\*risk\*\* of tool_call \d+ by policy: ask a person, rather than proceed; .*money at stake against the budget left \+/,
  );
  const goal = await why({ goal: 1 });
  for (const part of [
    '**plan** of [goal 1](/goals/1) by planner: plan 1 (',
    '**feasibility**',
    'mode research, agent',
    'mode execute, agent',
    '**rule** of',
  ])
    expect(goal).toContain(part);
  expect(goal).not.toContain('**risk** of');
  const kinds = await story.rows<{ kind: string; n: number }>(`select kind, count(*)::int as n from decision group by kind order by kind`);
  expect(kinds).toEqual([
    { kind: 'feasibility', n: 1 },
    { kind: 'plan', n: 1 },
    { kind: 'risk', n: 4 },
    { kind: 'route', n: 4 },
    { kind: 'rule', n: 1 },
  ]);
});

test('who may not decide is refused privately, and the request stays open for who may', { timeout: 60_000 }, async () => {
  const { id } = await askForLaunch(story);
  const posted = (await story.posts()).length;
  const agentToken = 'agent-token-agent-token-agent-token';
  await editBehindItsBack(
    story,
    `insert into member (platform_id, person, role, added_by) values ('agent:generalist', 'agent:generalist', 'approver', 'x')`,
  );
  await editBehindItsBack(story, `insert into access_token (platform_id, token_hash, created_by) values ('agent:generalist', $1, 'x')`, [
    sha256(agentToken),
  ]);
  expect((await story.say('team', { add: 'agent:generalist', role: 'approver' })).status).toBe(400);
  const tokens = {
    viewer: await addPerson(story, 'console:vera', 'viewer'),
    operator: await addPerson(story, 'console:oskar', 'operator'),
    stranger: await addPerson(story, 'console:stan', null),
    agent: agentToken,
    nobody: 'no-such-token',
  };
  for (const [who, token] of Object.entries(tokens)) {
    for (const [command, input] of [
      ['approve', { id }],
      ['deny', { id, reason: 'no' }],
      ['change', { id, note: 'less' }],
    ] as const) {
      const answer = await story.say(command, input, token);
      expect([who, command, answer.status]).toEqual([who, command, who === 'nobody' ? 401 : 403]);
    }
    expect((await story.type(`approve ${id}`, { token })).ok).toBe(false);
  }
  expect(await statusOf(id)).toBe('pending');
  expect(await story.rows('select * from approval_vote')).toEqual([]);
  expect(await cents()).toEqual([]);
  // Only the owner's card about the stranger is new: nobody's refusal is shown to the others.
  expect((await story.posts()).length - posted).toBeLessThanOrEqual(1);

  expect((await story.say('approve', { id }, await addPerson(story, 'console:anna', 'approver'))).ok).toBe(true);
  await waitForLaunches([2000, 2000, 2000]);
  for (const [command, input] of [
    ['approve', { id }],
    ['deny', { id, reason: 'too late' }],
    ['change', { id, note: 'too late' }],
  ] as const) {
    expect(saysNo(await story.say(command, input))).toMatch(/^409 conflict: .*approved by console:anna at \d{4}-\d\d-\d\dT/);
  }
  expect(await cents()).toEqual([2000, 2000, 2000]);
});

test('denied with a reason: the agent is told, launches nothing, tries no other way, and fails honestly', { timeout: 60_000 }, async () => {
  const { id } = await askForLaunch(story);
  expect((await story.say('deny', { id, reason: '  ' })).status).toBe(400);
  expect(await statusOf(id)).toBe('pending');
  await story.say('deny', { id, reason: 'too much for a first try' });
  await waitForRows(story, goalStatus, [{ status: 'failed' }]);
  expect(await cents()).toEqual([]);
  expect(await story.rows('select count(*)::int as n from approval')).toEqual([{ n: 1 }]);
  expect(await story.rows(`select distinct status, error from tool_call where tool = 'market_launch'`)).toEqual([
    { status: 'denied', error: 'denied: too much for a first try' },
  ]);
  const [task] = await story.rows<{ status: string; stop_reason: string }>(`select status, stop_reason from task where kind = 'launch'`);
  expect(task).toEqual({ status: 'failed', stop_reason: expect.stringContaining('too much for a first try') });
  const card = await story.card(`Request ${id}`);
  expect(field(card, 'Decided by')).toBe('console:owner');
  expect(card.text).toContain('too much for a first try');
  expect((await story.card(/^Result of goal/)).title).toContain('$0');
});

test('retried by a person after a no: the same act may be asked anew, and this time launches', { timeout: 60_000 }, async () => {
  const { id } = await askForLaunch(story);
  await story.say('deny', { id, reason: 'not today' });
  await waitForRows(story, goalStatus, [{ status: 'failed' }]);
  const [task] = await story.rows<{ id: number }>(`select id::int from task where kind = 'launch'`);
  await story.say('retry', { task: task?.id });
  const asked = await story.card(/^Approve \d+/, (card) => card.ref?.id !== id);
  await story.say('approve', { id: asked.ref?.id });
  await waitForLaunches([2000, 2000, 2000]);
});

test('asked for changes: the agent revises with half the money and asks anew', { timeout: 60_000 }, async () => {
  const { id } = await askForLaunch(story);
  await story.say('change', { id, note: 'half of it, please' });
  const revised = await story.card(/^Approve \d+/, (card) => (card.ref?.id ?? 0) > id);
  expect(field(revised, 'Amount')).toBe('$30.00');
  expect(await cents()).toEqual([]);
  await story.say('approve', { id: revised.ref?.id });
  await waitForLaunches([1000, 1000, 1000]);
  expect((await story.card(`Request ${id}`)).text).toContain('half of it, please');
  expect(saysNo(await story.say('approve', { id }))).toMatch(/^409 conflict: .*sent back for changes by console:owner at \d{4}/);
});

test('approved for less: the market gets the smaller amounts, never more, and the hash covers what was approved', {
  timeout: 60_000,
}, async () => {
  const { id } = await askForLaunch(story);
  const [before] = await story.rows<{ request_hash: string }>('select request_hash from approval');
  for (const [amount, why] of [
    ['60.01', /more than that needs a new request/i],
    ['0', /deny the request/],
    ['2', /cannot be made for/],
    ['-5', /./],
    ['much', /./],
  ] as const) {
    expect(saysNo(await story.say('approve', { id, amount })), amount).toMatch(/^400/);
    expect(saysNo(await story.say('approve', { id, amount })), amount).toMatch(why);
    expect(await statusOf(id)).toBe('pending');
  }
  const card = (await story.say('approve', { id, amount: '$30' })).card;
  expect(field(card, 'Amount')).toBe('$30.00 approved of $60.00');
  await waitForLaunches([1000, 1000, 1000]);
  const calls = await story.rows<{ request_hash: string }>(`select request_hash from tool_call where tool = 'market_launch' order by id`);
  const [after] = await story.rows<{ request_hash: string; approved_micros: string }>('select request_hash, approved_micros from approval');
  expect(after).toEqual({ request_hash: hashOf(calls.map((call) => call.request_hash)), approved_micros: '30000000' });
  expect(after?.request_hash).not.toBe(before?.request_hash);
  await waitForRows(story, `select sum(amount_micros)::text as spend from posting where account = 'offer_spend'`, [{ spend: '30000000' }]);
  expect(await story.rows(`select sum(counted_micros)::text as counted from reservation`)).toEqual([{ counted: '30000000' }]);
});

test('approved only in part: the chosen launches run, the others never', { timeout: 60_000 }, async () => {
  const { id, card } = await askForLaunch(story);
  const [first, second] = card.table?.rows.map((row) => row[0]) ?? [];
  expect((await story.say('approve', { id, only: '999999' })).status).toBe(400);
  expect(await statusOf(id)).toBe('pending');
  await story.say('approve', { id, only: `#${first}, ${second}` });
  await waitForLaunches([2000, 2000]);
  await waitForRows(story, `select status from task where kind = 'launch'`, [{ status: 'done' }]);
  const [third] = await story.rows(`select status, error from tool_call where tool = 'market_launch' order by id desc limit 1`);
  expect(third).toEqual({ status: 'denied', error: 'not among the approved items' });
  expect(await cents()).toEqual([2000, 2000]);
});

test('where two people are needed and the amount is typed, one person or a wrong amount is not enough', { timeout: 60_000 }, async () => {
  const anna = await addPerson(story, 'console:anna', 'approver');
  const second = await addPerson(story, 'console:anna-phone', 'approver');
  const bert = await addPerson(story, 'console:bert', 'approver');
  await story.say('team', { link: 'console:anna-phone', to: 'console:anna' });
  const { id } = await askForLaunch(story);
  // Both rules are off for practice money, so the stored request is made as strict as a live one.
  await story.rows('update approval set needed = 2, type_amount = true');
  expect(saysNo(await story.say('approve', { id }, anna))).toMatch(/^400.*[Tt]ype the amount/);
  expect(saysNo(await story.say('approve', { id, amount: 30 }, anna))).toMatch(/^400.*as it stands/);
  expect((await story.say('approve', { id, amount: 60 }, anna)).card.text).toContain('1 of 2 approvals');
  expect(saysNo(await story.say('approve', { id, amount: 60 }, anna))).toMatch(/^403.*another person/);
  expect(saysNo(await story.say('approve', { id, amount: 60 }, second))).toMatch(/^403.*another person/);
  // The console's owner gave the goal.
  expect(saysNo(await story.say('approve', { id, amount: 60 }))).toMatch(/^403.*gave the goal/);
  expect(await statusOf(id)).toBe('pending');
  expect(await cents()).toEqual([]);
  const decided = await story.say('approve', { id, amount: 60 }, bert);
  expect(field(decided.card, 'Decided by')).toBe('console:anna and console:bert');
  await waitForLaunches([2000, 2000, 2000]);
});

test('accounts that are linked after the goal was given, or after the first yes, are one person all the same', {
  timeout: 60_000,
}, async () => {
  const anna = await addPerson(story, 'console:anna', 'approver');
  const phone = await addPerson(story, 'console:anna-phone', 'approver');
  const desk = await addPerson(story, 'console:owner-desk', 'approver');
  const { id } = await askForLaunch(story);
  await story.rows('update approval set needed = 2');
  expect((await story.say('approve', { id }, phone)).card.text).toContain('1 of 2 approvals');
  await story.say('team', { link: 'console:anna-phone', to: 'console:anna' });
  expect(saysNo(await story.say('approve', { id }, anna))).toMatch(/^403.*another person/);
  await story.say('team', { link: 'console:owner', to: 'console:owner-desk' });
  expect(saysNo(await story.say('approve', { id }, desk))).toMatch(/^403.*gave the goal/);
  expect(await statusOf(id)).toBe('pending');
  expect(await cents()).toEqual([]);
});

test('a yes of two can be taken back: any approver may still deny, the first one too', { timeout: 60_000 }, async () => {
  const anna = await addPerson(story, 'console:anna', 'approver');
  const { id } = await askForLaunch(story, FIRST_DOLLAR);
  await story.rows('update approval set needed = 2');
  await story.say('approve', { id }, anna);
  expect((await story.say('deny', { id, reason: 'I looked again' }, anna)).ok).toBe(true);
  await waitForRows(story, goalStatus, [{ status: 'failed' }]);
  expect(await cents()).toEqual([]);
});
