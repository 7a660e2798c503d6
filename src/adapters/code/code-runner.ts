// Starts the program that runs a model's code, hands it the job, and ends it: no environment, no files, no network, a bound on everything.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findUnstorable, type Json, storableText } from '../../core/canonical-json.ts';
import type { CodeOutcome, CodeRunner } from '../../domain/tools/code-runner.ts';

export interface CodeLimits {
  /** Of the interpreter, whatever the code allocates. */
  memoryBytes: number;
  /** Of computing, as the interpreter sees it. */
  computeMs: number;
  /** From start to end, then the program is killed. */
  totalMs: number;
  answerCharacters: number;
}

const LIMITS: CodeLimits = { memoryBytes: 64_000_000, computeMs: 5_000, totalMs: 15_000, answerCharacters: 1_000_000 };
const LOG_CHARACTERS = 10_000;
const HEAP_MB = 128;
const MOST_FILES = 20;
const FILE_NAME = /^[A-Za-z0-9][\w. -]{0,80}$/;

const PROGRAM = join(import.meta.dirname, 'sandbox-process.ts');
const LIBRARIES = ['quickjs-emscripten-core', '@jitl/quickjs-wasmfile-release-sync', '@jitl/quickjs-ffi-types'];

const answer = z.object({
  settled: z.boolean(),
  ok: z.boolean().catch(false),
  value: z.json().catch(null),
  error: z.string().catch('it ended without a result'),
  log: z.string().catch(''),
  files: z.record(z.string(), z.string()).catch({}),
});

export function createCodeRunner(given: Partial<CodeLimits> = {}): CodeRunner {
  const limits = { ...LIMITS, ...given };
  return {
    run: async (job, { signal }) => {
      const { totalMs, ...told } = limits;
      const ended = await runProgram(JSON.stringify({ ...job, ...told }), {
        signal,
        totalMs,
        mostBytes: 4 * limits.answerCharacters + 1_000,
      });
      return typeof ended === 'string' ? readAnswer(ended) : { ok: false, error: ended.why, log: '' };
    },
  };
}

/** A second wall behind the first: were there a way out of the interpreter, its program may read itself and nothing else, write nothing, start nothing. */
export function wallsOf(): string[] {
  const readable = [PROGRAM, ...LIBRARIES.map(folderOf)];
  return ['--permission', ...readable.map((path) => `--allow-fs-read=${path}`), `--max-old-space-size=${HEAP_MB}`, '--no-warnings'];
}

/** The folder of an installed package, above its `dist`. */
function folderOf(name: string): string {
  const path = fileURLToPath(import.meta.resolve(name));
  return `${path.slice(0, path.lastIndexOf(`/${name}/`) + name.length + 2) || dirname(path)}`;
}

function runProgram(input: string, { signal, totalMs, mostBytes }: { signal: AbortSignal; totalMs: number; mostBytes: number }) {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<string | { why: string }>();
  const child = spawn(process.execPath, [...wallsOf(), PROGRAM], { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'], shell: false });
  const chunks: Buffer[] = [];
  let bytes = 0;
  const end = (outcome: string | { why: string }): void => {
    child.kill('SIGKILL');
    resolve(outcome);
  };
  const timer = setTimeout(() => end({ why: `it took longer than ${totalMs / 1000} s` }), totalMs);
  const onAbort = (): void => {
    child.kill('SIGKILL');
    reject(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > mostBytes) end({ why: 'what came of it is too long' });
  });
  child.once('error', reject);
  child.once('close', (code) => resolve(code === 0 ? Buffer.concat(chunks).toString('utf8') : { why: 'it needed too much memory' }));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  });
}

/** What the program says is the code's own word: it is taken as a stranger's. */
function readAnswer(text: string): CodeOutcome {
  const read = answer.safeParse(parse(text));
  if (!read.success) return { ok: false, error: 'it ended without a result', log: '' };
  const { settled, ok, value, error, files } = read.data;
  const log = storableText(read.data.log.slice(0, LOG_CHARACTERS));
  if (!settled) return { ok: false, error: 'it waits for something that never comes', log };
  if (!ok) return { ok: false, error: storableText(error.slice(0, 2_000)), log };
  const unstorable = findUnstorable(value);
  if (unstorable !== null) return { ok: false, error: `its result cannot be kept: ${unstorable}`, log };
  const named = Object.entries(files).map(([name, body]) => ({ name, body: storableText(body) }));
  if (named.length > MOST_FILES) return { ok: false, error: `it wrote more than ${MOST_FILES} files`, log };
  const odd = named.find(({ name }) => !FILE_NAME.test(name));
  if (odd !== undefined) return { ok: false, error: `a file cannot be called "${storableText(odd.name).slice(0, 60)}"`, log };
  return { ok: true, value: value as Json, log, files: named };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
