// One MCP server's life: opened when it is needed, asked within limits, closed when it misbehaves, opened again after a growing pause.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { type CallToolResult, CallToolResultSchema, ErrorCode, ListToolsResultSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import { Upstream } from '../../core/errors.ts';
import { type Offered, readDefinition } from '../../domain/tools/server-tool.ts';
import type { McpServerConfig } from '../../tool-config.ts';
import { type Dialer, dialTcp, type Resolver, resolveName } from '../http/guarded-connection.ts';
import { createGuardedFetch, type Fetch } from '../http/guarded-fetch.ts';
import { ProcessPipe } from './process-pipe.ts';

const OPEN_MS = 15_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const MOST_PAGES = 20;
const MOST_TOOLS = 300;

export type Answered = { kind: 'result'; result: CallToolResult } | { kind: 'refused'; why: string };

export interface ServerConnection {
  /** What it says it can do. @throws Upstream when it cannot be reached: nothing has happened then. */
  list(signal: AbortSignal): Promise<Offered[]>;
  /** @throws when nobody knows whether the call was made */
  call(tool: string, input: Record<string, unknown>, signal: AbortSignal): Promise<Answered>;
  /** Why it cannot be asked now; null when it can. */
  trouble(): string | null;
  /** What went wrong last, until it works again. */
  failure(): string | null;
  close(): Promise<void>;
}

interface Surroundings {
  dial?: Dialer | undefined;
  resolve?: Resolver | undefined;
  /** Monotonic milliseconds. */
  now?: () => number;
}

interface Line {
  client: Client;
  lastWords: () => string;
}

export function createServerConnection(config: McpServerConfig, around: Surroundings = {}): ServerConnection {
  const { now = () => performance.now() } = around;
  let line: Promise<Line> | null = null;
  let isOpen = false;
  let failures = 0;
  let underWay = 0;
  let notBefore = 0;
  let why: string | null = null;

  async function use<Result>(signal: AbortSignal, work: (client: Client) => Promise<Result>): Promise<Result> {
    if (line === null && now() < notBefore) throw new Upstream(`The server ${config.name} is down: ${why}`, { retryable: true });
    line ??= openLine(config, around, () => {
      if (isOpen) end('it ended');
    });
    const opened = await line.catch((error: unknown) => {
      end(wordsOf(error));
      throw new Upstream(`The server ${config.name} does not start: ${why}`, { retryable: true, cause: error });
    });
    isOpen = true;
    underWay += 1;
    try {
      const result = await work(opened.client);
      failures = 0;
      why = null;
      return result;
    } catch (error) {
      if (isAnswer(error) || signal.aborted) throw error;
      // The line is others' too; a late answer finds nobody. A server that answers nobody is closed with the last who waits.
      if (isTimeout(error) && underWay > 1) throw error;
      // Whatever it still says belongs to a question nobody asks any more.
      end(opened.lastWords() || wordsOf(error));
      await opened.client.close().catch(() => undefined);
      throw error;
    } finally {
      underWay -= 1;
    }
  }

  function end(reason: string): void {
    line = null;
    isOpen = false;
    why = reason.slice(0, 300);
    notBefore = now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    failures += 1;
  }

  return {
    list: async (signal) => {
      try {
        return await use(signal, (client) => listAll(client, config, signal));
      } catch (error) {
        if (error instanceof Upstream || signal.aborted) throw error;
        throw new Upstream(`The server ${config.name} does not say what it can do: ${wordsOf(error)}`, { retryable: true, cause: error });
      }
    },
    call: async (tool, input, signal) => {
      try {
        const params = { name: tool, arguments: input };
        const limits = { signal, timeout: config.timeoutMs, maxTotalTimeout: config.timeoutMs };
        return {
          kind: 'result',
          result: await use(signal, (client) => client.request({ method: 'tools/call', params }, CallToolResultSchema, limits)),
        };
      } catch (error) {
        if (isAnswer(error)) return { kind: 'refused', why: error.message.slice(0, 2_000) };
        throw error;
      }
    },
    trouble: () => (line === null && why !== null && now() < notBefore ? why : null),
    failure: () => (line === null ? why : null),
    close: async () => {
      const open = await line?.catch(() => null);
      isOpen = false;
      line = null;
      await open?.client.close();
    },
  };
}

/** The server heard the question and said no. */
function isAnswer(error: unknown): error is McpError {
  return error instanceof McpError && error.code !== ErrorCode.RequestTimeout && error.code !== ErrorCode.ConnectionClosed;
}

const isTimeout = (error: unknown): boolean => error instanceof McpError && error.code === ErrorCode.RequestTimeout;

const wordsOf = (error: unknown): string => (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));

/** No capability is declared, so every wish of the server (sampling, elicitation, roots) is answered with "method not found". */
async function openLine(config: McpServerConfig, around: Surroundings, onClose: () => void): Promise<Line> {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  // Schemas of strangers are not compiled to code.
  const jsonSchemaValidator = { getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: 'not looked at' }) };
  const client = new Client({ name: 'juggernaut', version: '0.1.0' }, { capabilities: {}, jsonSchemaValidator });
  const { via } = config;
  const transport = via.kind === 'stdio' ? new ProcessPipe(via) : await openHttp(via, around);
  const lastWords = (): string => (transport instanceof ProcessPipe ? transport.lastWords : '');
  client.onclose = onClose;
  try {
    await client.connect(transport, { timeout: OPEN_MS });
  } catch (error) {
    const said = lastWords();
    await transport.close().catch(() => undefined);
    throw said === '' ? error : new Error(said.replaceAll(/\s+/g, ' ').slice(-300), { cause: error });
  }
  return { client, lastWords };
}

async function openHttp(via: Extract<McpServerConfig['via'], { kind: 'http' }>, { dial = dialTcp, resolve = resolveName }: Surroundings) {
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const headers = Object.fromEntries([...via.headers].map(([name, value]) => [name, value.reveal()]));
  const onBroken = (): void => void transport.close().catch(() => undefined);
  const transport = new StreamableHTTPClientTransport(new URL(via.url), {
    fetch: askedOnly(createGuardedFetch({ isPrivate: via.isPrivate, dial, resolve, onBroken })),
    requestInit: { headers },
  });
  return transport;
}

/** A stream of words that nobody asked for is not opened: what changed is seen before each call. */
const askedOnly =
  (fetch: Fetch): Fetch =>
  async (url, init) =>
    init?.method === 'GET' ? new Response(null, { status: 405 }) : fetch(url, init);

async function listAll(client: Client, config: McpServerConfig, signal: AbortSignal): Promise<Offered[]> {
  const found: Offered[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && found.length < MOST_TOOLS; page += 1) {
    const request = { method: 'tools/list', params: cursor === undefined ? {} : { cursor } } as const;
    const { tools, nextCursor } = await client.request(request, ListToolsResultSchema, {
      signal,
      timeout: OPEN_MS,
      maxTotalTimeout: OPEN_MS,
    });
    for (const { name, title = '', description = '', inputSchema } of tools)
      found.push(readDefinition(config.name, { name, title, description, inputSchema }));
    if (nextCursor === undefined) break;
    cursor = nextCursor;
  }
  return found.slice(0, MOST_TOOLS);
}
