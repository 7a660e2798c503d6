// Tool servers without a whole bot: the registry they fill, on a database of its own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openToolServers } from '../../src/adapters/mcp/tool-servers.ts';
import { readConfig } from '../../src/config.ts';
import { createDatabase, createPool } from '../../src/db/database.ts';
import type { Tool, ToolContext, ToolOutcome } from '../../src/domain/tools/tool.ts';
import type { ToolServers } from '../../src/domain/tools/tool-servers.ts';
import { createTestDatabase } from './postgres.ts';

const PACKAGES = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol');
export const EVERYTHING = join(PACKAGES, 'server-everything/dist/index.js');
export const FILESYSTEM = join(PACKAGES, 'server-filesystem/dist/index.js');
const HOSTILE = join(import.meta.dirname, 'hostile-tool-server.ts');

/** How the hostile server is started, and what it did. */
export function makeHostile() {
  const folder = mkdtempSync(join(tmpdir(), 'jug-hostile-'));
  writeFileSync(join(folder, 'journal'), '');
  return {
    folder,
    program: HOSTILE,
    command: { command: process.execPath, args: [HOSTILE, folder] },
    turn: (mood: string) => writeFileSync(join(folder, 'mood'), mood),
    journal: () =>
      readFileSync(join(folder, 'journal'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export async function openToolServerRoom() {
  const database = await createTestDatabase();
  const pool = createPool({ ...database.connection, max: 4 }, () => {});
  const db = createDatabase(pool);
  const open: ToolServers[] = [];
  return {
    db,
    rows: async <Row>(sql: string): Promise<Row[]> => (await pool.query(sql)).rows as Row[],
    /** As at a start with this MCP_SERVERS. */
    start: (servers: object, env: Record<string, string> = {}) => {
      const { PATH = '' } = process.env;
      const config = readConfig(
        { JUG_TIMEZONE: 'UTC', JUG_DATA_DIR: '/nowhere/data', PATH, ...env, MCP_SERVERS: JSON.stringify(servers) },
        '/nowhere',
      );
      const tools = new Map<string, Tool>();
      const own = openToolServers({ db, mode: 'practice', servers: config.mcpServers, tools, log: pino({ level: 'silent' }) });
      open.push(own);
      return { tools, ...own };
    },
    stop: async () => {
      for (const one of open) await one.stop();
      await pool.end();
      await database.drop();
    },
  };
}

const context = (signal: AbortSignal): ToolContext => ({
  mode: 'practice',
  goalId: 1,
  taskId: 1,
  toolCallId: 1,
  idempotencyKey: 'k',
  now: () => new Date(),
  signal,
});

/** Runs a tool as execution does after its judgement. */
export async function runTool(
  tools: ReadonlyMap<string, Tool>,
  name: string,
  input: object,
  signal = new AbortController().signal,
): Promise<ToolOutcome> {
  const tool = tools.get(name);
  if (tool === undefined) throw new Error(`no tool ${name} among ${[...tools.keys()].join(', ')}`);
  return tool.run(tool.input.parse(input), context(signal));
}
