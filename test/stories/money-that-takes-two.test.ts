// What people book and set themselves: alone below the amount that takes two, together above it, once however often it is handed in,
// and never by changing what is in the books.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DispatchRoom, openDispatchRoom } from '../support/dispatch-room.ts';

let room: DispatchRoom;

beforeAll(async () => {
  room = await openDispatchRoom({
    mode: 'live',
    env: { JUG_OWNERS: 'console:olga', JUG_APPROVERS: 'console:anna,console:bert,slack:T1/ANNA', JUG_VIEWERS: 'console:vera' },
  });
  await room.rows(`insert into member (platform_id, person, added_by) values ('slack:T1/ANNA', 'console:anna', 'test')`);
});
afterAll(() => room.stop());

const requestOf = (card: { ref?: { kind: string; id: number } | undefined }): number => (card.ref?.kind === 'approval' ? card.ref.id : -1);
const books = () =>
  room.rows<{ account: string; sum: string; count: number }>(
    `select account, sum(amount_micros)::text as sum, count(*)::int as count from posting group by 1 order by 1`,
  );

test('a small expense is booked at once and once, is a line of profit and loss, and is taken back by an entry of its own', async () => {
  const bill = { amount: '49', payee: 'Hetzner', receipt: 'INV-1001', what: 'Server for October' };
  expect((await room.say('vera', 'spend', bill)).code).toBe('not_allowed');
  expect((await room.say('olga', 'spend', bill)).code).toBe('not_allowed');
  expect((await room.say('anna', 'spend', { amount: '49' })).card.text).toContain('payee, receipt, what');
  expect((await room.say('anna', 'spend', { ...bill, date: '2999-01-01' })).card.text).toContain('has not come yet');
  expect((await room.say('anna', 'spend', { ...bill, goal: '77' })).code).toBe('not_found');

  const answers = await Promise.all(
    ['anna', 'bert', 'anna', 'slack:T1/ANNA'].map((who, index) =>
      room.say(who, 'spend', index === 2 ? { ...bill, payee: ' hetzner ', what: 'the server' } : bill),
    ),
  );
  expect(answers.map(({ card }) => card.title)).toEqual(Array(4).fill('Expense 1: $49.00 to Hetzner (live)'));
  expect(answers.filter(({ card }) => card.text?.includes('handed in before'))).toHaveLength(3);
  expect(await books()).toEqual([
    { account: 'cash', sum: '-49000000', count: 1 },
    { account: 'expense', sum: '49000000', count: 1 },
  ]);
  const { card } = await room.say('vera', 'revenue');
  expect(card.fields).toContainEqual({ label: 'Outside expenses', value: '-$49.00' });
  expect(card.text).toContain('**Loss: -$49.00**');
  expect((await room.say('vera', 'spend', { id: 1 })).card.text).toContain('INV-1001');

  expect((await room.say('bert', 'spend', { undo: 1 })).card.text).toContain('Say why');
  const undone = await Promise.all([1, 2].map(() => room.say('bert', 'spend', { undo: 1, reason: 'paid by card of the bank' })));
  expect(undone.map((answer) => answer.code)).toEqual([null, null]);
  expect(await books()).toEqual([
    { account: 'cash', sum: '0', count: 2 },
    { account: 'expense', sum: '0', count: 2 },
  ]);
  expect((await room.say('vera', 'spend')).card.table?.rows.map((row) => row[5])).toEqual(['booked', 'taken back by an entry of its own']);
  // Taken back, the same may be booked again.
  expect((await room.say('anna', 'spend', bill)).card.title).toContain('Expense 3');
  await expect(room.rows(`update expense set amount_micros = 1`)).rejects.toThrow(/append-only/);
  await expect(room.rows(`delete from expense`)).rejects.toThrow(/append-only/);
});

test('above the amount another person must say yes: not the asker, not their other account, not an owner; and the amount is typed', async () => {
  const before = await books();
  const bill = { amount: '250', payee: 'Print shop', receipt: 'https://example.com/bill/7', what: 'Flyers' };
  const { card } = await room.say('anna', 'spend', bill);
  const id = requestOf(card);
  expect(card).toMatchObject({ title: `Approve ${id}: Book $250.00 paid to Print shop`, tone: 'ask' });
  expect(card.text).toContain('1 of 2 approvals');
  expect(requestOf((await room.say('bert', 'spend', bill)).card)).toBe(-1);
  for (const [who, code] of [
    ['anna', 'not_allowed'],
    ['slack:T1/ANNA', 'not_allowed'],
    ['olga', 'not_allowed'],
  ] as const)
    expect((await room.say(who, 'approve', { id, amount: '250' })).code, who).toBe(code);
  expect((await room.say('bert', 'approve', { id })).card.text).toContain('Type the amount');
  expect((await room.say('bert', 'approve', { id, amount: '200' })).code).toBe('invalid_input');
  expect(await books()).toEqual(before);
  expect((await room.say('vera', 'approvals')).card.table?.rows.map((row) => row[0])).toEqual([String(id)]);

  const clicks = await Promise.all([1, 2, 3].map(() => room.say('bert', 'approve', { id, amount: '250' })));
  expect(clicks.map((answer) => answer.code).toSorted()).toEqual(['conflict', 'conflict', null]);
  expect((await room.say('vera', 'revenue')).card.fields).toContainEqual({ label: 'Outside expenses', value: '-$299.00' });
  // What takes two to book takes two to take back.
  const back = await room.say('bert', 'spend', { undo: 4, reason: 'never delivered' });
  expect(back.card.title).toContain('Take back expense 4');
  await room.say('anna', 'deny', { id: requestOf(back.card), reason: 'they were' });
  expect((await room.say('vera', 'revenue')).card.fields).toContainEqual({ label: 'Outside expenses', value: '-$299.00' });
  expect(await room.rows(`select action from audit where action like 'approval.%' order by id`)).toEqual(
    ['requested', 'approved', 'requested', 'denied'].map((word) => ({ action: `approval.${word}` })),
  );
});

test('a budget is lowered at once and raised by two; a cap too, and never above its ceiling', async () => {
  const rows = async () => (await room.say('vera', 'budget')).card.table?.rows.map((row) => row.slice(1, 3).join(' ')) ?? [];
  expect((await room.say('anna', 'budget', { agent: 'generalist', limit: '300' })).code).toBe('not_allowed');
  expect((await room.say('olga', 'budget', { agent: 'generalst', limit: '300' })).card.text).toContain('planner, generalist');
  expect((await room.say('olga', 'budget', { agent: 'generalist', cap: 'day', limit: '30' })).code).toBe('invalid_input');
  await room.say('olga', 'budget', { agent: 'generalist', limit: '300' });
  await room.say('olga', 'budget', { agent: 'generalist', limit: '50' });
  await room.say('olga', 'budget', { agent: 'generalist', limit: '100' });
  expect(await rows()).toContain(`month's budget of agent generalist $100.00`);

  const asked = await room.say('olga', 'budget', { agent: 'generalist', limit: '400' });
  expect(asked.card.title).toContain(`Set the month's budget of agent generalist (live money) to $400.00`);
  expect(await rows()).toContain(`month's budget of agent generalist $100.00`);
  await room.say('anna', 'approve', { id: requestOf(asked.card), amount: '400' });
  expect(await rows()).toContain(`month's budget of agent generalist $400.00`);
  expect(requestOf((await room.say('olga', 'budget', { agent: 'generalist', remove: true })).card)).toBeGreaterThan(0);

  await room.say('olga', 'budget', { cap: 'month', limit: '150' });
  expect(await rows()).toContain('month $150.00');
  expect(requestOf((await room.say('olga', 'budget', { cap: 'month', limit: '450' })).card)).toBeGreaterThan(0);
  expect(await rows()).toContain('month $150.00');
  expect((await room.say('olga', 'budget', { cap: 'month', limit: '501' })).card.text).toContain('ceiling');
});

test('where there is no second approver, what takes two is refused when it is asked', async () => {
  const lonely = await openDispatchRoom({ mode: 'live', env: { JUG_OWNERS: 'console:anna', JUG_APPROVERS: 'console:anna' } });
  const { code, card } = await lonely.say('anna', 'spend', { amount: '101', payee: 'A', receipt: 'B', what: 'C' });
  expect([code, card.text]).toEqual(['conflict', expect.stringContaining('there is no second approver')]);
  expect(await lonely.rows('select 1 from expense')).toEqual([]);
  await lonely.stop();
});
