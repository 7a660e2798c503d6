// 200 planted secrets, raw and in base64, come in by every door (pages, a model's words, failures, a provider's refusal) and are in no log line, card, prompt, row or audit entry.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createWebReader } from '../../src/adapters/http/web-reader.ts';
import type { Tool } from '../../src/domain/tools/tool.ts';
import { createLog } from '../../src/observability/logger.ts';
import { dialAs, type FarServer, resolveAs, startFarServer } from '../support/far-server.ts';
import type { ScriptedReply } from '../support/model-double-replies.ts';
import { type Planted, plantSecrets } from '../support/planted-secrets.ts';
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

const ADDRESS = '93.184.215.14';
const DOORS = ['page', 'words', 'arguments', 'plan', 'failure', 'crash', 'refusal', 'title'] as const;
type Door = (typeof DOORS)[number];
const planted = new Map<Door, Planted[]>(DOORS.map((door) => [door, plantSecrets(door, 25)]));
const textOf = (door: Door): string => (planted.get(door) ?? []).map((one) => `It is ${one.text} here.`).join('\n');

/** A built-in tool's place taken by one that breaks, as a driver does, with more in its error than it should have. */
const breaking = (how: 'fails' | 'crashes'): Tool => ({
  name: how === 'fails' ? 'market_results' : 'write_document',
  version: '1',
  description: 'Breaks.',
  input: z.object({}),
  act: 'read',
  touches: 'nothing',
  reversible: true,
  reach: 'nobody',
  credentials: false,
  production: false,
  modes: ['practice'],
  taints: false,
  repeatable: true,
  rate: { perMinute: 60, perHour: 60 },
  quote: async () => {
    if (how === 'crashes') throw new TypeError(textOf('crash'));
    return { amountMicros: 0n, payee: null, effect: 'Breaks.', expectedReturn: null };
  },
  run: async () => {
    throw new Error(textOf('failure'));
  },
  reconcile: async () => ({ kind: 'never_happened' }),
});

let scripted: ScriptedStory;
let far: FarServer;
const lines: string[] = [];

function answer(asked: Asked): ScriptedReply {
  const { facts, name, turn } = asked;
  if (facts.ask === 'plan') {
    const kind = name === 'crash' ? 'write' : 'research';
    const tasks = [
      sketchTask(name, { key: 'play', kind, why: name === 'plan' ? textOf('plan').slice(0, 390) : 'The test wants to see it.' }),
      sketchTask('calm', { key: 'after', kind: 'research', dependsOn: ['play'] }),
    ];
    const reply = planReply(tasks);
    return name === 'plan' && 'text' in reply
      ? { text: reply.text?.replace('A plan of the test.', textOf('plan').replaceAll('\n', ' ').slice(0, 590)) ?? '' }
      : reply;
  }
  if (facts.task.key === 'after' || name === 'plan') return turn === 0 ? call('market_offers') : finish();
  return steps(name, turn);
}

function steps(name: string, turn: number): ScriptedReply {
  switch (name) {
    case 'page':
      return turn === 0 ? call('web_fetch', { url: 'http://shop.example/page' }) : finish();
    case 'words':
      return turn === 0
        ? ({ ...call('market_offers'), text: textOf('words') } as ScriptedReply)
        : finish('done', textOf('words').slice(0, 900));
    case 'arguments':
      return turn < 3
        ? call('web_fetch', { url: `http://shop.example/?q=${planted.get('arguments')?.[turn]?.text}`, note: textOf('arguments') })
        : finish('nothing_done', 'No way.');
    case 'failure':
      return turn === 0 ? call('market_results') : finish('nothing_done', 'It broke.');
    case 'crash':
      return call('write_document');
    case 'refusal':
      return { status: 401, body: { error: { message: `Incorrect API key provided: ${scripted.double.apiKey}. ${textOf('refusal')}` } } };
    case 'title':
      return turn === 0
        ? { toolCalls: [{ name: `look_${planted.get('title')?.[0]?.text}`, arguments: {}, id: planted.get('title')?.[2]?.text ?? '' }] }
        : finish('nothing_done', 'No way.');
    default:
      return finish('nothing_done', 'no such case');
  }
}

beforeAll(async () => {
  far = await startFarServer((_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(textOf('page')));
  const log = createLog('trace', { write: (line: string) => void lines.push(line) });
  const webReader = createWebReader({ dial: dialAs({ [ADDRESS]: far }), resolve: resolveAs({ 'shop.example': [ADDRESS] }) });
  scripted = await startScriptedStory(answer, { overrides: { log, webReader, tools: () => [breaking('fails'), breaking('crashes')] } });
  for (const door of DOORS) await giveCase(scripted.story, door);
  await vi.waitFor(
    async () => {
      await scripted.story.rows(
        `update task set ready_at = clock_timestamp() + interval '20 milliseconds' where status = 'pending' and ready_at > clock_timestamp()`,
      );
      const open = await scripted.story.rows<{ title: string }>(
        `select title, status, error from task where status not in ('done', 'failed', 'dead', 'cancelled', 'blocked') union all select title, status, null from goal where status = 'planning'`,
      );
      expect(open).toEqual([]);
    },
    { timeout: 30_000, interval: 100 },
  );
}, 60_000);

afterAll(async () => {
  await scripted?.stop();
  await far?.[Symbol.asyncDispose]();
});

const canaries = (): string[] => [
  ...[...planted.values()].flat().map((one) => one.canary),
  scripted.double.apiKey,
  Buffer.from(scripted.double.apiKey).toString('base64').replaceAll('=', ''),
];

/** Any twelve characters in a row of a canary's inside would be too much. */
function survivors(text: string): string[] {
  return canaries().filter((canary) => {
    const middle = Math.floor(canary.length / 2);
    return text.includes(canary) || text.includes(canary.slice(middle - 6, middle + 6));
  });
}

test('every door was really used', async () => {
  expect(planted.size * 25).toBe(200);
  const rows = await scripted.story.rows<{ title: string; status: string }>(
    `select title, status from task where key = 'play' order by title collate "C"`,
  );
  expect(rows.map((row) => `${row.title.replace('Play case:', '')} ${row.status}`)).toEqual([
    'arguments failed',
    'crash dead',
    'failure failed',
    'page done',
    'plan done',
    'refusal dead',
    'title failed',
    'words done',
  ]);
  const [page] = await scripted.story.rows<{ output: { text: string } }>(
    `select output from tool_call where tool = 'web_fetch' and status = 'done'`,
  );
  expect(page?.output.text.match(/\[secret\]/g)?.length).toBeGreaterThanOrEqual(25);
  expect(far.requests.map((request) => request.url)).toEqual(['/page']);
});

test('the log has none of them, though it tells what broke', () => {
  const text = lines.join('');
  expect(text).toContain('a run broke off');
  expect(text).toContain('[secret]');
  expect(survivors(text)).toEqual([]);
});

test.for(['message', 'tool_call', 'turn', 'task', 'plan', 'approval', 'audit', 'evidence', 'document_version', 'journal'])(
  'the rows of %s have none of them',
  async (table) => {
    const [all] = await scripted.story.rows<{ text: string | null }>(
      `select string_agg(row_to_json(t)::text, ' ') as text from ${table} t`,
    );
    expect(survivors(all?.text ?? '')).toEqual([]);
  },
);

test('no prompt has one', () => {
  const text = scripted.double.requests.map((request) => JSON.stringify(request.body)).join('\n');
  expect(text).toContain('[secret]');
  expect(survivors(text)).toEqual([]);
});

test('no answer to a command has one: status, tasks, why, audit', async () => {
  const tasks = await scripted.story.rows<{ id: number }>('select id::int from task order by id');
  const cards = [await scripted.story.say('status'), await scripted.story.say('revenue'), await scripted.story.say('audit')];
  for (const { id } of tasks) cards.push(await scripted.story.say('task', { id }));
  expect(survivors(JSON.stringify(cards))).toEqual([]);
});

test("the console's page of a task has none", async () => {
  const { app } = scripted.story;
  const signedIn = await fetch(app.consoleUrl, { redirect: 'manual' });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const tasks = await scripted.story.rows<{ id: number }>(`select id::int from task where key = 'play' order by id`);
  for (const { id } of tasks) {
    const page = await fetch(`http://127.0.0.1:${app.port}/tasks/${id}`, { headers: { cookie } });
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(html).toContain('case:');
    expect(survivors(html)).toEqual([]);
  }
});

test('a key that a person puts into a goal is kept as typed, but no model is told', async () => {
  const [secret] = plantSecrets('goal', 1);
  const { card } = await scripted.story.say('goal', { text: `Earn $5 with a budget of $60 and the key ${secret?.canary} case:page` });
  await scripted.story.card(new RegExp(`^Goal ${card.ref?.id}:`), (one) => one.tone === 'good');
  const [row] = await scripted.story.rows<{ request: string }>('select request from goal where id = $1', [card.ref?.id]);
  expect(row?.request).toContain(secret?.canary);
  expect(JSON.stringify(scripted.double.requests.map((request) => request.body))).not.toContain(secret?.canary);
  expect(JSON.stringify(await scripted.story.posts())).not.toContain(secret?.canary);
});
