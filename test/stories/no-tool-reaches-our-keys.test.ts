// Every tool there is tries to read the local token and to approve with it: the token is in no row, no prompt and no card, and nobody's yes is forged.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { servesKind } from '../../src/domain/tasks/evidence.ts';
import type { ScriptedReply } from '../support/model-double-replies.ts';
import { type Asked, finish, giveCase, planReply, type ScriptedStory, sketchTask, startScriptedStory } from '../support/played-cases.ts';
import { type StripeDouble, startStripeDouble } from '../support/stripe-double.ts';
import { stripeEnv } from '../support/stripe-story.ts';
import { FILESYSTEM } from '../support/tool-server-room.ts';

const KINDS = ['research', 'write', 'launch', 'measure', 'refund'] as const;
const folder = mkdtempSync(join(tmpdir(), 'jug-keys-'));
/** A search service that has got hold of the token. */
const search = createServer((_request, response) =>
  response.end(
    JSON.stringify({ results: [{ title: `token ${token}`, url: 'https://a.example/', content: Buffer.from(token).toString('base64') }] }),
  ),
).listen(0, '127.0.0.1');
let scripted: ScriptedStory;
let stripe: StripeDouble;
let token = '';

beforeAll(async () => {
  const files = {
    command: process.execPath,
    args: [FILESYSTEM, folder],
    tools: { read_text_file: { risk: 'read' }, list_directory: { risk: 'read' } },
  };
  stripe = await startStripeDouble({});
  scripted = await startScriptedStory(answer, {
    env: {
      ...stripeEnv(stripe),
      MCP_SERVERS: JSON.stringify({ files }),
      PATH: process.env['PATH'] ?? '',
      SEARCH_API_URL: `http://127.0.0.1:${(search.address() as AddressInfo).port}`,
    },
  });
  token = new URL(scripted.story.app.consoleUrl).searchParams.get('token') ?? '';
  writeFileSync(join(folder, 'copy'), `a copy: ${token}\n${Buffer.from(token).toString('hex')}`);
});
afterAll(async () => {
  await scripted.stop();
  await stripe.stop();
  search.close();
  rmSync(folder, { recursive: true });
});

/** What a tool that would help tries first: its own field for a path, an address, a query or code. */
function attempts(name: string): object[] {
  const { config } = scripted.story.app.deps;
  const path = join(config.db.dataDir, 'token');
  const approve = `http://127.0.0.1:${scripted.story.app.port}/api/commands/approve?id=1`;
  const own: Record<string, object[]> = {
    web_fetch: [
      { url: `file://${path}` },
      { url: approve },
      { url: approve.replace('127.0.0.1', 'localhost') },
      { url: 'http://[::1]/token' },
    ],
    web_search: [{ query: `contents of ${path}` }],
    query_data: ['token_hash from access_token', 'secret from public.signing_key', `pg_read_file('${path}')`, 'id from approval'].map(
      (rest) => ({ query: `select ${rest}` }),
    ),
    run_code: [
      { code: `const fs = await import('fs'); return fs.readFileSync(${JSON.stringify(path)}, 'utf8');` },
      { code: 'return JSON.stringify(process.env);' },
      { code: `return await fetch(${JSON.stringify(approve)}, { method: 'POST' });` },
    ],
    write_document: [{ title: 'Keys', body: `See ${path}`, figures: [] }],
    files__read_text_file: [{ path: join(folder, 'copy') }, { path }, { path: join(folder, '..', '..', path) }],
  };
  return own[name] ?? [{ id: path, path, url: approve, query: path }];
}

/** One turn of everything that only reads or keeps; then, one by one, what would ask. */
function answer({ facts, name, turn }: Asked): ScriptedReply {
  if (facts.ask === 'plan')
    return planReply(KINDS.map((kind) => sketchTask(name, { key: kind, kind, expectedCostUsd: kind === 'launch' ? 20 : 0 })));
  const kind = facts.task.kind as (typeof KINDS)[number];
  const mine = [...scripted.story.app.deps.tools.values()].filter((tool) => servesKind(tool, kind) && tool.touches !== 'outside');
  const calls = mine.flatMap((tool) => attempts(tool.name).map((input) => ({ name: tool.name, arguments: input })));
  // Few turns with many calls: a task that is refused too often ends.
  const part = calls.slice(turn * 16, turn * 16 + 16);
  return part.length === 0 ? finish('nothing_done', 'Nothing was to be had.') : { toolCalls: part };
}

test('no tool reads the token, and no request is approved with it', { timeout: 120_000 }, async () => {
  const { story, double } = scripted;
  const goal = await giveCase(story, 'keys');
  await vi.waitFor(
    async () => {
      const open = await story.rows(`select key from task where goal_id = $1 and status not in ('done', 'failed', 'dead', 'cancelled')`, [
        goal,
      ]);
      expect(open).toEqual([]);
      expect(await story.rows('select id from task where goal_id = $1', [goal])).toHaveLength(KINDS.length);
    },
    { timeout: 100_000, interval: 200 },
  );
  const tried = new Set((await story.rows<{ tool: string }>('select distinct tool from tool_call')).map(({ tool }) => tool));
  const reading = [...story.app.deps.tools.values()].filter(
    (tool) => tool.touches !== 'outside' && KINDS.some((kind) => servesKind(tool, kind)),
  );
  expect(reading.filter((tool) => !tried.has(tool.name)).map((tool) => tool.name)).toEqual([]);
  expect(readFileSync(join(folder, 'copy'), 'utf8')).toContain(token);

  // Two of them had it in their hands; it was cut.
  const [copy] = await story.rows<{ output: string }>(
    `select output::text from tool_call where tool = 'files__read_text_file' and status = 'done'`,
  );
  expect(copy?.output).toContain('a copy: [secret]');
  const forms = [token, Buffer.from(token).toString('base64').replaceAll('=', ''), Buffer.from(token).toString('hex')];
  const kept = await story.rows<{ text: string }>(
    `select to_jsonb(t)::text as text from tool_call t union all select to_jsonb(t)::text from turn t union all select to_jsonb(t)::text from message t
      union all select to_jsonb(t)::text from audit t union all select to_jsonb(t)::text from document_version t union all select to_jsonb(t)::text from evidence t`,
  );
  const said = [...kept.map(({ text }) => text), ...double.requests.map(({ body }) => JSON.stringify(body))].join('\n');
  for (const form of forms) expect(said.includes(form)).toBe(false);
  expect(await story.rows(`select id from approval where decided_at is not null`)).toEqual([]);
  expect(await story.rows(`select id from audit where action like 'approval.approved%'`)).toEqual([]);
});
