// The model's provider slows down, fails, hangs or is gone: a pause is honoured, a fallback steps in, a task waits as a row and tries again, and then says why it is dead.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createOpenAiModel } from '../../src/adapters/openai-client.ts';
import type { Tool } from '../../src/domain/tools/tool.ts';
import type { ModelDouble } from '../support/model-double.ts';
import { startModelDouble } from '../support/model-double.ts';
import type { Failure, ScriptedReply } from '../support/model-double-replies.ts';
import { type Asked, BRAIN, brainEnv, call, finish, planReply, readAsked, sketchTask } from '../support/played-cases.ts';
import { type Story, startStory } from '../support/story.ts';

/** What goes wrong, by case: the reply of a model to one more request of that case's task, or null for a good one. */
type Trouble = (asked: Asked, count: number) => ScriptedReply | null;

const slowDown = (seconds: number): ScriptedReply => ({ status: 429, headers: { 'retry-after': String(seconds) } });
const pause: ScriptedReply = { status: 429, headers: { 'retry-after-ms': '50' } };

let double: ModelDouble;
let story: Story;
let trouble: Trouble = () => null;

async function start(
  env: Record<string, string> = {},
  options: { timeoutMs?: number; failures?: number; tools?: Tool[] } = {},
): Promise<void> {
  double = await startModelDouble();
  const counts = new Map<string, number>();
  double.otherwise((request) => {
    const asked = readAsked(request);
    if (asked.facts.ask === 'plan')
      return planReply([
        sketchTask(asked.name, { key: 'play', kind: 'research' }),
        sketchTask('calm', { key: 'after', kind: 'research', dependsOn: ['play'] }),
      ]);
    const key = `${asked.name} ${asked.model}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const bad = asked.facts.task.key === 'play' ? trouble(asked, counts.get(key) ?? 1) : null;
    return bad ?? (asked.turn === 0 ? call('market_offers') : finish());
  });
  // The real client, with a test's patience.
  const model = createOpenAiModel({
    baseUrl: double.baseUrl,
    apiKey: double.apiKey,
    models: { plan: { primary: 'm', fallbacks: ['m2'] }, execute: BRAIN.execute },
    prices: { m: { inputMicros: 1_000_000n, outputMicros: 2_000_000n }, m2: { inputMicros: 1_000_000n, outputMicros: 2_000_000n } },
    practice: false,
    timeoutMs: options.timeoutMs ?? 300,
    breaker: { failures: options.failures ?? 3, halfOpenAfterMs: 200 },
  });
  const tools = options.tools ?? [];
  story = await startStory({ env: { ...brainEnv(double), ...env }, overrides: { model, tools: () => tools } });
}

async function stop(): Promise<void> {
  await story.stop();
  await double.stop();
}

interface TaskRow {
  id: number;
  status: string;
  attempt: number;
  error: string | null;
  stop_reason: string | null;
  /** Seconds until it may be claimed again. */
  delay: number;
}

/** Gives the goal of a case and returns a look at its one troubled task. */
async function play(name: string): Promise<{ goal: number; look: () => Promise<TaskRow | undefined> }> {
  const { card } = await story.say('goal', { text: `Earn $5 with a budget of $60 case:${name}` });
  const goal = card.ref?.id ?? 0;
  const look = async (): Promise<TaskRow | undefined> => {
    const sql = `select id::int, status, attempt, error, stop_reason, extract(epoch from ready_at - clock_timestamp())::float8 as delay from task where goal_id = $1 and key = 'play'`;
    return (await story.rows<TaskRow>(sql, [goal]))[0];
  };
  return { goal, look };
}

const until = (look: () => Promise<TaskRow | undefined>, holds: (task: TaskRow) => boolean): Promise<TaskRow> =>
  vi.waitFor(
    async () => {
      const task = await look();
      if (task === undefined || !holds(task)) throw new Error(`not yet: ${JSON.stringify(task)}`);
      return task;
    },
    { timeout: 20_000, interval: 30 },
  );

/** The time of all that waits for a later try has come. */
const hurry = (): Promise<unknown> =>
  story.rows(
    `update task set ready_at = clock_timestamp() + interval '20 milliseconds' where status = 'pending' and ready_at > clock_timestamp()`,
  );

const isBack = (task: TaskRow): boolean => task.status === 'pending' && task.error !== null;
const health = async (): Promise<Record<string, string>> =>
  (await (await fetch(`http://127.0.0.1:${story.app.port}/readyz`)).json()) as Record<string, string>;
const taskRequests = (name: string): Asked[] =>
  double.requests.map(readAsked).filter((asked) => asked.facts.ask === 'task' && asked.name === name);

describe('one model has trouble', () => {
  beforeAll(() => start());
  afterAll(stop);
  afterEach(() => {
    trouble = () => null;
  });

  test('a short pause is honoured in place: the same model answers, the attempt stays the first', async () => {
    trouble = (asked, count) => (asked.name === 'short' && count === 1 ? pause : null);
    const { look } = await play('short');
    expect(await until(look, (task) => task.status === 'done')).toMatchObject({ attempt: 1 });
    expect(taskRequests('short').map((asked) => asked.model)).toEqual(['m', 'm', 'm']);
  });

  test('a long pause is a row: the task waits as long as both models ask for and goes on by itself', async () => {
    trouble = (asked, count) => (asked.name === 'long' && count === 1 ? slowDown(120) : null);
    const { goal, look } = await play('long');
    const waiting = await until(look, isBack);
    expect(waiting.delay).toBeGreaterThan(100);
    expect(waiting.delay).toBeLessThanOrEqual(120);
    const card = await story.card(new RegExp(`^Goal ${goal}:`), (one) => JSON.stringify(one.table).includes('asks to slow down'));
    expect(card.tone).toBe('info');
    await hurry();
    expect(await until(look, (task) => task.status === 'done')).toMatchObject({ attempt: 1 });
  });

  test('waiting as told costs no attempt, however often, until the patience of six hours is over', async () => {
    trouble = (asked) => (asked.name === 'patient' ? slowDown(120) : null);
    const { goal, look } = await play('patient');
    for (let round = 1; round <= 4; round += 1) {
      await until(look, (task) => isBack(task) && task.delay > 100 && taskRequests('patient').length === 2 * round);
      await hurry();
    }
    expect(await until(look, (task) => isBack(task) && task.delay > 100 && taskRequests('patient').length === 10)).toMatchObject({
      attempt: 1,
    });
    await story.rows(`update task set patient_since = clock_timestamp() - interval '7 hours' where goal_id = $1 and key = 'play'`, [goal]);
    await hurry();
    expect(await until(look, (task) => isBack(task) && task.attempt === 2)).toMatchObject({ status: 'pending' });
    await story.say('cancel', { goal });
  });

  test.for<Failure | 'status 500'>([
    'status 500',
    'hang',
    'reset',
    'reset_mid_stream',
    'truncate',
    'garbage',
    'garbage_mid_stream',
    'html',
    'flood',
    'byte_a_second',
  ])('the fallback answers when the first model fails with: %s', async (failure) => {
    const name = failure.replaceAll(/\W/g, '_');
    trouble = (asked) =>
      asked.name === name && asked.model === 'm' ? (failure === 'status 500' ? { status: 500 } : { fail: failure }) : null;
    const { look } = await play(name);
    const task = await until(look, (row) => row.status === 'done');
    expect(task.attempt).toBe(1);
    const text = await story.app.deps.metrics.text();
    expect(text).toMatch(/juggernaut_failures_total\{kind="(model_error|timeout|network|invalid_response)",treatment="switch"\}/);
    expect((await story.say('why', { task: task.id })).card.text).toMatch(/\*\*model\*\* of .*: m2, rather than m \(/);
    expect(taskRequests(name).map((asked) => asked.model)).toEqual(['m', 'm2', 'm', 'm2']);
    const models = await story.rows<{ model: string }>('select distinct model from turn where task_id = $1', [task.id]);
    expect(models).toEqual([{ model: 'm2' }]);
    const booked = await story.rows<{ model: string }>(`select distinct model from journal where task_id = $1 and not assumed`, [task.id]);
    expect(booked).toEqual([{ model: 'm2' }]);
  });

  test('a call that may have left and never answered is booked at the reserved amount, as assumed, and the budget says so', async () => {
    const rows = await story.rows<{ status: string; assumed: boolean | null; whole: boolean }>(
      `select distinct r.status, j.assumed, counted_micros = amount_micros as whole from reservation r left join journal j on j.external_id = 'reservation:' || r.id
       join task on task.id = r.task_id where task.key = 'play' and r.kind = 'model' and j.assumed is not false order by 1`,
    );
    expect(rows).toEqual([
      { status: 'released', assumed: null, whole: false },
      { status: 'settled', assumed: true, whole: true },
    ]);
    expect((await story.say('budget')).card.text).toMatch(
      /\$\d+\.\d+ of what is used is assumed, for \d+ model calls whose cost nobody told/,
    );
  });
});

describe('the provider is gone', () => {
  beforeAll(() => start({}, { failures: 2 }));
  afterAll(stop);
  afterEach(() => {
    trouble = () => null;
  });

  test('a task tries again with back-off, then is dead with its reason, shown in status, and retry brings it back', {
    timeout: 40_000,
  }, async () => {
    trouble = (asked) => (asked.name === 'outage' ? { status: 503 } : null);
    const { goal, look } = await play('outage');
    const first = await until(look, isBack);
    expect(first.delay).toBeGreaterThan(0.5);
    expect(first.attempt).toBe(2);
    expect(first.error).toMatch(/has a problem \(503\)|left alone for a moment/);
    await hurry();
    const second = await until(look, (task) => isBack(task) && task.attempt === 3);
    expect(second.delay).toBeGreaterThan(0.2);
    await vi.waitFor(async () => expect((await health())['model']).not.toBe('ok'));
    expect(await health()).toMatchObject({ status: 'degraded', db: 'ok', loop: 'ok' });
    const during = await story.say('status');
    expect(during.card.fields?.find((field) => field.label === 'Model')?.value).toMatch(/^m, m2: (degraded|down)$/);
    await hurry();
    const dead = await until(look, (task) => task.status === 'dead');
    expect(dead.stop_reason).toMatch(/^dead after 3 attempts: /);
    const goalEnd = await story.card(new RegExp(`^Goal ${goal}:`), (card) => card.tone === 'bad');
    expect(goalEnd.buttons?.map((button) => button.command)).toContain('retry');
    const { card } = await story.say('status');
    expect(card.table?.rows.find((row) => row[0] === String(dead.id))?.[3]).toContain('dead after 3 attempts');
    trouble = () => null;
    expect((await story.say('retry', { task: dead.id })).ok).toBe(true);
    await vi.waitFor(async () => {
      await hurry();
      expect((await look())?.status).toBe('done');
    }, 20_000);
    expect(await story.card(new RegExp(`^Goal ${goal}:`), (one) => one.tone === 'good')).toBeDefined();
    await vi.waitFor(async () => expect((await health())['model']).toBe('ok'));
  });

  test('planning waits for the provider too, says so, and goes on when it is back', async () => {
    await double.close();
    const { goal, look } = await play('planning');
    const card = await story.card(new RegExp(`^Goal ${goal}:`), (one) => (one.text ?? '').includes('No plan yet'));
    expect(card.text?.replaceAll('\\', '')).toMatch(/cannot be reached|left alone/);
    await double.listen();
    await vi.waitFor(async () => {
      await story.rows(`update goal set updated_at = clock_timestamp() - interval '4 minutes' where id = $1 and status = 'planning'`, [
        goal,
      ]);
      await story.rows(`select pg_notify('jug_due', '')`);
      expect((await look())?.status).toBe('done');
    }, 20_000);
    expect((await story.card(new RegExp(`^Goal ${goal}:`), (one) => one.tone === 'good')).text).not.toContain('No plan yet');
  });

  test('a person who answers gives planning all its attempts again', async () => {
    const { goal } = await play('answered');
    await vi.waitFor(async () =>
      expect(await story.rows('select status from goal where id = $1', [goal])).toEqual([{ status: 'running' }]),
    );
    await story.rows(`update goal set status = 'question', attempt = 2 where id = $1`, [goal]);
    await double.close();
    await story.say('goal', { id: goal, text: 'The second one.' });
    expect(await story.card(new RegExp(`^Goal ${goal}:`), (one) => (one.text ?? '').includes('No plan yet'))).toBeDefined();
    expect(await story.rows('select status, attempt from goal where id = $1', [goal])).toEqual([{ status: 'planning', attempt: 1 }]);
    await double.listen();
    await story.say('cancel', { goal });
  });

  test('a goal whose planning fails three times ends with the reason', async () => {
    await double.close();
    const { goal } = await play('never-planned');
    await vi.waitFor(async () => {
      await story.rows(
        `update goal set updated_at = clock_timestamp() - interval '4 minutes' where id = $1 and status = 'planning' and attempt > 0`,
        [goal],
      );
      await story.rows(`select pg_notify('jug_due', '')`);
      expect(await story.rows('select status, attempt from goal where id = $1', [goal])).toEqual([{ status: 'failed', attempt: 2 }]);
    }, 20_000);
    await double.listen();
    const card = await story.card(new RegExp(`^Goal ${goal}:`), (one) => one.tone === 'bad');
    expect(card.text?.replaceAll('\\', '')).toMatch(/cannot be reached|left alone/);
  });
});

describe('a task runs out of time', () => {
  afterEach(async () => {
    trouble = () => null;
    await stop();
  });

  test('its model call is hung up, and the try counts', async () => {
    await start({ JUG_TASK_TIMEOUT_SECONDS: '1' }, { timeoutMs: 60_000 });
    trouble = (asked, count) => (asked.name === 'slow' && count === 1 ? { fail: 'hang' } : null);
    const { look } = await play('slow');
    const back = await until(look, isBack);
    expect(back).toMatchObject({ attempt: 2, error: 'timeout: it ran for 1 s' });
    const hung = double.requests.find((request) => readAsked(request).facts.ask === 'task');
    expect(await hung?.ended).toBe('hung_up');
    await hurry();
    await until(look, (task) => task.status === 'done');
  });

  test('a tool that is deaf to its abort signal is left alone, its slot is free again, and its late answer changes nothing', async () => {
    const late = Promise.withResolvers<never>();
    const deaf: Tool = {
      name: 'web_fetch',
      version: '1',
      description: 'Never answers.',
      input: (await import('zod')).z.object({}),
      act: 'read',
      touches: 'nothing',
      reversible: true,
      reach: 'nobody',
      credentials: false,
      production: false,
      modes: ['practice'],
      taints: true,
      repeatable: true,
      rate: { perMinute: 60, perHour: 60 },
      quote: async () => ({ amountMicros: 0n, payee: null, effect: 'Waits.', expectedReturn: null }),
      run: () => late.promise,
      reconcile: async () => ({ kind: 'never_happened' }),
    };
    await start({ JUG_TASK_TIMEOUT_SECONDS: '1', JUG_MAX_CONCURRENT_TASKS: '1' }, { timeoutMs: 60_000, tools: [deaf] });
    trouble = (asked, count) => (asked.name === 'deaf' && count === 1 ? call('web_fetch') : null);
    const { look } = await play('deaf');
    const back = await until(look, isBack);
    expect(back).toMatchObject({ attempt: 2, error: 'timeout: it ran for 1 s' });
    expect(await story.rows('select status, error from tool_call where task_id = $1', [back.id])).toEqual([
      { status: 'failed', error: expect.stringContaining('did not stop') },
    ]);
    late.reject(new Error('much too late'));
    await hurry();
    await until(look, (task) => task.status === 'done');
  });
});
