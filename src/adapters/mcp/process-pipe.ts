// The stdio transport: a server as a child process with an environment of its own, in an empty folder, with a bound on what it may say.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { redactText } from '../../core/redact.ts';
import type { McpServerConfig } from '../../tool-config.ts';

/** One message, in bytes. */
const LARGEST_MESSAGE = 4_000_000;
/** All that comes between two of our messages, in bytes. */
const LARGEST_FLOOD = 16_000_000;
const LAST_WORDS = 600;
/** Between closing its input and ending it by force. */
const GRACE_MS = 1_000;

type Stdio = Extract<McpServerConfig['via'], { kind: 'stdio' }>;

export class ProcessPipe implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: <T extends JSONRPCMessage>(message: T) => void;
  readonly #via: Stdio;
  #child: ChildProcessWithoutNullStreams | null = null;
  #folder = '';
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #sinceSent = 0;
  #lastWords = '';

  constructor(via: Stdio) {
    this.#via = via;
  }

  /** The end of what it wrote to its error output: why it does not start. */
  get lastWords(): string {
    return redactText(this.#lastWords).trim();
  }

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'jug-mcp-'));
    const { command, args, env, path } = this.#via;
    const named = Object.fromEntries([...env].map(([name, value]) => [name, value.reveal()]));
    // A group of its own, so that what the command started (npx starts node) ends with it.
    const child = spawn(command, args, { cwd: this.#folder, env: { PATH: path, ...named }, detached: true, shell: false });
    this.#child = child;
    child.on('error', (error) => this.onerror?.(error));
    child.stdin.on('error', (error) => this.onerror?.(error));
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.subarray(-LAST_WORDS).toString('utf8')).slice(-LAST_WORDS);
    });
    child.once('close', () => {
      this.#child = null;
      void rm(this.#folder, { recursive: true, force: true });
      this.onclose?.();
    });
    await once(child, 'spawn');
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const child = this.#child;
    if (child === null || !child.stdin.writable) throw new Error('the server has ended');
    this.#sinceSent = 0;
    if (!child.stdin.write(`${JSON.stringify(message)}\n`)) await Promise.race([once(child.stdin, 'drain'), once(child, 'close')]);
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const closed = once(child, 'close');
    child.stdin.end();
    const timer = setTimeout(() => this.#kill(), GRACE_MS);
    await closed;
    clearTimeout(timer);
  }

  #kill(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The group is gone already.
      this.#child?.kill('SIGKILL');
    }
  }

  #take(chunk: Buffer): void {
    this.#sinceSent += chunk.length;
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...this.#pending, rest.subarray(0, end)]);
      this.#pending = [];
      this.#pendingBytes = 0;
      rest = rest.subarray(end + 1);
      this.#hear(line.toString('utf8'));
    }
    if (rest.length > 0) this.#pending.push(rest);
    this.#pendingBytes += rest.length;
    if (this.#pendingBytes <= LARGEST_MESSAGE && this.#sinceSent <= LARGEST_FLOOD) return;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#lastWords = 'it said more than may be read';
    this.#child?.stdout.removeAllListeners('data');
    this.#kill();
  }

  #hear(line: string): void {
    if (line.trim() === '') return;
    try {
      this.onmessage?.(JSONRPCMessageSchema.parse(JSON.parse(line)));
    } catch {
      // A line of log on the wrong stream: many servers greet like this.
      this.onerror?.(new Error('the server wrote a line that is no message'));
    }
  }
}
