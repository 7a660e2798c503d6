// Tool servers: each is started or connected to, and asked what it has. Nothing of it is called.
import type { McpServerConfig } from '../../tool-config.ts';
import { createServerConnection } from '../mcp/server-connection.ts';
import { bad, type Check, good, sentence } from './check.ts';

const ANSWER_MS = 20_000;

export function checkToolServers(servers: readonly McpServerConfig[]): Promise<Check[]> {
  return Promise.all(servers.map(checkServer));
}

async function checkServer(config: McpServerConfig): Promise<Check> {
  const what = `Tool server ${config.name}`;
  const connection = createServerConnection(config);
  try {
    const tools = await connection.list(AbortSignal.timeout(ANSWER_MS));
    const unusable = tools.flatMap((tool) => (tool.ok ? [] : [`${tool.name} (${tool.why})`]));
    const names = new Set(tools.flatMap((tool) => (tool.ok ? [tool.definition.name] : [])));
    const unknown = [...config.risks.keys()].filter((name) => !names.has(name));
    if (unknown.length > 0)
      return bad(
        what,
        `has no tool ${unknown.join(', ')}`,
        `Its tools are: ${[...names].join(', ') || 'none'}. Correct "tools" in MCP_SERVERS.`,
      );
    return good(what, `${names.size} tools${unusable.length === 0 ? '' : `; cannot be used: ${unusable.join(', ')}`}`);
  } catch (error) {
    const where = config.via.kind === 'stdio' ? 'Check command, args and env; paths must be absolute.' : 'Check url and headers.';
    return bad(what, sentence(error), `${where} They stand in MCP_SERVERS.`);
  } finally {
    await connection.close();
  }
}
