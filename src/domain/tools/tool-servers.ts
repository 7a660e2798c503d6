// The port to other people's tool servers. Behind it: adapters/mcp.

export interface ServerState {
  server: string;
  /** `idle`: never needed so far; `degraded`: a tool waits for an owner or cannot be used; `down`: it does not answer. */
  state: 'idle' | 'ok' | 'degraded' | 'down';
  found: string;
  unusable: readonly { name: string; why: string }[];
}

export interface ToolServers {
  /** Brings the accepted tools up to date; a server that was never asked what it has is asked now. Never throws for a server's sake. */
  refresh(): Promise<void>;
  states(): ServerState[];
  stop(): Promise<void>;
}

/** Where no server is configured. */
export const NO_TOOL_SERVERS: ToolServers = { refresh: async () => {}, states: () => [], stop: async () => {} };
