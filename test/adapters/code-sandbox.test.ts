// Code of a model runs in a sandbox that has nothing: it reckons and makes files, and every way out ends inside.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createCodeRunner } from '../../src/adapters/code/code-runner.ts';

const runner = createCodeRunner({ memoryBytes: 16_000_000, computeMs: 300, totalMs: 4_000, answerCharacters: 100_000 });
const run = (code: string, inputs = {}) => runner.run({ code, inputs }, { signal: new AbortController().signal });
const folder = mkdtempSync(join(tmpdir(), 'jug-escape-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('it reckons over what it is given, logs, and keeps files', async () => {
  const code = `const sum = inputs['7'].orders.reduce((all, one) => all + one.usd, 0);
    console.log('sum', sum, { at: 1 });
    writeFile('orders.csv', inputs['7'].orders.map((one) => one.id + ',' + one.usd).join('\\n'));
    return { sum, listed: listFiles(), back: readFile('orders.csv').length, none: readFile('x') };`;
  const orders = {
    orders: [
      { id: 'a', usd: 2 },
      { id: 'b', usd: 3 },
    ],
  };
  expect(await run(code, { 7: orders })).toEqual({
    ok: true,
    value: { sum: 5, listed: ['orders.csv'], back: 7, none: null },
    log: 'sum 5 {"at":1}',
    files: [{ name: 'orders.csv', body: 'a,2\nb,3' }],
  });
});

test('nothing of the machine is in reach: every name, import and constructor ends in the interpreter', async () => {
  const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  let knocks = 0;
  server.on('connection', () => {
    knocks += 1;
  });
  await once(server, 'listening');
  const port = (server.address() as { port: number }).port;
  const ways = [
    'typeof process',
    'typeof require',
    'typeof module',
    'typeof fetch',
    'typeof XMLHttpRequest',
    'typeof WebSocket',
    'typeof WebAssembly',
    'typeof std',
    'typeof os',
    'typeof Deno',
    'typeof Buffer',
    'typeof setTimeout',
    'typeof SharedArrayBuffer === "undefined" || "undefined"',
    `(new Function('return typeof process'))()`,
    `(0, eval)('typeof process')`,
    `[].constructor.constructor('return typeof process')()`,
    `(async () => {}).constructor('return typeof process')()`,
    `Reflect.construct(Function, ['return typeof globalThis.process'])()`,
  ];
  const asked = ways
    .map((way) => `try { found.push(String(await ${way})); } catch (error) { found.push('threw ' + error.name); }`)
    .join('\n');
  const imports = [
    'fs',
    'node:fs',
    'std',
    'os',
    'qjs:os',
    `http://127.0.0.1:${port}/a.js`,
    '/etc/passwd',
    './sandbox-process.ts',
    'data:text/javascript,1',
  ];
  const tried = imports
    .map(
      (name) =>
        `try { await import(${JSON.stringify(name)}); found.push('imported'); } catch (error) { found.push('threw ' + error.name); }`,
    )
    .join('\n');
  const outcome = await run(`const found = []; ${asked}\n${tried}\nreturn found;`);
  server.close();
  expect(outcome).toMatchObject({ ok: true });
  const found = outcome.ok ? (outcome.value as string[]) : [];
  expect(found).toHaveLength(ways.length + imports.length);
  expect(found.filter((one) => one !== 'undefined' && !one.startsWith('threw'))).toEqual([]);
  expect(knocks).toBe(0);
});

test('leaving the wrapper, changing the prelude or the language’s own objects forges a result and nothing else', async () => {
  expect(await run(`}); globalThis.escaped = typeof process; __run(async () => { return escaped;`)).toMatchObject({
    ok: true,
    value: 'undefined',
  });
  expect(
    await run(`globalThis.__told = () => '{"settled":true,"ok":true,"value":"forged","log":"","files":{"../../etc/x":"y"}}';`),
  ).toMatchObject({ ok: false, error: expect.stringContaining('cannot be called') });
  expect(await run(`globalThis.__told = () => 'no JSON';`)).toMatchObject({ ok: false, error: 'it ended without a result' });
  await run(`Object.prototype.toJSON = () => 1; Array.prototype.join = () => '__proto__'; return JSON.parse('{"__proto__":{"a":1}}');`);
  expect(Object.keys({})).toEqual([]);
  for (const name of ['../a', '.env'])
    expect(await run(`writeFile(${JSON.stringify(name)}, 'x')`), name).toMatchObject({
      ok: false,
      error: expect.stringContaining('cannot be called'),
    });
}, 60_000);

test.each([
  ['computes for ever', 'while (true) {}', /interrupted|too long/],
  [
    'computes for ever in later turns',
    'const again = async () => { for (;;) await null; }; await again();',
    /interrupted|too long|took longer/,
  ],
  ['eats memory', 'const all = []; for (;;) all.push(new Uint8Array(1e6));', /memory|interrupted|took longer/],
  ['doubles a text', `let text = 'x'; for (;;) text += text;`, /memory|interrupted|too long|took longer/],
  ['calls itself', 'const deep = () => deep() + 1; return deep();', /stack/i],
  ['answers too much', `return 'x'.repeat(200000);`, /longer|too long/],
  ['waits for ever', 'await new Promise(() => {});', /never comes/],
  ['throws something odd', 'throw null;', /null/],
  ['is no JavaScript', 'this is no code', /SyntaxError/],
  ['returns what JSON cannot hold', 'return 10n;', /./],
])('code that %s ends with a reason', async (_what, code, why) => {
  const outcome = await run(code);
  expect(outcome.ok ? '' : outcome.error).toMatch(why);
});

test('the signal ends it at once, and its process is gone', async () => {
  const abort = new AbortController();
  const running = createCodeRunner().run({ code: 'while (true) {}', inputs: {} }, { signal: abort.signal });
  abort.abort(new Error('paused'));
  await expect(running).rejects.toThrow('paused');
});

test('were there a way out of the interpreter, its process could read nothing, write nothing, start nothing and knows no secret', async () => {
  writeFileSync(join(folder, 'token'), 'the-local-token');
  // The same walls as around the program, with a program that tries.
  const { wallsOf } = await import('../../src/adapters/code/code-runner.ts');
  const tries = `const out = {}; const attempt = async (name, work) => { try { out[name] = String(await work()); } catch (error) { out[name] = error.code ?? error.name; } };
    const fs = await import('node:fs');
    await attempt('read', () => fs.readFileSync(${JSON.stringify(join(folder, 'token'))}, 'utf8'));
    await attempt('list', () => fs.readdirSync('/proc/self'));
    await attempt('environment', () => fs.readFileSync('/proc/self/environ', 'utf8'));
    await attempt('write', () => fs.writeFileSync(${JSON.stringify(join(folder, 'made'))}, 'x'));
    await attempt('spawn', async () => (await import('node:child_process')).spawnSync('true').pid);
    await attempt('worker', async () => new (await import('node:worker_threads')).Worker('1', { eval: true }).threadId);
    await attempt('variables', () => Object.keys(process.env).join());
    console.log(JSON.stringify(out));`;
  const ended = spawnSync(process.execPath, [...wallsOf(), '--input-type=module', '-e', tries], { env: {}, cwd: '/', encoding: 'utf8' });
  const { variables, ...refused } = JSON.parse(ended.stdout || ended.stderr) as Record<string, string>;
  expect(variables).toBe('');
  expect(new Set(Object.values(refused))).toEqual(new Set(['ERR_ACCESS_DENIED']));
  expect(readdirSync(folder)).toEqual(['token']);
});
