// A model may answer anything. Nothing of it crashes the bot or reaches the market, each task ends with a named reason, and the others go on.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Card } from '../../src/chat/card.ts';
import { createLog } from '../../src/observability/logger.ts';
import type { ScriptedReply } from '../support/model-double-replies.ts';
import {
  type Asked,
  call,
  finish,
  planReply,
  planText,
  readAsked,
  type ScriptedStory,
  sketchTask,
  startScriptedStory,
} from '../support/played-cases.ts';

interface Case {
  /** The kind of the one task that plays the case; a second one depends on it, so that the goal hangs on its end. */
  kind: 'research' | 'write' | 'launch';
  act: (asked: Asked, offerId: string) => ScriptedReply;
  /** What the task's card must say; null for a task that ends well. */
  stop: RegExp | null;
}

const launch = (fields: string): ScriptedReply => call('market_launch', fields);
const calls = (name: string, inputs: (object | string)[]): ScriptedReply => ({
  toolCalls: inputs.map((input) => ({ name, arguments: input })),
});
const read = (): ScriptedReply => call('market_offers');
const DEEP = `{"offerId":${'['.repeat(100_000)}1${']'.repeat(100_000)}}`;
/** Everything that is no amount in dollars, as it stands in the arguments. */
const AMOUNTS = [
  '"5,000"',
  '"5"',
  'NaN',
  '1e400',
  '-5',
  '0',
  '0.001',
  'null',
  '[5]',
  '{"usd":5}',
  '"€5"',
  'true',
  '5.0000001',
  '1e15',
  '""',
];

const UNUSABLE = /invalid calls: 5 calls could not be used|repetition: the same call \d+ times/;

const CASES: Record<string, Case> = {
  repaired: { kind: 'research', act: ({ turn }) => (turn === 0 ? read() : finish()), stop: null },
  'well-behaved': { kind: 'research', act: ({ turn }) => (turn === 0 ? read() : finish()), stop: null },
  empty: { kind: 'research', act: () => ({ text: '' }), stop: /words only: 4 answers/ },
  prose: { kind: 'research', act: ({ turn }) => ({ text: `I will surely do it now, try ${turn}.` }), stop: /words only: 4 answers/ },
  refusal: { kind: 'research', act: () => ({ refusal: 'I cannot help with that.' }), stop: /words only: 4 answers/ },
  'cut-off': { kind: 'research', act: () => ({ text: 'And then the', finish: 'length' }), stop: /words only: 4 answers/ },
  'prose-and-call': {
    kind: 'research',
    act: ({ turn }) => ({ ...(turn === 0 ? read() : finish()), text: 'First I look around.' }) as ScriptedReply,
    stop: null,
  },
  'extra-fields-of-finish': {
    kind: 'research',
    act: ({ turn }) => (turn === 0 ? read() : call('finish', { outcome: 'done', summary: 'Read.', confidence: 1, evidence: ['trust me'] })),
    stop: null,
  },
  'done-without-proof': {
    kind: 'research',
    act: () => finish('done', 'I have read everything.'),
    stop: /repetition: the same call 4 times/,
  },
  'tool-of-another-kind': {
    kind: 'research',
    act: (_, offerId) => launch(`{"offerId":"${offerId}","budgetUsd":5,"days":3}`),
    stop: UNUSABLE,
  },
  'unknown-tool': { kind: 'research', act: ({ turn }) => call(`rm -rf / #${turn}\u0000\ud800${'x'.repeat(200)}`, {}), stop: UNUSABLE },
  'nameless-tool': { kind: 'research', act: () => call(' ', {}), stop: UNUSABLE },
  'same-call': { kind: 'research', act: read, stop: /repetition: the same call 4 times/ },
  'two-in-turn': {
    kind: 'launch',
    act: ({ turn }) => (turn % 2 === 0 ? read() : call('market_offers', { why: 'again' })),
    stop: /repetition/,
  },
  'a-b-a': {
    kind: 'write',
    act: ({ turn }) => call('write_document', { title: `Draft ${turn % 2 === 0 ? 'one' : 'two'}`, body: 'Words only.', figures: [] }),
    stop: /repetition: the same two calls in turn/,
  },
  'no-end': {
    kind: 'write',
    act: ({ turn }) => call('write_document', { title: `Draft ${'i'.repeat(turn + 1)}`, body: 'Words only.', figures: [] }),
    stop: /step limit: 24 steps/,
  },
  'bad-amounts': {
    kind: 'launch',
    act: (_, offerId) =>
      calls(
        'market_launch',
        AMOUNTS.map((amount) => `{"offerId":"${offerId}","budgetUsd":${amount},"days":3}`),
      ),
    stop: UNUSABLE,
  },
  'other-currency': {
    kind: 'launch',
    act: ({ turn }, offerId) => launch(`{"offerId":"${offerId}","budgetUsd":${5 + turn},"days":3,"currency":"EUR"}`),
    stop: UNUSABLE,
  },
  'wrong-types': {
    kind: 'launch',
    act: (_, offerId) =>
      calls('market_launch', [
        'not json',
        '[]',
        '"text"',
        '7',
        'null',
        '{"offerId":5,"budgetUsd":5,"days":3}',
        `{"offerId":"${offerId}"}`,
        `{"offerId":"${offerId}","budgetUsd":5,"days":3.5}`,
        '{"offerId":"no-such-offer","budgetUsd":5,"days":3}',
      ]),
    stop: UNUSABLE,
  },
  'hostile-text': {
    kind: 'launch',
    act: ({ turn }, offerId) =>
      calls('market_launch', [
        `{"offerId":"${offerId}\\u0000","budgetUsd":5,"days":3,"n":${turn}}`,
        `{"offerId":"\\ud800","budgetUsd":5,"days":3}`,
        `{"\\u0000":1,"offerId":"${offerId}","budgetUsd":5,"days":3}`,
      ]),
    stop: UNUSABLE,
  },
  'hostile-finish': {
    kind: 'research',
    act: ({ turn }) => call('finish', `{"outcome":"nothing_done","summary":"a${turn}\\u0000b\\udfff"}`),
    stop: UNUSABLE,
  },
  deep: { kind: 'launch', act: () => launch(DEEP), stop: UNUSABLE },
  prototype: {
    kind: 'launch',
    act: (_, offerId) =>
      calls('market_launch', [
        `{"__proto__":{"budgetUsd":5,"days":3,"polluted":1},"offerId":"${offerId}"}`,
        `{"__proto__":{"polluted":1},"offerId":"${offerId}","budgetUsd":5,"days":3}`,
        `{"constructor":{"prototype":{"polluted":1}},"offerId":"${offerId}","budgetUsd":5,"days":3}`,
      ]),
    stop: UNUSABLE,
  },
  huge: { kind: 'launch', act: () => launch(`{"offerId":"${'x'.repeat(400_000)}","budgetUsd":5,"days":3}`), stop: UNUSABLE },
  flood: {
    kind: 'research',
    act: () =>
      calls(
        'market_offers',
        Array.from({ length: 500 }, () => ({})),
      ),
    stop: /repetition: the same call 16 times/,
  },
  'same-ids': {
    kind: 'research',
    act: ({ turn }) =>
      turn === 0
        ? {
            toolCalls: [read(), read()]
              .flatMap((reply) => ('toolCalls' in reply ? (reply.toolCalls ?? []) : []))
              .map((one, index) => ({ ...one, id: 'same', index })),
          }
        : finish(),
    stop: null,
  },
};

/** Plans that cannot be used, and what the goal's card then says. */
const PLANS: Record<string, { reply: ScriptedReply; why: RegExp }> = {
  'no-json': { reply: { text: 'Sure! Here is the plan: 1. earn money.' }, why: /no usable plan: it is not JSON/ },
  'nothing-said': { reply: { text: '' }, why: /it is not JSON/ },
  truncated: {
    reply: { text: planText([sketchTask('x', { key: 'a', kind: 'research' })]).slice(0, 80), finish: 'length' },
    why: /the answer was cut off/,
  },
  refused: { reply: { refusal: 'No.' }, why: /the model refused/ },
  'unknown-kind': {
    reply: planReply([sketchTask('x', { key: 'a', kind: 'hack' as 'research' }), sketchTask('x', { key: 'b', kind: 'research' })]),
    why: /kind/,
  },
  'beyond-budget': {
    reply: planReply([
      sketchTask('x', { key: 'a', kind: 'launch', expectedCostUsd: 5000 }),
      sketchTask('x', { key: 'b', kind: 'research' }),
    ]),
    why: /budget is .60\.00/,
  },
  'endless-cost': {
    reply: {
      text: planText([
        sketchTask('x', { key: 'a', kind: 'launch', expectedCostUsd: 7 }),
        sketchTask('x', { key: 'b', kind: 'research' }),
      ]).replace(':7,', ':1e400,'),
    },
    why: /too large to keep/,
  },
  'nul-in-title': {
    reply: planReply([sketchTask('x\u0000', { key: 'a', kind: 'research' }), sketchTask('x', { key: 'b', kind: 'research' })]),
    why: /NUL character/,
  },
  circle: {
    reply: planReply([
      sketchTask('x', { key: 'a', kind: 'research', dependsOn: ['b'] }),
      sketchTask('x', { key: 'b', kind: 'research', dependsOn: ['a'] }),
    ]),
    why: /circle/,
  },
};

let scripted: ScriptedStory;
let offerId = '';
const errors: string[] = [];

function answer(asked: Asked): ScriptedReply {
  const { name, facts } = asked;
  if (facts.ask === 'plan') {
    if (name === 'repaired' && asked.turn === 0) return { text: 'Not a plan.' };
    const plan = PLANS[name];
    if (plan !== undefined) return plan.reply;
    const kind = CASES[name]?.kind ?? 'research';
    return planReply([
      sketchTask(name, { key: 'play', kind }),
      sketchTask('well-behaved', { key: 'after', kind: 'research', dependsOn: ['play'] }),
    ]);
  }
  return CASES[name]?.act(asked, offerId) ?? finish('nothing_done', 'no such case');
}

const giveGoal = async (name: string): Promise<number> =>
  (await scripted.story.say('goal', { text: `Earn $5 with a budget of $60 case:${name}` })).card.ref?.id ?? 0;

const goalCard = (id: number, until: (card: Card) => boolean): Promise<Card> => scripted.story.card(new RegExp(`^Goal ${id}:`), until);

const hasEnded = (card: Card): boolean => card.tone === 'good' || card.tone === 'bad';

beforeAll(async () => {
  const log = createLog('error', { write: (line: string) => void errors.push(line) });
  scripted = await startScriptedStory(answer, { env: { JUG_MAX_CONCURRENT_TASKS: '4' }, overrides: { log } });
  const rows = await scripted.story.rows<{ url: string; api_key: string }>('select url, api_key from practice_far_side');
  const response = await fetch(`${rows[0]?.url}/v1/offers`, { headers: { authorization: `Bearer ${rows[0]?.api_key}` } });
  offerId = ((await response.json()) as { offers: { id: string }[] }).offers[0]?.id ?? '';
  expect(offerId).not.toBe('');
});

afterAll(() => scripted?.stop());

describe('a plan that cannot be used', () => {
  const planGoals = new Map<string, number>();

  beforeAll(async () => {
    for (const name of Object.keys(PLANS)) planGoals.set(name, await giveGoal(name));
  });

  test('gets one repair with the error shown, and is used when the second answer is good', async () => {
    const { double, story } = scripted;
    const id = await giveGoal('repaired');
    const card = await goalCard(id, hasEnded);
    expect(card.tone).toBe('good');
    const repair = double.requests
      .map(readAsked)
      .find((asked) => asked.facts.ask === 'plan' && asked.facts.goal.id === id && asked.turn === 1);
    expect(repair?.messages.at(-1)?.content).toContain('it is not JSON');
    expect((await story.rows('select 1 from plan where goal_id = $1', [id])).length).toBe(1);
  });

  test.for(Object.keys(PLANS))('%s: two answers, then an honest failed goal with a card', async (name) => {
    const { double, story } = scripted;
    const id = planGoals.get(name) ?? 0;
    const card = await goalCard(id, hasEnded);
    expect(card.tone).toBe('bad');
    expect(card.text?.replaceAll('\\', '')).toMatch(PLANS[name]?.why ?? /never/);
    expect(double.requests.map(readAsked).filter((asked) => asked.facts.goal.id === id).length).toBe(2);
    expect(await story.rows('select 1 from task where goal_id = $1', [id])).toEqual([]);
  });
});

describe('calls that cannot be used', () => {
  const ended = new Map<string, { id: number; status: string; stop_reason: string | null; steps: number; goal: number }>();

  beforeAll(async () => {
    // All at once: what one model does wrong must not hold up the others.
    const goals = new Map<string, number>();
    for (const name of Object.keys(CASES)) goals.set(name, await giveGoal(name));
    await vi.waitFor(
      async () => {
        const open = await scripted.story.rows<{ title: string; status: string }>(
          `select title, status from task where key = 'play' and status not in ('done', 'failed', 'dead', 'cancelled') union all select title, status from goal where status = 'planning'`,
        );
        if (open.length > 0) throw new Error(`still open: ${open.map((row) => `${row.title} ${row.status}`).join(', ')}`);
      },
      { timeout: 60_000, interval: 100 },
    );
    for (const [name, goal] of goals) {
      const [task] = await scripted.story.rows<{ id: number; status: string; stop_reason: string | null; steps: number }>(
        `select id::int, status, stop_reason, steps from task where goal_id = $1 and key = 'play'`,
        [goal],
      );
      if (task !== undefined) ended.set(name, { ...task, goal });
    }
  }, 90_000);

  test.for(Object.entries(CASES))('%s ends as it must', async ([name, { stop }]) => {
    const task = ended.get(name);
    expect(task?.steps).toBeLessThanOrEqual(24);
    if (stop === null) {
      expect(task).toMatchObject({ status: 'done', stop_reason: null });
      return;
    }
    expect(task?.status).toBe('failed');
    expect(task?.stop_reason).toMatch(stop);
    const { card } = await scripted.story.say('task', { id: task?.id ?? 0 });
    expect(card.text?.replaceAll('\\', '')).toMatch(stop);
    expect((await goalCard(task?.goal ?? 0, hasEnded)).tone).toBe('bad');
  });

  test('nothing of it reached the market, asked anybody, or held money', async () => {
    const { story } = scripted;
    expect(await story.marketRows('select * from market.launch')).toEqual([]);
    expect(await story.marketRows('select * from market.idempotency_key')).toEqual([]);
    expect(await story.rows(`select id from approval where kind = 'act'`)).toEqual([]);
    expect(await story.rows(`select id from reservation where kind = 'act'`)).toEqual([]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('every call that was not usable is kept with the reason, small enough to show', async () => {
    const rows = await scripted.story.rows<{ error: string | null; size: number }>(
      `select error, length(arguments::text) as size from tool_call where status = 'invalid'`,
    );
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) {
      expect(row.error).toMatch(/\S/);
      expect(row.size).toBeLessThan(5_000);
    }
  });

  test('of 500 parallel calls 16 are looked at and the rest is said to be left out', async () => {
    const rows = await scripted.story.rows<{ status: string; error: string | null }>(
      'select status, error from tool_call where task_id = $1',
      [ended.get('flood')?.id],
    );
    expect(rows.filter((row) => row.status === 'done').length).toBe(16);
    expect(rows.filter((row) => row.status === 'invalid').map((row) => row.error)).toEqual([expect.stringContaining('at most 16')]);
  });

  test('each call keeps its own result although two came under one id', async () => {
    const rows = await scripted.story.rows<{ status: string }>(
      `select status from tool_call where task_id = $1 and tool = 'market_offers'`,
      [ended.get('same-ids')?.id],
    );
    expect(rows).toEqual([{ status: 'done' }, { status: 'done' }]);
  });

  test('what a provider would refuse in a conversation never goes back to it', () => {
    for (const { body } of scripted.double.requests) {
      for (const message of body.messages as {
        role: string;
        content: string | null;
        tool_calls?: { id: string; function: { name: string } }[];
        tool_call_id?: string;
      }[]) {
        if (message.role === 'assistant' && message.tool_calls === undefined) expect(message.content).toMatch(/\S/);
        for (const one of message.tool_calls ?? []) {
          expect(one.id).toMatch(/^[a-zA-Z0-9]{9}$/);
          expect(one.function.name).toMatch(/^[\w-]{1,64}$/);
        }
      }
    }
  });

  test('nothing crashed on the way', () => {
    expect(errors).toEqual([]);
  });
});
