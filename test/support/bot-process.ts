// A bot in a process of its own on a test's database: to kill, to stop in its tracks, to end politely. Speak to it over HTTP like a person.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type pg from 'pg';
import type { TestDatabase } from './postgres.ts';
import type { Answer } from './story.ts';

/** What the child is told; see bot-process-main.ts. */
export interface BotStart {
  env: Record<string, string>;
  dataDir: string;
  /** Null: it connects by DATABASE_URL. */
  connection: pg.PoolConfig | null;
  marketConnection: pg.PoolConfig;
  knockUrl: string | null;
  knockAsks: boolean;
  hookPort: number | null;
}

export interface BotOptions {
  database: Pick<TestDatabase, 'connection' | 'marketConnection'>;
  /** Where PostgreSQL is reached instead of directly: a wire proxy. The market keeps its direct line. */
  through?: { host: string; port: number };
  env?: Record<string, string>;
  /** It connects by DATABASE_URL of its environment, as on a server of one's own. */
  byUrl?: boolean;
  /** A far side that counts what is done to it; adds the tool `knock` (far-tool.ts). */
  knockUrl?: string;
  /** `knock` waits for a yes. */
  knockAsks?: boolean;
  /** Where the server listens that fulfils orders (hook-double.ts). */
  hookPort?: number;
}

export interface BotProcess {
  readonly pid: number;
  readonly port: number;
  /** The console's. */
  readonly token: string;
  /** Resolves when it listens; rejects when it ended before. */
  readonly ready: Promise<void>;
  /** Resolves with the exit status, or the signal's name. */
  readonly exited: Promise<number | string>;
  readonly hasExited: boolean;
  /** Runs a command as the console's owner. Rejects when the bot does not answer. */
  say(command: string, input?: Record<string, unknown>): Promise<Answer>;
  /** GETs a path as the console's owner. */
  get(path: string): Promise<Response>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  send(signal: 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void;
}

/** A bot that has loaded everything and waits to be started. */
export interface WarmBot {
  start(options: BotOptions): BotProcess;
}

const SCRIPT = new URL('./bot-process-main.ts', import.meta.url).pathname;
const children = new Set<ChildProcessWithoutNullStreams>();
const dataDirs = new Map<string, string>();

/** Bots on one database share a data directory, as they would on one machine: one token, one console link. */
async function dataDirOf(options: BotOptions): Promise<string> {
  const database = JSON.stringify(options.database.connection);
  const known = dataDirs.get(database);
  if (known !== undefined) return known;
  const made = await mkdtemp(join(tmpdir(), 'jug-bot-'));
  dataDirs.set(database, made);
  return made;
}

export async function warmBot(options: Pick<BotOptions, 'database'>): Promise<WarmBot> {
  const dataDir = await dataDirOf(options);
  const child = spawn(process.execPath, [SCRIPT], {
    stdio: ['pipe', 'pipe', process.env['BOT_LOG'] === undefined ? 'pipe' : 'inherit'],
  });
  children.add(child as ChildProcessWithoutNullStreams);
  return { start: (full) => run(child as ChildProcessWithoutNullStreams, full, dataDir) };
}

/** Starts a bot and waits until it listens. */
export async function startBot(options: BotOptions): Promise<BotProcess> {
  const bot = (await warmBot(options)).start(options);
  await bot.ready;
  return bot;
}

function run(child: ChildProcessWithoutNullStreams, options: BotOptions, dataDir: string): BotProcess {
  let at = { port: 0, token: '' };
  let gone = false;
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = `${words}${chunk}`.slice(-4000);
  });
  const exited = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
    gone = true;
    children.delete(child);
    return code ?? signal ?? 'unknown';
  });
  const listening = once(createInterface({ input: child.stdout }), 'line').then(([line]: string[]) => {
    at = JSON.parse(line ?? '{}') as typeof at;
  });
  const early = exited.then((how) => Promise.reject(new Error(`the bot ended before it listened (${how}): ${words}`)));
  const ready = Promise.race([listening, early]);
  ready.catch(() => undefined);
  early.catch(() => undefined);
  const start: BotStart = {
    env: {
      PORT: '0',
      PRACTICE_DAY_SECONDS: '0',
      // No experiments of its own: a story about them gives it a standing budget.
      JUG_STANDING_BUDGET_USD: '0',
      LOG_LEVEL: process.env['BOT_LOG'] ?? 'silent',
      JUG_TIMEZONE: 'UTC',
      JUG_MAX_TASKS_PER_HOUR: '100000',
      ...options.env,
    },
    dataDir,
    connection: options.byUrl === true ? null : { ...options.database.connection, ...options.through },
    marketConnection: options.database.marketConnection,
    knockUrl: options.knockUrl ?? null,
    knockAsks: options.knockAsks ?? false,
    hookPort: options.hookPort ?? null,
  };
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify(start)}\n`);
  const headers = () => ({ authorization: `Bearer ${at.token}`, 'content-type': 'application/json' });
  return {
    pid: child.pid ?? 0,
    get port() {
      return at.port;
    },
    get token() {
      return at.token;
    },
    get hasExited() {
      return gone;
    },
    ready,
    exited,
    say: async (command, input = {}) => {
      const body = JSON.stringify({ input });
      const response = await fetch(`http://127.0.0.1:${at.port}/api/commands/${command}`, { method: 'POST', headers: headers(), body });
      return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>), ok: response.ok };
    },
    get: (path) => fetch(`http://127.0.0.1:${at.port}${path}`, { headers: headers() }),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    send: (signal) => {
      child.kill(signal);
    },
  };
}

/** Kills every bot that is left and removes the data directories. */
export async function endBots(): Promise<void> {
  const left = [...children].map((child) => {
    const gone = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, 'exit');
    child.kill('SIGKILL');
    return gone;
  });
  await Promise.all(left);
  children.clear();
  for (const directory of dataDirs.values()) await rm(directory, { recursive: true, force: true });
  dataDirs.clear();
}
