// A PostgreSQL wire proxy for crash tests and benches: counts and names every statement on its way to the real server,
// and lets a test act just before one is sent or just after it was answered, or play a broken network.
import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Frame, FrameReader, isCancelRequest, isEncryptionRequest, StatementNames } from './wire-frames.ts';

/** 'drop' cuts the connection instead of passing the message on; anything else passes it on. */
export type Verdict = 'forward' | 'drop';
/** `n` counts from 1 over all connections, in the order the statements came. */
export type StatementHook = (n: number, sql: string) => Verdict | Promise<Verdict>;

export interface WireProxy {
  readonly host: string;
  readonly port: number;
  /** The text of every statement so far, BEGIN and COMMIT included; an Execute counts with the SQL it was prepared from. */
  readonly statements: readonly string[];
  /** How many statements came; equals the last `n`. */
  readonly count: number;
  /** Called, and waited for, before a statement goes to the server. */
  onStatement(hook: StatementHook | null): void;
  /** Called, and waited for, when the server has finished a statement (committed, where it commits) and the client has not heard of it. */
  onAnswer(hook: StatementHook | null): void;
  /** Holds everything back in both directions while all connections stay open. */
  pause(): void;
  resume(): void;
  /** Breaks every connection there is; new ones are welcome. */
  cut(): void;
  close(): Promise<void>;
}

interface Statement {
  n: number;
  sql: string;
}

/** What all connections share. */
interface Shared {
  statements: string[];
  onStatement: StatementHook | null;
  onAnswer: StatementHook | null;
  /** Resolves when nothing is held back. */
  gate: Promise<void>;
}

/** One client with its own connection to the server; each direction is worked off strictly in order. */
class Relay {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #shared: Shared;
  readonly #names = new StatementNames();
  /** Statements sent, grouped by the ReadyForQuery that will end them; the first group is the login's. */
  readonly #cycles: Statement[][] = [[], []];
  #isPassingThrough = false;
  #withheld: Buffer[] = [];

  constructor(client: Socket, server: Socket, shared: Shared) {
    this.#client = client;
    this.#server = server;
    this.#shared = shared;
    this.#work(client, server, new FrameReader(true), (frame) => this.#fromClient(frame));
    this.#work(server, client, new FrameReader(false), (frame) => this.#fromServer(frame));
  }

  cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  #work(from: Socket, to: Socket, reader: FrameReader, handle: (frame: Frame) => Promise<void>): void {
    let last: Promise<void> = Promise.resolve();
    const next = (step: () => Promise<void>) => {
      last = last.then(step).catch(() => this.cut());
    };
    from.on('data', (chunk: Buffer) => {
      for (const frame of reader.read(chunk)) next(() => handle(frame));
    });
    // What came before the end is still delivered; a killed process's last statement may well arrive.
    const finish = async () => {
      await this.#shared.gate;
      to.end();
    };
    from.once('end', () => next(finish));
    from.once('close', () => next(finish));
    from.on('error', () => {});
  }

  async #fromClient(frame: Frame): Promise<void> {
    await this.#shared.gate;
    if (frame.type === '' && isEncryptionRequest(frame.bytes)) {
      this.#client.write('N');
      return;
    }
    // A cancel request is a connection of its own that the server ends without a word.
    if (frame.type === '' && isCancelRequest(frame.bytes)) this.#isPassingThrough = true;
    const sql = this.#names.follow(frame);
    if (sql !== null && !(await this.#announce(sql))) return this.cut();
    if (frame.type === 'Q' || frame.type === 'S' || frame.type === 'F') this.#cycles.push([]);
    // With a Flush the client waits for an answer before the cycle ends.
    if (frame.type === 'H') this.#isPassingThrough = true;
    await this.#shared.gate;
    this.#server.write(frame.bytes);
  }

  /** @returns whether the statement may go on */
  async #announce(sql: string): Promise<boolean> {
    const n = this.#shared.statements.push(sql);
    const verdict = await this.#shared.onStatement?.(n, sql);
    this.#cycles.at(-1)?.push({ n, sql });
    return verdict !== 'drop';
  }

  async #fromServer(frame: Frame): Promise<void> {
    // Copying in or both ways: the client has to hear of it to go on.
    if (frame.type === 'G' || frame.type === 'W') this.#isPassingThrough = true;
    this.#withheld.push(frame.bytes);
    if (frame.type === 'Z' && !(await this.#finishCycle())) return this.cut();
    const isWaiting = this.#shared.onAnswer !== null && (this.#cycles[0]?.length ?? 0) > 0 && frame.type !== 'Z';
    if (isWaiting && !this.#isPassingThrough) return;
    await this.#shared.gate;
    for (const bytes of this.#withheld.splice(0)) this.#client.write(bytes);
  }

  async #finishCycle(): Promise<boolean> {
    this.#isPassingThrough = false;
    for (const { n, sql } of this.#cycles.shift() ?? []) {
      if ((await this.#shared.onAnswer?.(n, sql)) === 'drop') return false;
    }
    return true;
  }
}

export interface WireProxyOptions {
  /** The real server; a host that begins with / is a socket directory. */
  target: { host: string; port: number };
  /** Listen on a Unix socket in this directory instead of a loopback port. */
  socketDir?: string;
}

/** Starts the proxy. Connect to its `host` and `port` as to the server itself, without TLS. */
export async function startWireProxy({ target, socketDir }: WireProxyOptions): Promise<WireProxy> {
  const shared: Shared = { statements: [], onStatement: null, onAnswer: null, gate: Promise.resolve() };
  const relays = new Map<Relay, Socket>();
  let open: (() => void) | null = null;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = target.host.startsWith('/')
      ? dial({ path: join(target.host, `.s.PGSQL.${target.port}`), allowHalfOpen: true })
      : dial({ host: target.host, port: target.port, allowHalfOpen: true, noDelay: true });
    const relay = new Relay(client, upstream, shared);
    relays.set(relay, client);
    client.once('close', () => relays.delete(relay));
  });
  server.listen(socketDir === undefined ? { host: '127.0.0.1', port: 0 } : { path: join(socketDir, `.s.PGSQL.${target.port}`) });
  await once(server, 'listening');
  const address = server.address();
  const cut = () => {
    for (const relay of relays.keys()) relay.cut();
  };
  const resume = () => {
    open?.();
    open = null;
  };
  return {
    host: socketDir ?? '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : target.port,
    statements: shared.statements,
    get count() {
      return shared.statements.length;
    },
    onStatement(hook) {
      shared.onStatement = hook;
    },
    onAnswer(hook) {
      shared.onAnswer = hook;
    },
    pause() {
      if (open !== null) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      shared.gate = promise;
      open = resolve;
    },
    resume,
    cut,
    async close() {
      cut();
      resume();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
