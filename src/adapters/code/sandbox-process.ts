// Runs one piece of a model's JavaScript in QuickJS compiled to WebAssembly: a program of its own, started for it and gone after it.
// No function of the host is handed in. The job comes as JSON on standard input, what came of it goes as JSON to standard output.
import * as release from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, type QuickJSContext, type QuickJSSyncVariant } from 'quickjs-emscripten-core';

interface Job {
  code: string;
  inputs: unknown;
  memoryBytes: number;
  computeMs: number;
  answerCharacters: number;
}

const STACK_BYTES = 512 * 1024;

/** All there is beside the language: made of the language itself, so that nothing of it leads out. */
const PRELUDE = `(() => {
  const files = Object.create(null), lines = [];
  const show = (value) => typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const log = (...values) => { lines.push(values.map(show).join(' ')); };
  globalThis.console = { log, info: log, warn: log, error: log };
  globalThis.writeFile = (name, text) => { files[String(name)] = String(text); };
  globalThis.readFile = (name) => files[String(name)] ?? null;
  globalThis.listFiles = () => Object.keys(files);
  let outcome = { settled: false };
  globalThis.__run = (work) => work().then((value) => { outcome = { settled: true, ok: true, value: value === undefined ? null : value }; },
    (error) => { outcome = { settled: true, ok: false, error: String(error && error.stack ? error.name + ': ' + error.message + '\\n' + error.stack : error) }; });
  const write = JSON.stringify;
  globalThis.__told = () => write({ ...outcome, log: lines.join('\\n'), files });
})();`;

async function run(job: Job): Promise<string> {
  const quickjs = await newQuickJSWASMModuleFromVariant(release.default as unknown as QuickJSSyncVariant);
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(job.memoryBytes);
  runtime.setMaxStackSize(STACK_BYTES);
  const end = performance.now() + job.computeMs;
  runtime.setInterruptHandler(() => performance.now() > end);
  const context = runtime.newContext();
  evaluate(context, PRELUDE);
  evaluate(context, `globalThis.inputs = ${JSON.stringify(job.inputs)};`);
  evaluate(context, `__run(async () => {\n${job.code}\n});`);
  const pending = runtime.executePendingJobs();
  if (pending.error !== undefined) throw new Error(wordsOf(context, pending.error));
  const told = evaluate(context, '__told()');
  if (told.length > job.answerCharacters) throw new Error(`what came of it is longer than ${job.answerCharacters} characters`);
  return told;
}

function evaluate(context: QuickJSContext, code: string): string {
  const result = context.evalCode(code);
  if (result.error !== undefined) throw new Error(wordsOf(context, result.error));
  const text = context.typeof(result.value) === 'string' ? context.getString(result.value) : '';
  result.value.dispose();
  return text;
}

function wordsOf(context: QuickJSContext, handle: Parameters<QuickJSContext['dump']>[0]): string {
  const error: unknown = context.dump(handle);
  if (typeof error !== 'object' || error === null) return String(error);
  const { name = 'Error', message = '' } = error as { name?: string; message?: string };
  return message === 'interrupted' ? 'it computed too long' : `${name}: ${message}`;
}

async function readJob(): Promise<Job> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Job;
}

const answer = await readJob()
  .then(run)
  .catch((error: unknown) =>
    JSON.stringify({ settled: true, ok: false, error: error instanceof Error ? error.message : String(error), log: '', files: {} }),
  );
process.stdout.write(answer);
