// Who may do what: every command of the menu against everybody who could say it. A new command without a row fails here.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { type Story, startStory } from '../support/story.ts';
import { addPerson } from '../support/witnesses.ts';

type Who = 'owner' | 'approver' | 'operator' | 'viewer' | 'stranger';
const PEOPLE: readonly Who[] = ['owner', 'approver', 'operator', 'viewer', 'stranger'];

interface Row {
  /** Words that are well formed and name nothing that exists, so that being let in changes nothing. */
  input: Record<string, unknown>;
  may: readonly Who[];
}

const everyone: readonly Who[] = ['owner', 'approver', 'operator', 'viewer'];
const operators: readonly Who[] = ['owner', 'approver', 'operator'];

/** An owner does not approve: approver is a role of its own. */
const ROWS: Record<string, readonly Row[]> = {
  goal: [{ input: { id: 999 }, may: operators }],
  goals: [{ input: {}, may: everyone }],
  ask: [{ input: { answer: 999 }, may: everyone }],
  task: [{ input: { id: 999 }, may: everyone }],
  retry: [{ input: { task: 999 }, may: operators }],
  cancel: [{ input: { goal: 999 }, may: operators }],
  approve: [{ input: { id: 999 }, may: ['approver'] }],
  deny: [{ input: { id: 999, reason: 'no' }, may: ['approver'] }],
  change: [{ input: { id: 999, note: 'less' }, may: ['approver'] }],
  approvals: [{ input: {}, may: everyone }],
  grant: [{ input: { tool: 'no_such_tool', each: 1, total: 1, uses: 1, hours: 1 }, may: ['approver'] }],
  grants: [{ input: {}, may: ['approver'] }],
  revoke: [{ input: { id: 999 }, may: ['approver'] }],
  status: [{ input: {}, may: everyone }],
  why: [{ input: { goal: 999 }, may: everyone }],
  pause: [{ input: {}, may: operators }],
  resume: [{ input: {}, may: operators }],
  scan: [{ input: {}, may: operators }],
  idea: [{ input: { text: 'Paper stars for windows' }, may: operators }],
  opportunities: [
    { input: {}, may: everyone },
    { input: { id: 999, refuse: 'no' }, may: operators },
  ],
  experiments: [{ input: {}, may: everyone }],
  experiment: [
    { input: { id: 999 }, may: everyone },
    { input: { id: 999, act: 'stop' }, may: operators },
  ],
  learnings: [{ input: {}, may: everyone }],
  order: [{ input: { id: 999 }, may: operators }],
  delivery: [
    { input: {}, may: everyone },
    { input: { offer: 'no_such_offer', way: 'person', days: 1 }, may: ['owner'] },
  ],
  revenue: [{ input: {}, may: everyone }],
  spend: [
    { input: {}, may: everyone },
    { input: { undo: 999, reason: 'a mistake' }, may: ['approver'] },
  ],
  offer: [
    { input: {}, may: everyone },
    { input: { id: 999, sell: 'no' }, may: ['approver'] },
  ],
  outreach: [
    { input: {}, may: everyone },
    { input: { done: 999 }, may: operators },
  ],
  digest: [{ input: {}, may: everyone }],
  forecast: [{ input: {}, may: everyone }],
  budget: [
    { input: {}, may: everyone },
    { input: { cap: 'day', limit: 1 }, may: ['owner'] },
  ],
  tools: [
    { input: {}, may: everyone },
    { input: { accept: 999 }, may: ['owner'] },
  ],
  team: [{ input: {}, may: ['owner'] }],
  audit: [{ input: {}, may: ['owner'] }],
  help: [{ input: {}, may: everyone }],
};

let story: Story;
const tokens = {} as Record<Who, string>;
beforeAll(async () => {
  story = await startStory({ seed: 1 });
  for (const who of PEOPLE) tokens[who] = await addPerson(story, `console:${who}-one`, who === 'stranger' ? null : who);
});
afterAll(() => story.stop());

test('every command of the menu has a row, and no row is about a command that is gone', () => {
  expect(Object.keys(ROWS).toSorted()).toEqual(commands.map((command) => command.name).toSorted());
});

/** Sends one cell of the table and holds the answer against it. */
async function checkCell(name: string, row: Row, who: Who): Promise<void> {
  const answer = await story.say(name, row.input, tokens[who]);
  const cell = `${name} ${JSON.stringify(row.input)} by ${who}`;
  if (row.may.includes(who)) {
    expect([401, 403], cell).not.toContain(answer.status);
    return;
  }
  expect([cell, answer.status, answer.error?.code]).toEqual([cell, 403, 'not_allowed']);
  expect(answer.error?.message).toContain(who === 'stranger' ? 'console:stranger-one' : 'needs the role');
}

describe.each(commands.map((command) => command.name))('%s', (name) => {
  test('lets in exactly who may, and tells the others why not', async () => {
    for (const row of ROWS[name] ?? []) for (const who of PEOPLE) await checkCell(name, row, who);
  });
});

test('free text is for operators; buttons and typed words obey the same rule', async () => {
  for (const who of PEOPLE) {
    const answer = await story.type('Earn $5 on the practice market with a budget of $10', { token: tokens[who] });
    expect([who, answer.ok]).toEqual([who, operators.includes(who)]);
    expect((await story.type('approve 999', { token: tokens[who] })).status).toBe(who === 'approver' ? 404 : 403);
    expect((await story.type('pause', { token: tokens[who] })).ok).toBe(operators.includes(who));
  }
  await story.say('resume');
});

test('somebody without a role learns nothing: not which commands exist, not what a field is called', async () => {
  const known = await story.say('approve', { nonsense: 1 }, tokens.stranger);
  const unknown = await story.say('no_such_command', {}, tokens.stranger);
  expect(known.error?.message).toBe(unknown.error?.message);
  expect(known.status).toBe(403);
  const messages = await fetch(`http://127.0.0.1:${story.app.port}/api/messages`, {
    headers: { authorization: `Bearer ${tokens.stranger}` },
  });
  expect(messages.status).toBe(403);
  expect((await story.say('status', {}, 'wrong')).status).toBe(401);
});

test('a role taken away and a token revoked end at once', async () => {
  const token = await addPerson(story, 'console:gone', 'owner');
  expect((await story.say('audit', {}, token)).ok).toBe(true);
  await story.say('team', { add: 'console:gone', role: 'viewer' });
  expect((await story.say('audit', {}, token)).status).toBe(403);
  expect((await story.say('status', {}, token)).ok).toBe(true);
  await story.say('team', { revoke: 'console:gone' });
  expect((await story.say('status', {}, token)).status).toBe(401);
});

test('an empty list of approvers means nobody: practice keeps its local owner, and nobody else slips in', async () => {
  expect(story.app.deps.config.people.approvers).toEqual(['console:owner']);
  expect((await story.say('approve', { id: 999 }, tokens.owner)).status).toBe(403);
});
