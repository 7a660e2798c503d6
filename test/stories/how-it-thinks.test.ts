// Each kind of work has its model, temperature and limits; the beginning of its prompts never changes; what a step costs in tokens is counted.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readAskFacts } from '../../src/domain/brain/facts.ts';
import {
  call,
  finish,
  giveCase,
  planReply,
  readAsked,
  type Script,
  type ScriptedStory,
  sketchTask,
  startScriptedStory,
} from '../support/played-cases.ts';
import { addPerson } from '../support/witnesses.ts';

const MODELS = {
  plan: { primary: 'planner' },
  execute: { primary: 'worker' },
  research: { primary: 'reader', temperature: 0.3, limits: { iterations: 3 } },
  code: { primary: 'coder' },
  judge: { primary: 'stern' },
  summarise: { primary: 'brief' },
  embed: { primary: 'meaning' },
  prices: { '*': { input: 1, output: 2 } },
};

let room: ScriptedStory;
let isDown = false;

/** Files that code makes; a `finish` without one is sent back. */
const codeScript: Script = ({ turn }) =>
  turn === 0
    ? finish()
    : turn === 1
      ? call('run_code', { code: `writeFile('squares.csv', [1, 2, 3].map((n) => n * n).join(','))` })
      : finish();

const script: Script = (asked) => {
  const { facts, name, turn, messages } = asked;
  if (facts.ask === 'plan') {
    if (name === 'coded')
      return planReply([
        sketchTask(name, { key: 'work', kind: 'research' }),
        sketchTask(name, { key: 'files', kind: 'code', dependsOn: ['work'] }),
      ]);
    const work = sketchTask(name, { key: 'work', kind: name === 'spend' ? 'launch' : 'research' });
    const wasTold = messages[1]?.content?.includes('Nobody reads it.') === true;
    return planReply([work, sketchTask(name, { key: wasTold ? 'better' : 'after', kind: 'research', dependsOn: ['work'] })]);
  }
  if (name === 'endless') return call('market_results', { day: turn });
  if (facts.task.kind === 'code') return codeScript(asked);
  if (facts.task.kind === 'launch' && turn === 0) return call('market_launch', { offerId: 'offer_1', budgetUsd: 10, days: 2 });
  return turn < 2 ? call(turn === 0 ? 'market_offers' : 'market_results') : finish();
};

const judge = (prompt: string) => ({
  text: JSON.stringify(prompt.includes('case:judged') ? { fits: false, objection: 'Nobody reads it.' } : { fits: true, objection: null }),
});

beforeAll(async () => {
  room = await startScriptedStory(script, { models: MODELS });
  // Two meanings and nothing else: what is about dogs points one way, the rest another.
  room.double.embedWith((text) => (isDown ? null : /dog|puppy|hound/.test(text) ? [1, 0.1] : [0, 1]));
  room.double.otherwise((request) => {
    if (request.body.model === 'stern') return judge(request.body.messages[1].content);
    if (request.body.model === 'brief') return { text: 'Twenty things were asked and answered.' };
    if (readAskFacts(request.body.messages[1].content) !== null) return { text: 'All is well.' };
    return script(readAsked(request));
  });
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
/** Of the planner and of tasks. */
const requestsOf = (name: string) =>
  room.double.requests.filter(({ body }) => ['planner', 'reader', 'worker'].includes(body.model) && readAsked({ body }).name === name);
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

test('a task of kind code asks the model of code, and is done when code has made a file', async () => {
  const goal = await giveCase(room.story, 'coded');
  expect((await ended(goal, 'files')).status).toBe('done');
  const coder = room.double.requests.filter(({ body }) => body.model === 'coder').map(({ body }) => body);
  expect(coder).toHaveLength(3);
  expect(coder[0].tools.map((tool: { function: { name: string } }) => tool.function.name)).toEqual(
    expect.arrayContaining(['run_code', 'query_data', 'finish']),
  );
  expect(JSON.stringify(coder[1].messages.at(-1))).toContain('a file that run_code made');
  const [file] = await room.story.rows<{ title: string; body: string; kind: string }>(
    `select d.title, v.body, e.kind from document d join document_version v on v.document_id = d.id join evidence e on e.tool_call_id = v.tool_call_id where d.goal_id = $1`,
    [goal],
  );
  expect(file).toEqual({ title: 'squares.csv', body: '1,4,9', kind: 'file' });
  expect((await room.story.say('why', { goal })).card.text).toContain('mode code, agent');
});

test('a limit of the mode ends its work', async () => {
  const goal = await giveCase(room.story, 'endless');
  expect(await ended(goal, 'work')).toEqual({ status: 'failed', stop_reason: 'step limit: 3 steps without an end' });
});

test('a judge’s objection goes back to the planner once, and why tells of it', async () => {
  const goal = await giveCase(room.story, 'judged');
  await ended(goal, 'better');
  expect(requestsOf('judged').filter(({ body }) => body.model === 'planner')).toHaveLength(2);
  expect((await room.story.say('why', { goal })).card.text?.replaceAll('\\', '')).toMatch(
    /\*\*plan\*\* of .* by judge: the draft is revised\. Nobody reads it\./,
  );
});

test('a long conversation is put in short by the model named for it; its messages stay', async () => {
  const asked = room.double.requests.length;
  await room.story.say('ask', { text: 'Is all well?' });
  const [talk] = await room.story.rows<{ id: number }>(`select id::int from conversation order by id desc limit 1`);
  await room.story.rows(
    `insert into conversation_message (conversation_id, role, status, platform_id, surface, text) select $1, 'person', 'said', 'console:owner', 'console', 'Thing ' || n from generate_series(1, 40) n`,
    [talk?.id],
  );
  await room.story.say('ask', { text: 'And now?' });
  const rows = await vi.waitFor(async () => {
    const found = await room.story.rows<{ summary: string | null; messages: number }>(
      `select summary, (select count(*)::int from conversation_message m where m.conversation_id = c.id and m.text like 'Thing %') as messages from conversation c where id = $1`,
      [talk?.id],
    );
    expect(found[0]?.summary).toBe('Twenty things were asked and answered.');
    return found;
  });
  expect(rows[0]?.messages).toBe(40);
  expect(room.double.requests.slice(asked).filter(({ body }) => body.model === 'brief')).toHaveLength(1);
});

test('memory is searched by meaning too: within mode, person and taint, booked like any call, and by words alone while the endpoint is down', async () => {
  const { story } = room;
  await story.say('ask', { text: 'remember that the best customers keep a hound' });
  await story.say('ask', { text: 'remember that shipping takes three days' });
  const viewer = await addPerson(story, 'console:vic', 'viewer');
  await story.say('ask', { text: 'remember that my own puppy is called Rex' }, viewer);
  await story.rows(
    `insert into memory_fact (mode, kind, scope, text, source_kind, source_id, told_by, tainted) values ('practice', 'assumed', 'team', 'strangers say each dog needs a mat', 'conversation_message', 1, 'console:owner', true)`,
  );
  const known = async (): Promise<string> =>
    JSON.stringify((await story.say('ask', { text: 'what do you know about puppies and dog owners?' })).card);
  const found = await known();
  expect(found).toContain('keep a hound');
  expect(found).toMatch(/each dog needs a mat[^"]*"[^}]*from outside|from outside[^}]*each dog needs a mat/);
  expect(found).not.toContain('Rex');
  expect(found).not.toContain('shipping');
  expect(await story.rows('select model, count(*)::int as n from memory_vector group by model')).toMatchObject([{ model: 'meaning' }]);
  const [books] = await story.rows<{ n: number }>(
    `select count(*)::int as n from journal j where j.model = 'meaning' and j.conversation_id is null and exists (select 1 from posting p where p.journal_id = j.id and p.account = 'model_cost')`,
  );
  expect(books?.n).toBeGreaterThanOrEqual(1);
  isDown = true;
  const byWords = await known();
  expect(byWords).toContain('each dog needs a mat');
  expect(byWords).not.toContain('keep a hound');
});
