// Servers of others over MCP: two real ones from npm by stdio and HTTP, and one that means ill. What they can do is what an owner accepted.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGuardedFetch } from '../../src/adapters/http/guarded-fetch.ts';
import type { ToolOutcome } from '../../src/domain/tools/tool.ts';
import { acceptTool } from '../../src/flows/pin-tools.ts';
import { EVERYTHING, FILESYSTEM, makeHostile, openToolServerRoom, runTool } from '../support/tool-server-room.ts';

const bearer = (variable: string): string => ['Bearer $', '{', variable, '}'].join('');

let room: Awaited<ReturnType<typeof openToolServerRoom>>;
const hostile = makeHostile();
const children: ChildProcess[] = [];
const NEVER_READ = { look: { risk: 'read' }, send: { risk: 'reversible' } };

beforeAll(async () => {
  room = await openToolServerRoom();
});
afterAll(async () => {
  await room.stop();
  for (const child of children) child.kill('SIGKILL');
  hostile.remove();
});

const sizeOf = (outcome: ToolOutcome): number => JSON.stringify(outcome.ok ? outcome.output : outcome.error).length;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function startProgram(args: string[], env: Record<string, string>, ready: RegExp): Promise<void> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  const heard = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (ready.test(said)) heard.resolve();
    });
  child.once('exit', () => heard.reject(new Error(`it ended: ${said}`)));
  await heard.promise;
}

test('the reference server works over stdio and over streamable HTTP: named, classed, cut, without what it needs an answer for', async () => {
  const port = await freePort();
  await startProgram([EVERYTHING, 'streamableHttp'], { PORT: String(port) }, /listening/i);
  const servers = room.start({
    every: { command: process.execPath, args: [EVERYTHING], tools: { echo: { risk: 'read' }, 'get-sum': { risk: 'read' } } },
    far: { url: `http://127.0.0.1:${port}/mcp`, private: true, tools: { echo: { risk: 'read' } } },
  });
  expect(servers.tools.size).toBe(0);
  await servers.refresh();
  for (const name of ['every__echo', 'far__echo']) {
    expect(servers.tools.get(name)).toMatchObject({ act: 'read', touches: 'nothing', taints: true });
    const outcome = await runTool(servers.tools, name, { message: 'hello' });
    expect(outcome).toMatchObject({ ok: true, output: { content: [{ type: 'text', text: 'Echo: hello' }] } });
  }
  expect(await runTool(servers.tools, 'every__get-sum', { a: 2, b: 3 })).toMatchObject({
    ok: true,
    output: { content: [{ text: expect.stringContaining('5') }] },
  });
  // Nobody has judged the others: they count as acts outside that cannot be undone.
  expect(servers.tools.get('far__get-sum')).toMatchObject({ act: 'unclassified', reversible: false, reach: 'public' });
  expect(servers.tools.get('every__echo')?.input.safeParse({ message: 7 }).success).toBe(false);
  expect(servers.tools.get('every__echo')?.input.safeParse({ message: 'a', bcc: 'b' }).success).toBe(false);
  // Its picture comes as a name and a size.
  const image = await runTool(servers.tools, 'every__get-tiny-image', {});
  expect(sizeOf(image)).toBeLessThan(2_000);
  expect(servers.states()).toMatchObject([
    { server: 'every', state: 'ok' },
    { server: 'far', state: 'ok' },
  ]);
  await servers.stop();
});

test('the file server reads and writes its own folder, and nothing beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jug-files-'));
  writeFileSync(join(folder, 'prices.txt'), 'Checklist 19');
  const files = { command: process.execPath, args: [FILESYSTEM, folder], tools: { read_text_file: { risk: 'read' } } };
  const servers = room.start({ files });
  await servers.refresh();
  expect(await runTool(servers.tools, 'files__read_text_file', { path: join(folder, 'prices.txt') })).toMatchObject({
    ok: true,
    output: { content: [{ text: 'Checklist 19' }] },
    evidence: [{ kind: 'outside_read', source: 'mcp:files/read_text_file' }],
  });
  expect(await runTool(servers.tools, 'files__read_text_file', { path: '/etc/hostname' })).toMatchObject({
    ok: false,
    error: expect.stringContaining('denied'),
  });
  expect(servers.tools.get('files__write_file')).toMatchObject({ act: 'unclassified', touches: 'outside' });
  await servers.stop();
  rmSync(folder, { recursive: true });
});

test('a server gets the variables named for it and PATH, in an empty folder; a secret it gives back is cut', async () => {
  const servers = room.start({ shop: { ...hostile.command, env: ['SHOP_KEY'], tools: NEVER_READ } }, { SHOP_KEY: 'shop-0123456789abcdef' });
  await servers.refresh();
  await runTool(servers.tools, 'shop__look', { id: 'a' });
  const [called] = hostile.journal();
  expect(called?.['environment']).toEqual(['PATH', 'SHOP_KEY']);
  expect(called?.['cwd']).toMatch(/jug-mcp-/);
  await servers.stop();
});

test('a tool that changes is held back until an owner accepts exactly what was shown', async () => {
  hostile.turn('good');
  const servers = room.start({ ill: { ...hostile.command, tools: NEVER_READ } });
  await servers.refresh();
  const before = servers.tools.get('ill__send');
  expect(await runTool(servers.tools, 'ill__send', { id: '1' })).toMatchObject({ ok: true });
  const calls = hostile.journal().length;
  for (const mood of ['changed', 'changed-schema', 'invisible']) {
    hostile.turn(mood);
    expect(await runTool(servers.tools, 'ill__send', { id: '2' }), mood).toMatchObject({
      ok: false,
      error: expect.stringContaining('waits until an owner'),
    });
    expect(before?.closed?.()).toMatch(/waits until an owner/);
  }
  // It was never called in its new form, and the others go on.
  expect(hostile.journal()).toHaveLength(calls);
  expect(await runTool(servers.tools, 'ill__look', { id: '3' })).toMatchObject({ ok: true });
  expect(servers.states()).toMatchObject([{ state: 'degraded', found: expect.stringContaining('1 waiting') }]);

  const [first] = await room.rows<{ id: number; offered_hash: string }>(
    `select id::int, offered_hash from mcp_tool where name = 'send' and server = 'ill'`,
  );
  const id = first?.id ?? 0;
  const shown = (first?.offered_hash ?? '').slice(0, 16);
  hostile.turn('changed');
  await runTool(servers.tools, 'ill__look', { id: '4' });
  await expect(acceptTool(room.db, 'practice', { id, hash: shown, by: 'console:owner' })).rejects.toThrow(/changed since it was shown/);
  const [now] = await room.rows<{ hash: string }>(`select offered_hash as hash from mcp_tool where id = ${id}`);
  await acceptTool(room.db, 'practice', { id, hash: (now?.hash ?? '').slice(0, 16), by: 'console:owner' });
  // What was asked for under the old words is not run under the new ones.
  expect(await runTool(new Map([['ill__send', before ?? ({} as never)]]), 'ill__send', { id: '5' })).toMatchObject({
    ok: false,
    error: expect.stringContaining('anew'),
  });
  await servers.refresh();
  const after = servers.tools.get('ill__send');
  expect(after?.version).not.toBe(before?.version);
  expect(await runTool(servers.tools, 'ill__send', { id: '6' })).toMatchObject({ ok: true });
  expect(await room.rows(`select card ->> 'title' as title from message where key = 'mcp_tool:${id}'`)).toEqual([
    { title: 'Tool accepted: ill__send' },
  ]);

  // New on a known server: waits too, under a name that shadows nothing. Gone, and back as it was: needs nobody.
  hostile.turn('more');
  await runTool(servers.tools, 'ill__look', { id: '7' });
  expect([...servers.tools.keys()].toSorted()).toEqual(['ill__look', 'ill__send']);
  hostile.turn('names');
  await runTool(servers.tools, 'ill__look', { id: '8' });
  expect(servers.states()[0]?.unusable).toHaveLength(2);
  hostile.turn('gone');
  expect(await runTool(servers.tools, 'ill__send', { id: '9' })).toMatchObject({ ok: false, error: expect.stringContaining('not offer') });
  await servers.stop();
  // The accepted words outlast the process; a start asks nobody anything.
  hostile.turn('die');
  const again = room.start({ ill: { ...hostile.command, tools: NEVER_READ } });
  await again.refresh();
  expect([...again.tools.keys()].toSorted()).toEqual(['ill__look', 'ill__send']);
  expect(again.tools.get('ill__look')?.closed?.()).toBeNull();
  expect(again.tools.get('ill__send')?.closed?.()).toMatch(/not offer/);
});

test('what a server does in the middle of a call stays its own trouble', async () => {
  hostile.turn('good');
  const servers = room.start({ bad: { ...hostile.command, tools: NEVER_READ, timeoutSeconds: 1 } });
  await servers.refresh();
  hostile.turn('wishes');
  expect(await runTool(servers.tools, 'bad__look', { id: '1' })).toMatchObject({ ok: true });
  hostile.turn('good');
  await runTool(servers.tools, 'bad__look', { id: '2' });
  const answers = hostile.journal().filter((entry) => 'answered' in entry);
  expect(answers).toEqual([900, 901, 902].map((answered) => ({ answered, error: -32601 })));
  hostile.turn('address');
  expect(await runTool(servers.tools, 'bad__look', { id: '3' })).toMatchObject({
    ok: true,
    output: { content: [{ type: 'link' }, { type: 'text' }, { type: 'image', leftOut: '1000 characters of base64' }] },
  });
  hostile.turn('long');
  const long = await runTool(servers.tools, 'bad__look', { id: '4' });
  expect(long).toMatchObject({ ok: true, output: { truncated: true } });
  expect(sizeOf(long)).toBeLessThan(50_000);
  hostile.turn('fails');
  expect(await runTool(servers.tools, 'bad__look', { id: '5' })).toMatchObject({
    ok: false,
    error: expect.stringContaining('reports a failure'),
  });
});

/** What becomes of one server that goes wrong in the middle of a call. */
async function breakDown(mood: string): Promise<void> {
  const own = makeHostile();
  const servers = room.start({ [`s-${mood}`]: { ...own.command, tools: NEVER_READ, timeoutSeconds: 1 } });
  await servers.refresh();
  own.turn(mood);
  await expect(runTool(servers.tools, `s-${mood}__send`, { id: '1' }), mood).rejects.toThrow();
  expect(servers.states()).toMatchObject([{ state: 'down' }]);
  // Nobody can say whether the act happened: a person is told.
  expect(await servers.tools.get(`s-${mood}__send`)?.reconcile({}, {} as never)).toMatchObject({ kind: 'unknown' });
  // During the pause it is not asked, and the model is not offered it.
  expect(servers.tools.get(`s-${mood}__look`)?.closed?.(), mood).toMatch(/is down/);
  expect(await runTool(servers.tools, `s-${mood}__look`, { id: '2' })).toMatchObject({ ok: false, retryable: true });
  own.turn('good');
  await expect.poll(() => servers.tools.get(`s-${mood}__look`)?.closed?.(), { timeout: 5_000 }).toBeNull();
  expect(await runTool(servers.tools, `s-${mood}__look`, { id: '3' }), mood).toMatchObject({ ok: true });
  expect(servers.states()).toMatchObject([{ state: 'ok' }]);
  await servers.stop();
  own.remove();
}

test('one that hangs, dies or floods in mid call is ended and started again later, in bounded memory', async () => {
  const before = process.memoryUsage.rss();
  await Promise.all(['hang', 'die', 'flood', 'many'].map(breakDown));
  expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000);
});

test('over HTTP it leads nowhere else: no redirect, no sign-in of its choosing, no flood', async () => {
  hostile.turn('good');
  const port = await freePort();
  await startProgram([hostile.program, hostile.folder, String(port)], {}, /listening/);
  const entry = { url: `http://127.0.0.1:${port}/mcp`, private: true, headers: { Authorization: bearer('SHOP_KEY') }, tools: NEVER_READ };
  let servers = room.start({ web: entry }, { SHOP_KEY: 'shop-0123456789abcdef' });
  await servers.refresh();
  expect(await runTool(servers.tools, 'web__look', { id: '1' })).toMatchObject({ ok: true });
  expect(hostile.journal().at(-1)).toMatchObject({ called: 'look' });
  for (const mood of ['unauthorised', 'elsewhere', 'flood']) {
    hostile.turn(mood);
    expect(await runTool(servers.tools, 'web__look', { id: mood }), mood).toMatchObject({ ok: false, retryable: true });
    await servers.stop();
    servers = room.start({ web: entry }, { SHOP_KEY: 'shop-0123456789abcdef' });
    await servers.refresh();
  }
  expect(hostile.journal().filter((line) => 'path' in line && (line['path'] !== '/mcp' || line['method'] === 'GET'))).toEqual([]);
  expect(hostile.journal().every((line) => !('authorization' in line) || line['authorization'] === 'Bearer shop-0123456789abcdef')).toBe(
    true,
  );
});

test('a public server is reached by https and at public addresses only; a private one never at a cloud’s metadata', async () => {
  const dial = () => Promise.reject(new Error('dialled'));
  const reach = (url: string, isPrivate: boolean, address: string) =>
    createGuardedFetch({ isPrivate, dial, resolve: async () => [address] })(url, { method: 'POST', body: '{}' });
  await expect(reach('https://tools.example/mcp', false, '127.0.0.1')).rejects.toThrow(/not on the public internet/);
  await expect(reach('http://tools.example/mcp', false, '93.184.215.14')).rejects.toThrow(/not https/);
  await expect(reach('https://tools.example/mcp', false, '93.184.215.14')).rejects.toThrow(/dialled/);
  for (const address of ['169.254.169.254', '100.100.100.200', 'fe80::1', 'fd00:ec2::254', '0.0.0.0', '168.63.129.16'])
    await expect(reach('http://nearby.example/mcp', true, address), address).rejects.toThrow(/no server can have/);
  await expect(reach('http://nearby.example/mcp', true, '192.168.1.2')).rejects.toThrow(/dialled/);
});
