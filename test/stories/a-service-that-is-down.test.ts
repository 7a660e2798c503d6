// A service behind a tool breaks off: it is left alone, everybody can see that, work waits or is done later, and when it is back everything goes on by itself.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { Upstream } from '../../src/core/errors.ts';
import type { Tool } from '../../src/domain/tools/tool.ts';
import type { ScriptedReply } from '../support/model-double-replies.ts';
import {
  call,
  finish,
  giveCase,
  planReply,
  type Script,
  type ScriptedStory,
  sketchTask,
  startScriptedStory,
} from '../support/played-cases.ts';

let isDown = true;
let isTold = false;
let asked = 0;
let room: ScriptedStory;

/** Takes the place of a tool of the kind's own list. */
const tool = (name: string, others: boolean): Tool => ({
  name,
  version: '1',
  description: 'Reads a service.',
  input: z.object({ nr: z.number().optional() }),
  act: 'read',
  touches: 'nothing',
  reversible: true,
  reach: 'nobody',
  credentials: false,
  production: false,
  modes: ['practice'],
  taints: false,
  repeatable: true,
  rate: { perMinute: 1000, perHour: 10_000 },
  service: () => ({ name: others ? 'web host shop.example' : 'ledger service', others }),
  quote: async () => ({ amountMicros: 0n, payee: null, effect: 'Reads.', expectedReturn: null }),
  run: async () => {
    asked += 1;
    if (isDown) throw new Upstream('It broke off.', { retryable: true });
    return {
      ok: true,
      output: { asked },
      evidence: [{ kind: 'outside_read', source: 'double', sha256: 'a'.repeat(64) }],
      spentMicros: 0n,
      receipt: null,
    };
  },
  reconcile: async () => ({ kind: 'never_happened' }),
});

const script: Script = ({ facts, name, turn }) => {
  if (facts.ask === 'plan') return plan(name);
  if (facts.task.key.startsWith('after')) return turn === 0 ? call('market_offers') : finish();
  if (turn < (isDown ? 6 : 1)) return call(name === 'web' ? 'web_fetch' : 'payment_status', { nr: turn });
  return isDown ? finish('nothing_done', 'The service was not there.') : finish();
};

function plan(name: string): ScriptedReply {
  if (name === 'lacking' || name === 'resting')
    return planReply([
      sketchTask(name, { key: 'work', kind: name === 'lacking' ? 'refund' : 'launch' }),
      sketchTask(name, { key: 'after', kind: 'research', dependsOn: ['work'] }),
    ]);
  if (name !== 'told' || isTold)
    return planReply([
      sketchTask(name, { key: 'work', kind: 'research' }),
      sketchTask(name, { key: 'after', kind: 'research', dependsOn: ['work'] }),
    ]);
  isTold = true;
  return { status: 429, headers: { 'retry-after': '1800' } };
}

beforeAll(async () => {
  room = await startScriptedStory(script, {
    overrides: { tools: () => [tool('web_fetch', true), tool('payment_status', false), tool('market_launch', false)] },
    models: {
      execute: { primary: 'm' },
      research: { limits: { sameFailures: 20, noProgress: 20 } },
      prices: { m: { input: 0, output: 0 } },
    },
  });
});
afterAll(() => room.stop());

const tasksOf = (goal: number) =>
  room.story.rows<{
    id: number;
    key: string;
    status: string;
    attempt: number;
    stop_reason: string | null;
    failure_kind: string | null;
    followed_by: number | null;
    error: string | null;
  }>(`select id::int, key, status, attempt, stop_reason, failure_kind, followed_by::int, error from task where goal_id = $1 order by id`, [
    goal,
  ]);
const until = <Value>(look: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> =>
  vi.waitFor(
    async () => {
      const value = await look();
      if (!holds(value)) throw new Error(`not yet: ${JSON.stringify(value)}`);
      return value;
    },
    { timeout: 15_000, interval: 30 },
  );
/** The pauses of breakers and rows are over. */
const hurry = async (): Promise<void> => {
  vi.setSystemTime(Date.now() + 21_000);
  await room.story.rows(
    `update task set ready_at = clock_timestamp() + interval '20 milliseconds' where status = 'pending' and ready_at > clock_timestamp()`,
  );
};

test('a page’s host that is down is left alone, its task is skipped with another to follow, the goal lives on and ends well', async () => {
  const goal = await giveCase(room.story, 'web');
  const skipped = await until(
    () => tasksOf(goal),
    (tasks) => tasks.length === 3,
  );
  expect(skipped[0]).toMatchObject({
    status: 'cancelled',
    followed_by: skipped[2]?.id,
    stop_reason: expect.stringContaining('web host shop.example is down'),
  });
  expect(skipped[1]?.status).toBe('blocked');
  expect(asked).toBe(3);
  const { card } = await room.story.say('status');
  expect(card.fields?.find(({ label }) => label === 'Outside services')?.value).toMatch(
    /^web host shop\.example is down since .* \(It broke off\.\), next try in \d+ s$/,
  );
  const why = (await room.story.say('why', { task: skipped[0]?.id })).card.text ?? '';
  expect(why).toContain(`[task ${skipped[2]?.id}](/tasks/${skipped[2]?.id}) does it later`);
  expect(why).toMatch(/\*\*recovery\*\* of \[task \d+\].*skip it, with task \d+ to follow, rather than fail the goal/);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  isDown = false;
  await hurry();
  await room.story.card(new RegExp(`^Goal ${goal}:`), (one) => one.tone === 'good');
  vi.useRealTimers();
  expect((await room.story.say('status')).card.fields?.find(({ label }) => label === 'Outside services')?.value).toBe('no trouble known');
});

test('a plan that needs a tool which is not there is rejected before work, with what would unblock it', async () => {
  const goal = await giveCase(room.story, 'lacking');
  const card = await room.story.card(new RegExp(`^Goal ${goal}:`), (one) => (one.text ?? '').includes('Not feasible'));
  expect(card.text?.replaceAll('\\', '')).toContain(
    'There is no tool here for refund. What would help: a tool for refund: refund_payment with payment_status.',
  );
  expect(card.fields?.find(({ label }) => label === 'Feasibility')?.value).toMatch(
    /^reject, 97 % sure; complexity low; no tool for refund/,
  );
  expect(await tasksOf(goal)).toEqual([]);
  expect((await room.story.say('why', { goal })).card.text).toMatch(
    /\*\*feasibility\*\* of .*: reject \(97 % sure\), rather than proceed; ask; defer; retry/,
  );
});

test('what can be had nowhere else waits as a row without losing an attempt, and the recovery is counted', async () => {
  isDown = true;
  const goal = await giveCase(room.story, 'ledger');
  const waiting = await until(
    () => tasksOf(goal),
    ([task]) => task?.status === 'pending' && (task.error ?? '').includes('ledger service is down'),
  );
  expect(waiting[0]).toMatchObject({ attempt: 1, failure_kind: 'tool_error' });
  const planned = await giveCase(room.story, 'resting');
  const later = await room.story.card(new RegExp(`^Goal ${planned}:`), (one) => (one.text ?? '').includes('Waits'));
  expect(later.text?.replaceAll('\\', '')).toContain(
    'ledger service is down just now. What would help: ledger service answering again. It is looked at again in 1 minutes.',
  );
  await room.story.rows(
    `update goal set patient_since = clock_timestamp() - interval '11 minutes', deferred_until = clock_timestamp(), updated_at = clock_timestamp() - interval '1 minute' where id = $1`,
    [planned],
  );
  await room.story.rows(`select pg_notify('jug_due', '')`);
  await room.story.card(new RegExp(`^Goal ${planned}:`), (one) => (one.text ?? '').includes('Deferred'));
  await room.story.say('cancel', { goal: planned });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  isDown = false;
  await hurry();
  await room.story.card(new RegExp(`^Goal ${goal}:`), (one) => one.tone === 'good');
  vi.useRealTimers();
  const metrics = await room.story.app.deps.metrics.text();
  expect(metrics).toContain('juggernaut_failures_ended_total{kind="tool_error",outcome="recovered"}');
  expect(metrics).toContain('juggernaut_failure_recovery_ratio{kind="tool_error"} 1');
  expect(metrics).toMatch(/juggernaut_feasibility_brier_score\{mode="practice"\} 0\.0\d+/);
});

test('a provider that asks planning to wait for half an hour costs it no attempt', async () => {
  const goal = await giveCase(room.story, 'told');
  const card = await room.story.card(new RegExp(`^Goal ${goal}:`), (one) => (one.text ?? '').includes('No plan yet'));
  expect(card.text?.replaceAll('\\', '')).toContain('tried again in 30 minutes');
  const [row] = await room.story.rows(
    `select attempt, status, extract(epoch from deferred_until - clock_timestamp())::int > 1700 as later from goal where id = $1`,
    [goal],
  );
  expect(row).toEqual({ attempt: 0, status: 'planning', later: true });
  await room.story.rows(
    `update goal set deferred_until = clock_timestamp(), updated_at = clock_timestamp() - interval '1 minute' where id = $1`,
    [goal],
  );
  await room.story.rows(`select pg_notify('jug_due', '')`);
  await room.story.card(new RegExp(`^Goal ${goal}:`), (one) => one.tone === 'good');
});
