// Each kind of work has its model, temperature and limits; the beginning of its prompts never changes; what a step costs in tokens is counted.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  call,
  finish,
  giveCase,
  planReply,
  readAsked,
  type ScriptedStory,
  sketchTask,
  startScriptedStory,
} from '../support/played-cases.ts';

const MODELS = {
  plan: { primary: 'planner' },
  execute: { primary: 'worker' },
  research: { primary: 'reader', temperature: 0.3, limits: { iterations: 3 } },
  prices: { '*': { input: 1, output: 2 } },
};

let room: ScriptedStory;

beforeAll(async () => {
  room = await startScriptedStory(
    ({ facts, name, turn }) => {
      if (facts.ask === 'plan') {
        const work = sketchTask(name, { key: 'work', kind: name === 'spend' ? 'launch' : 'research' });
        return planReply([work, sketchTask(name, { key: 'after', kind: 'research', dependsOn: ['work'] })]);
      }
      if (name === 'endless') return call('market_results', { day: turn });
      if (facts.task.kind === 'launch' && turn === 0) return call('market_launch', { offerId: 'offer_1', budgetUsd: 10, days: 2 });
      return turn < 2 ? call(turn === 0 ? 'market_offers' : 'market_results') : finish();
    },
    { models: MODELS },
  );
});
afterAll(() => room.stop());

const ended = (goal: number, key: string) =>
  vi.waitFor(
    async () => {
      const rows = await room.story.rows<{ status: string; stop_reason: string | null }>(
        `select status, stop_reason from task where goal_id = $1 and key = $2 and ended_at is not null`,
        [goal, key],
      );
      if (rows[0] === undefined) throw new Error('not yet');
      return rows[0];
    },
    { timeout: 15_000, interval: 30 },
  );
const requestsOf = (name: string) => room.double.requests.filter(({ body }) => readAsked({ body }).name === name);
const prefixOf = (body: { messages: unknown[] }, length: number): string => JSON.stringify(body.messages.slice(0, length));

test('each mode asks its own model; the beginning of a prompt is the same byte for byte, and every step’s tokens are counted', async () => {
  const goal = await giveCase(room.story, 'calm');
  await ended(goal, 'after');
  const asked = requestsOf('calm');
  expect(asked.map(({ body }) => [body.model, body.temperature])).toEqual([
    ['planner', undefined],
    ...Array.from({ length: 6 }, () => ['reader', 0.3]),
  ]);
  const steps = asked.slice(1).map(({ body }) => body);
  for (const [at, body] of steps.entries()) {
    expect(JSON.stringify([body.messages[0], body.tools])).toBe(JSON.stringify([steps[0].messages[0], steps[0].tools]));
    const before = at % 3 === 0 ? null : steps[at - 1];
    if (before !== null) expect(prefixOf(body, before.messages.length)).toBe(JSON.stringify(before.messages));
  }
  const text = await room.story.app.deps.metrics.text();
  expect(text).toContain('juggernaut_model_step_tokens_count{mode="research",direction="input"} 6');
  expect(text).toContain('juggernaut_model_step_tokens_sum{mode="plan",direction="input"} 10');
  expect(text).toContain('juggernaut_model_step_tokens_count{mode="research",direction="cached"} 6');
});

test('money spent on the way changes only the end of the prompt', async () => {
  await giveCase(room.story, 'spend');
  const { id } = (await room.story.card(/^Approve \d+: market_launch/)).ref ?? { id: 0 };
  await room.story.say('approve', { id });
  const steps = await vi.waitFor(
    () => {
      const found = requestsOf('spend').filter(({ body }) => body.model === 'worker');
      if (found.length < 2) throw new Error('not yet');
      return found.map(({ body }) => body);
    },
    { timeout: 15_000 },
  );
  const [first, second] = steps;
  expect(first.messages.at(-1).content).toContain('$60.00 is left');
  expect(second.messages.at(-1).content).toContain('$50.00 is left');
  const common = first.messages.length - 1;
  expect(prefixOf(second, common)).toBe(prefixOf(first, common));
});

test('a limit of the mode ends its work', async () => {
  const goal = await giveCase(room.story, 'endless');
  expect(await ended(goal, 'work')).toEqual({ status: 'failed', stop_reason: 'step limit: 3 steps without an end' });
});
