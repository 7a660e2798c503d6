// All configured servers: their accepted tools in the registry, their health; a process or connection only where something is needed of it.
import type { Database } from '../../db/database.ts';
import { listPins, type PinnedTool } from '../../domain/tools/pin-store.ts';
import { nameOf } from '../../domain/tools/server-tool.ts';
import type { Mode, Tool } from '../../domain/tools/tool.ts';
import { NO_TOOL_SERVERS, type ServerState, type ToolServers } from '../../domain/tools/tool-servers.ts';
import { type Pinned, pinTools } from '../../flows/pin-tools.ts';
import type { Log } from '../../observability/logger.ts';
import type { McpServerConfig } from '../../tool-config.ts';
import type { ServerConnection } from './server-connection.ts';
import { createServerTool } from './server-tool.ts';

/** So long a server that is asked for the first time may take, and so long work waits for it. */
const FIRST_ANSWER_MS = 60_000;
const FIRST_WAIT_MS = 10_000;

export interface ToolServersNeeds {
  db: Database;
  mode: Mode;
  servers: readonly McpServerConfig[];
  /** The registry: tools of servers come and go in it. */
  tools: Map<string, Tool>;
  log: Log;
}

interface Server {
  config: McpServerConfig;
  connection: ServerConnection | null;
  unusable: Pinned['unusable'];
  /** Why it could not be asked what it has. */
  trouble: string | null;
  asked: boolean;
  /** It is being asked for the first time. */
  learning: Promise<void> | null;
}

export function openToolServers(needs: ToolServersNeeds): ToolServers {
  if (needs.servers.length === 0) return NO_TOOL_SERVERS;
  const { db, mode, tools, log } = needs;
  const servers = needs.servers.map(
    (config): Server => ({ config, connection: null, unusable: [], trouble: null, asked: false, learning: null }),
  );
  const pins = new Map<number, PinnedTool>();
  const made = new Map<string, { key: string; tool: Tool }>();
  let stopped = false;

  async function connect(server: Server): Promise<ServerConnection> {
    // Loaded with the first need: a start pays nothing for it.
    const { createServerConnection } = await import('./server-connection.ts');
    server.connection ??= createServerConnection(server.config);
    return server.connection;
  }

  /** What the server has now, held against what was accepted. @throws Upstream when it cannot be asked */
  async function ask(server: Server, signal: AbortSignal): Promise<void> {
    const connection = await connect(server);
    const listed = await connection.list(signal);
    const kept = await pinTools(db, mode, server.config.name, listed);
    server.unusable = kept.unusable;
    server.trouble = null;
    server.asked = true;
    keep(kept.pins);
  }

  function keep(rows: readonly PinnedTool[]): void {
    for (const row of rows) {
      pins.set(row.id, row);
      const server = servers.find(({ config }) => config.name === row.server);
      if (server !== undefined && row.accepted !== null) register(server, row);
    }
  }

  function register(server: Server, { id, accepted, accepted_hash: hash, name }: PinnedTool): void {
    const known = nameOf(server.config.name, name);
    if (accepted === null || hash === null || made.get(known)?.key === hash) return;
    const closed = (): string | null => faultOf(pins.get(id), hash) ?? downWords(server);
    const tool = createServerTool({
      server: server.config.name,
      definition: accepted,
      hash,
      risk: server.config.risks.get(name) ?? null,
      closed,
      verify: async (signal) => {
        await ask(server, signal);
        return faultOf(pins.get(id), hash);
      },
      call: async (input, signal) => (await connect(server)).call(name, input, signal),
    });
    made.set(known, { key: hash, tool: tool as Tool });
    tools.set(known, tool as Tool);
  }

  /** Never asked by any process, as far as the rows say. */
  const learnOnce = (server: Server): Promise<void> => {
    server.learning ??= learn(server, ask, log).finally(() => {
      server.learning = null;
    });
    return server.learning;
  };

  return {
    refresh: async () => {
      if (stopped) return;
      const rows = await listPins(
        db,
        servers.map(({ config }) => config.name),
      );
      keep(rows);
      const strange = servers.filter(({ config, asked }) => !asked && !rows.some((row) => row.server === config.name));
      if (strange.length > 0) await within(FIRST_WAIT_MS, Promise.all(strange.map(learnOnce)));
    },
    states: () => servers.map((server) => stateOf(server, [...pins.values()])),
    stop: async () => {
      stopped = true;
      await Promise.all(servers.map(({ connection }) => connection?.close()));
    },
  };
}

async function learn(server: Server, ask: (server: Server, signal: AbortSignal) => Promise<void>, log: Log): Promise<void> {
  if (server.connection?.trouble() != null) return;
  try {
    await ask(server, AbortSignal.timeout(FIRST_ANSWER_MS));
  } catch (error) {
    server.trouble = error instanceof Error ? error.message : String(error);
    log.warn({ err: error, server: server.config.name }, 'a tool server could not be asked what it has');
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}

/** Why the tool is not the one that was accepted under this hash. */
function faultOf(pin: PinnedTool | undefined, hash: string): string | null {
  if (pin === undefined || pin.accepted_hash !== hash) return 'the tool was accepted anew, in other words; look at it again';
  if (pin.missing_since !== null) return 'its server does not offer this tool any more';
  return pin.offered_hash === null ? null : `the server changed this tool; it waits until an owner accepts it (tools accept:${pin.id})`;
}

function downWords({ config, connection }: Server): string | null {
  const trouble = connection?.trouble() ?? null;
  return trouble === null ? null : `the server ${config.name} is down and is tried again soon`;
}

function stateOf(server: Server, pins: readonly PinnedTool[]): ServerState {
  const { config, connection, unusable } = server;
  const own = pins.filter((pin) => pin.server === config.name);
  const waiting = own.filter((pin) => pin.offered_hash !== null).length;
  const trouble = connection?.trouble() ?? server.trouble;
  const base = { server: config.name, unusable };
  if (trouble !== null && !(connection?.isOpen() ?? false)) return { ...base, state: 'down', found: trouble };
  const count = `${own.filter((pin) => pin.accepted_hash !== null && pin.missing_since === null).length} tools accepted`;
  if (waiting > 0) return { ...base, state: 'degraded', found: `${count}, ${waiting} waiting for an owner` };
  return { ...base, state: connection === null ? 'idle' : 'ok', found: connection === null ? `${count}; not needed so far` : count };
}
