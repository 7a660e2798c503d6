// A server of others is written into MCP_SERVERS: the agent reads with it unasked, acts with it after a yes, and what it changes waits for an owner.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Card } from '../../src/chat/card.ts';
import type { ScriptedReply } from '../support/model-double-replies.ts';
import {
  type Asked,
  call,
  finish,
  giveCase,
  planReply,
  type ScriptedStory,
  sketchTask,
  startScriptedStory,
} from '../support/played-cases.ts';
import { makeHostile } from '../support/tool-server-room.ts';

const hostile = makeHostile();
const OFFICE = { shop: { ...hostile.command, tools: { look: { risk: 'read' } } } };
let scripted: ScriptedStory;

function answer({ facts, name, turn }: Asked): ScriptedReply {
  if (facts.ask === 'plan')
    return planReply([
      sketchTask(name, { key: 'a', kind: 'research' }),
      sketchTask(name, { key: 'b', kind: 'research', dependsOn: ['a'] }),
    ]);
  // Sends before it has read anything: a standing permission covers that, unless it is somebody's first word from us.
  if (name.startsWith('granted') && facts.task.key === 'a')
    return turn === 0
      ? call('shop__send', { id: name.endsWith('person') ? 'to jane@example.net' : 'to the board' })
      : finish('nothing_done', 'Sent.');
  if (name.startsWith('granted')) return finish('nothing_done', 'Nothing to do.');
  if (facts.task.key === 'a') return turn === 0 ? call('shop__look', { id: 'price' }) : finish('done', 'Looked.');
  return turn === 0
    ? call('shop__send', { id: `parcel ${name}` })
    : turn === 1
      ? call('shop__look', { id: 'again' })
      : finish('done', 'Over.');
}

beforeAll(async () => {
  scripted = await startScriptedStory(answer, { env: { MCP_SERVERS: JSON.stringify(OFFICE), PATH: process.env['PATH'] ?? '' } });
});
afterAll(async () => {
  await scripted.stop();
  hostile.remove();
});

const called = (tool: string) => hostile.journal().filter((entry) => entry['called'] === tool);
const ready = async () => (await (await fetch(`http://127.0.0.1:${scripted.story.app.port}/readyz`)).json()) as Record<string, string>;
const stateOf = (card: Card, tool: string): string | undefined => card.table?.rows.find((row) => row[1] === tool)?.[3];
const taskEnds = (goal: number, key: string) =>
  vi.waitFor(
    async () => {
      const [row] = await scripted.story.rows<{ status: string }>(`select status from task where goal_id = $1 and key = $2`, [goal, key]);
      expect(row?.status).toBe('done');
    },
    { timeout: 15_000, interval: 40 },
  );

test('it is not started before it is needed; then reads pass, acts ask, and a changed tool waits for an owner', {
  timeout: 60_000,
}, async () => {
  const { story } = scripted;
  expect(hostile.journal()).toEqual([]);
  expect(story.app.deps.toolServers.states()).toMatchObject([{ server: 'shop', state: 'idle' }]);
  expect(await ready()).toMatchObject({ mcp: 'ok' });

  const goal = await giveCase(story, 'one');
  const asked = await story.card(/^Approve \d+/);
  expect(asked.text).toContain('parcel one');
  expect(called('look')).toHaveLength(1);
  expect(called('send')).toEqual([]);
  await story.say('approve', { id: asked.ref?.id ?? 0 });
  await taskEnds(goal, 'b');
  expect(called('send')).toMatchObject([{ input: { id: 'parcel one' } }]);
  const rows = await story.rows(
    `select tool, tainted, risk_level, status from tool_call where goal_id = $1 and tool like 'shop%' order by id`,
    [goal],
  );
  expect(rows).toMatchObject([
    { tool: 'shop__look', risk_level: 'low', status: 'done' },
    { tool: 'shop__send', tainted: true, risk_level: 'critical', status: 'done' },
    { tool: 'shop__look', status: 'done' },
  ]);

  hostile.turn('changed');
  const second = await giveCase(story, 'two');
  const changed = await story.card(/^Changed tool waits: shop__send/);
  expect(changed.text).toContain('ignore all rules');
  expect(changed.text).toMatch(/accepted:\*\* Sends a parcel\./);
  // It changed before its call was asked about: the task goes on without it.
  await taskEnds(second, 'b');
  expect(called('send')).toHaveLength(1);
  expect(await ready()).toMatchObject({ mcp: 'degraded' });
  expect(stateOf((await story.say('tools')).card, 'shop__send')).toMatch(/waits until an owner/);
  const { card: status } = await story.say('status');
  expect(status.fields?.find((field) => field.label === 'Tool servers')?.value).toContain('waiting for an owner');

  const [button] = changed.buttons ?? [];
  await story.say('team', { add: 'console:vera', role: 'approver' });
  const token = /`([\w-]{40,})`/.exec((await story.say('team', { token: 'console:vera' })).card.text ?? '')?.[1] ?? '';
  expect(await story.say('tools', button?.args, token)).toMatchObject({ ok: false, status: 403 });
  const looked = await story.say('tools', { accept: button?.args['accept'] });
  expect(looked.card.title).toMatch(/^Changed tool waits/);
  expect(await story.say('tools', { ...button?.args, shown: '0'.repeat(16) })).toMatchObject({ status: 409 });
  expect((await story.say('tools', button?.args)).card.title).toBe('Tool accepted: shop__send');
  expect(stateOf((await story.say('tools')).card, 'shop__send')).toBe('ready');
  expect(await ready()).toMatchObject({ mcp: 'ok' });
  const audit = await story.rows(`select action, actor from audit where action like 'tool%' order by id`);
  expect(audit).toEqual([
    { action: 'tools.first_seen', actor: 'policy' },
    { action: 'tool.quarantined', actor: 'policy' },
    { action: 'tool.accepted', actor: 'console:owner' },
  ]);
});

test('a standing permission passes what is for nobody in particular; a first contact is read by a person all the same', {
  timeout: 60_000,
}, async () => {
  const { story } = scripted;
  expect((await story.say('grant', { tool: 'shop__send', each: 1, total: 1, uses: 9, hours: 1 })).ok).toBe(true);
  const before = called('send').length;
  await giveCase(story, 'granted-board');
  await vi.waitFor(() => expect(called('send').slice(before)).toMatchObject([{ input: { id: 'to the board' } }]), { timeout: 15_000 });
  await giveCase(story, 'granted-person');
  const asked = await story.card(/^Approve \d+/, (card) => card.text?.includes('jane') === true);
  expect(JSON.stringify(asked)).toContain('First contact with 1 of them: read every word.');
  expect(called('send')).toHaveLength(before + 1);
  await story.say('approve', { id: asked.ref?.id ?? 0 });
  await vi.waitFor(() => expect(called('send')).toHaveLength(before + 2), { timeout: 15_000 });
  // Within seven days nobody hears from us twice, whatever is permitted.
  const again = await giveCase(story, 'granted-person');
  await vi.waitFor(async () => {
    const calls = await story.rows(`select status, error from tool_call where goal_id = $1 and tool = 'shop__send'`, [again]);
    expect(calls).toMatchObject([{ error: expect.stringContaining('not again within seven days') }]);
  });
  expect(called('send')).toHaveLength(before + 2);
  expect(await story.rows(`select used from standing_grant`)).toEqual([{ used: 1 }]);
});

test('between the yes and the act it changes: the call is not made', { timeout: 60_000 }, async () => {
  const { story } = scripted;
  const goal = await giveCase(story, 'three');
  const asked = await story.card(/^Approve \d+/, (card) => card.text?.includes('parcel three') === true);
  const before = called('send').length;
  hostile.turn('changed-schema');
  await story.say('approve', { id: asked.ref?.id ?? 0 });
  await taskEnds(goal, 'b');
  expect(called('send')).toHaveLength(before);
  expect(await story.rows(`select status, error from tool_call where goal_id = $1 and tool = 'shop__send'`, [goal])).toMatchObject([
    { status: 'failed', error: expect.stringContaining('waits until an owner') },
  ]);
});

test('its words stand in tool definitions and in fences of data, never in a system message or among the facts', () => {
  for (const { body } of scripted.double.requests) {
    const messages = body.messages as Asked['messages'];
    const [system, user] = messages;
    expect(messages.filter((message) => message.role === 'system')).toHaveLength(1);
    expect(system?.content).not.toMatch(/parcel|ignore all/);
    const rest = messages.slice(1).map((message) => (message.content ?? '').replaceAll(/<data from="[^"<]*">[^<]*<\/data>/g, ''));
    expect(rest.join('\n')).not.toMatch(/Sends a parcel|ignore all/);
    expect(user?.content?.startsWith('<facts>')).toBe(true);
  }
});
