// A bot in a process of its own, as people run it; benches start, stop and kill it, and ask for its CPU time.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Order, Word } from './approvals-bot.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const READY_WITHIN_MS = 60_000;

export interface BotProcess {
  pid: number;
  /** Milliseconds from spawn to the "Console:" line. */
  readyMs: number;
  /** `http://127.0.0.1:PORT` */
  url: string;
  token: string;
  /** CPU time of the process so far, ms; this and the next two only for a bot whose script listens (approvals-bot.ts). */
  cpuMs(): Promise<number>;
  order(order: Order): void;
  onWord(listener: (word: Word) => void): void;
  stop(): Promise<void>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

const SCRUBBED = /^(JUG_|OPENAI_|STRIPE_|PRACTICE_|DATABASE_URL|PORT$|LOG_LEVEL$|NODE_OPTIONS$|npm_)/;

/** @param options.script default: the product's own entry through its launcher. @throws Error with what it said when it does not get ready */
export async function startBot(options: { dataDir: string; env?: Record<string, string>; script?: string[] }): Promise<BotProcess> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([key]) => !SCRUBBED.test(key)));
  const started = performance.now();
  // As `npm start` does: a small nursery keeps a flood's garbage small.
  const args = options.script === undefined ? ['--max-semi-space-size=4', `${ROOT}bin/bot.mjs`, `${ROOT}src/main.ts`] : options.script;
  // BENCH_PROFILE_DIR: a V8 CPU profile of the bot, for whoever wants to make it cheaper.
  const profile = process.env['BENCH_PROFILE_DIR'];
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, [...flags, ...args], {
    // Away from the repository, where a person's .env would be read.
    cwd: options.dataDir,
    env: { ...inherited, JUG_DATA_DIR: options.dataDir, PORT: '0', JUG_TIMEZONE: 'UTC', ...options.env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const consoleUrl = new URL(await waitForConsole(child));
  const exited = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    readyMs: performance.now() - started,
    url: consoleUrl.origin,
    token: consoleUrl.searchParams.get('token') ?? '',
    cpuMs: () =>
      new Promise((resolve) => {
        const listen = (word: Word): void => {
          if (!('cpuMs' in word)) return;
          child.off('message', listen);
          resolve(word.cpuMs);
        };
        child.on('message', listen);
        child.send({ say: 'cpu' });
      }),
    order: (order) => void child.send(order),
    onWord: (listener) => void child.on('message', listener),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function waitForConsole(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`The bot ${why}:\n${said.slice(-20).join('\n')}`));
    const timer = setTimeout(() => fail('did not get ready'), READY_WITHIN_MS);
    child.once('exit', () => fail('ended'));
    if (child.stdout === null) throw new Error('no output to read');
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (said.length < 200) said.push(line);
      const url = /^Console: (\S+)/.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
