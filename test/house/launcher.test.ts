// bin/bot.mjs under a Node that is too old, under one that is new enough, and where npm brought none.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';

const launcher = join(import.meta.dirname, '../../bin/bot.mjs');
const bundledVersion: string = createRequire(import.meta.url)(`node-${process.platform}-${process.arch}/package.json`).version;

let directory: string;
let script: string;

/** The command line of a Node too old for TypeScript: one on PATH, else a new one that is made to say so. */
function findOldNode(): string[] {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const node = join(folder, 'node');
    try {
      const [major = 0, minor = 0] = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.').map(Number);
      if (major < 22 || (major === 22 && minor < 18)) return [node];
    } catch {
      // No Node in this folder.
    }
  }
  const claim =
    "if (!process.env.BUNDLED) Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } }); process.env.BUNDLED = '1';";
  return [process.execPath, '--import', `data:text/javascript,${encodeURIComponent(claim)}`];
}

const [oldNode = '', ...oldFlags] = findOldNode();

function launch(args: string[], options: { node?: string[]; with?: string } = {}): ChildProcess {
  const [node = '', ...flags] = options.node ?? [oldNode, ...oldFlags];
  return spawn(node, [...flags, options.with ?? launcher, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

async function outcome(child: ChildProcess): Promise<{ stdout: string; stderr: string; code: number | null; signal: string | null }> {
  const streams = [child.stdout, child.stderr].map((stream) => (stream === null ? '' : text(stream)));
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  const [stdout = '', stderr = ''] = await Promise.all(streams);
  return { stdout, stderr, code, signal };
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'jug-launcher-'));
  script = join(directory, 'script.ts');
  // Types in it, so that only a Node that strips them can run it.
  writeFileSync(
    script,
    `const [, file, mode = '', ...rest]: string[] = process.argv;
    if (mode === 'report') {
      console.log(JSON.stringify({ version: process.versions.node, pid: process.pid, file, rest }));
      process.exitCode = 7;
    } else if (mode === 'echo') {
      process.stdin.pipe(process.stdout);
    } else {
      process.once('SIGTERM', () => process.exit(5)).once('SIGINT', () => process.exit(6));
      setInterval((): void => {}, 1000);
      console.log(process.pid);
    }`,
  );
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('an old Node runs the file with the bundled one, passing on arguments and exit status', async () => {
  const { stdout, stderr, code } = await outcome(launch([script, 'report', '--json', 'two words']));
  expect(JSON.parse(stdout)).toMatchObject({ version: bundledVersion, file: script, rest: ['--json', 'two words'] });
  expect({ stderr, code }).toEqual({ stderr: '', code: 7 });
});

test('a new Node runs the file itself, in the same process', async () => {
  const bundled = join(
    dirname(createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`)),
    'bin/node',
  );
  const child = launch([script, 'report', 'x'], { node: [bundled] });
  const { stdout, code } = await outcome(child);
  expect(JSON.parse(stdout)).toEqual({ version: bundledVersion, pid: child.pid, file: script, rest: ['x'] });
  expect(code).toBe(7);
});

test('standard input reaches the file', async () => {
  const child = launch([script, 'echo']);
  child.stdin?.end('a line\n');
  expect(await outcome(child)).toMatchObject({ stdout: 'a line\n', code: 0 });
});

test.each([
  ['SIGTERM', 5],
  ['SIGINT', 6],
] as const)('%s reaches the file, whose answer is the exit status', async (signal, status) => {
  const child = launch([script, 'wait']);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  child.kill(signal);
  expect(await outcome(child)).toMatchObject({ code: status, signal: null });
});

test('a file that is killed shows as killed', async () => {
  const child = launch([script, 'wait']);
  const [pid] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  process.kill(Number(String(pid)), 'SIGKILL');
  expect(await outcome(child)).toMatchObject({ code: null, signal: 'SIGKILL' });
});

test('without a bundled Node an old one says one sentence and exits with 2', async () => {
  const alone = join(directory, 'bot.mjs');
  copyFileSync(launcher, alone);
  const { stdout, stderr, code } = await outcome(launch([script, 'report'], { with: alone }));
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  expect(stderr).toMatch(/^This needs Node 22\.18 or newer and found [\d.]+: install Node 24, .*\n$/);
});

test('--vitest runs the test runner that npm installed', async () => {
  const { stdout, code } = await outcome(launch(['--vitest', '--version']));
  expect(stdout).toMatch(/^vitest\/\d+\.\d+\.\d+ .*node-v24/);
  expect(code).toBe(0);
});

test('no file is bad usage', async () => {
  expect(await outcome(launch([]))).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage') });
});
