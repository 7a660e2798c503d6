// The part of the configuration that connects tools of others: MCP servers. Only config.ts reads the environment itself.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { z } from 'zod';
import { secret, text, webUrl } from './config-fields.ts';
import { Secret } from './core/secret.ts';

/** What an owner says a tool of a server can do. Unnamed tools count as acts outside that nobody has judged: they ask. */
const RISKS = ['read', 'reversible', 'outside'] as const;
export type ToolRisk = (typeof RISKS)[number];

const toolRisks = z.record(z.string(), z.strictObject({ risk: z.enum(RISKS) })).default({});
const timeoutSeconds = z.number().min(1).max(600).default(60);
const VARIABLE = /^[A-Za-z_]\w{0,99}$/;
const variable = z.string().regex(VARIABLE, 'is not the name of a variable');
const stdioServer = z.strictObject({
  command: text,
  args: z.array(z.string()).default([]),
  /** Names of variables; their values are all the server's environment, beside PATH. */
  env: z.array(variable).default([]),
  tools: toolRisks,
  timeoutSeconds,
});
const httpServer = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'is not an address that begins with http:// or https://' }),
  /** `${NAME}` inside a value stands for a variable. */
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,80}$/), z.string().regex(/^[ -~]{1,4000}$/)).default({}),
  /** It stands on this machine or in a private network. */
  private: z.boolean().default(false),
  tools: toolRisks,
  timeoutSeconds,
});
/** Part of a tool's name; no `__`, which divides the two. */
const serverName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
  .max(20);
const servers = z.record(serverName, z.union([stdioServer, httpServer]));
type Servers = z.output<typeof servers>;

const serversJson = z.string().transform((value, context): Servers => {
  try {
    const parsed = servers.safeParse(JSON.parse(value));
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', message, path: [...path] });
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
  }
  return z.NEVER;
});

export const toolEnvironment = {
  SEARCH_API_KEY: secret.optional(),
  SEARCH_API_URL: webUrl.optional(),
  MCP_SERVERS: serversJson.optional(),
};

const whole = z.object(toolEnvironment);
type ToolEnvironment = z.output<typeof whole>;

export interface McpServerConfig {
  name: string;
  via:
    | { kind: 'stdio'; command: string; args: readonly string[]; path: string; env: ReadonlyMap<string, Secret> }
    | { kind: 'http'; url: string; headers: ReadonlyMap<string, Secret>; isPrivate: boolean };
  risks: ReadonlyMap<string, ToolRisk>;
  timeoutMs: number;
}

const SEARCH_SHAPES = ['searxng', 'brave', 'tavily'] as const;

export interface SearchConfig {
  url: string;
  apiKey: Secret | null;
  /** How it is asked and answers. */
  shape: (typeof SEARCH_SHAPES)[number];
}

/** The shape is told by the host, or for another one by what stands behind `#` in the address. */
export function readSearch(env: ToolEnvironment): SearchConfig | null {
  if (env.SEARCH_API_URL === undefined) return null;
  const url = new URL(env.SEARCH_API_URL);
  const named = SEARCH_SHAPES.find((shape) => url.hash === `#${shape}`) ?? SEARCH_SHAPES.find((shape) => url.hostname.includes(shape));
  url.hash = '';
  return { url: url.href, apiKey: env.SEARCH_API_KEY ?? null, shape: named ?? 'searxng' };
}

type Given = Record<string, string | undefined>;
const PLACEHOLDER = /\$\{([A-Za-z_]\w{0,99})\}/g;
const fill = (value: string, given: Given): string => value.replace(PLACEHOLDER, (_all, name: string) => given[name] ?? '');

/** @param given the environment that the servers' variables are looked up in */
export function readMcpServers(env: ToolEnvironment, given: Given): McpServerConfig[] {
  return Object.entries(env.MCP_SERVERS ?? {}).map(([name, server]) => ({
    name,
    via:
      'command' in server
        ? {
            kind: 'stdio' as const,
            command: server.command,
            args: server.args,
            path: given['PATH'] ?? '',
            env: new Map(server.env.map((key) => [key, new Secret(given[key] ?? '')])),
          }
        : {
            kind: 'http' as const,
            url: server.url,
            headers: new Map(Object.entries(server.headers).map(([key, value]) => [key, new Secret(fill(value, given))])),
            isPrivate: server.private,
          },
    risks: new Map(Object.entries(server.tools).map(([tool, { risk }]) => [tool, risk])),
    timeoutMs: server.timeoutSeconds * 1000,
  }));
}

interface Around {
  given: Given;
  /** Names of the bot's own variables. */
  own: ReadonlySet<string>;
  dataDir: string;
  cwd: string;
  port: number;
}

function findSearchProblems(env: ToolEnvironment): string[] {
  const search = readSearch(env);
  if (search === null)
    return env.SEARCH_API_KEY === undefined
      ? []
      : ['SEARCH_API_URL: is missing, but SEARCH_API_KEY is set (like https://api.search.brave.com/res/v1/web/search)'];
  return search.shape === 'searxng' || search.apiKey !== null
    ? []
    : [`SEARCH_API_KEY: is missing; ${new URL(search.url).host} answers nobody without`];
}

export function findToolProblems(env: ToolEnvironment, around: Around): string[] {
  return [...findSearchProblems(env), ...findServerProblems(env, around)];
}

function findServerProblems(env: ToolEnvironment, around: Around): string[] {
  return Object.entries(env.MCP_SERVERS ?? {}).flatMap(([name, server]) => {
    const problems = 'command' in server ? findStdioProblems(server, around) : findUrlProblems(server, around);
    return problems.map((problem) => `MCP_SERVERS: ${name}: ${problem}`);
  });
}

function findVariableProblems(names: readonly string[], { given, own }: Around): string[] {
  return names.flatMap((name) => {
    if (own.has(name)) return [`${name} is the bot's own and is handed to no server`];
    return given[name] === undefined ? [`${name} is not set`] : [];
  });
}

function findStdioProblems(server: z.output<typeof stdioServer>, around: Around): string[] {
  const told = [server.command, ...server.args, ...server.env.map((name) => around.given[name] ?? '')];
  const reaching = told.filter((word) => reachesInto(word, around));
  return [
    ...findVariableProblems(server.env, around),
    ...(reaching.length === 0 ? [] : ['its arguments reach the data directory, where the local token is; give it a folder of its own']),
  ];
}

/** A path in the word is the data directory, inside it, or above it. */
function reachesInto(word: string, { dataDir, cwd }: Around): boolean {
  const guarded = real(dataDir);
  return word
    .replaceAll('file://', '')
    .split(/[=,:;]/)
    .filter((part) => part.trim() !== '')
    .map((part) => real(resolve(cwd, part.trim())))
    .some((path) => path === guarded || isInside(path, guarded) || isInside(guarded, path));
}

const isInside = (path: string, folder: string): boolean => path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** Links resolved as far as the path exists. */
function real(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const above = dirname(path);
  return above === path ? path : resolve(real(above), path.slice(above.length).replace(/^[/\\]+/, ''));
}

function findUrlProblems(server: z.output<typeof httpServer>, around: Around): string[] {
  const { protocol, username, password, port } = new URL(server.url);
  const names = Object.values(server.headers).flatMap((value) => [...value.matchAll(PLACEHOLDER)].map(([, name]) => name ?? ''));
  const isOwn = server.private && (port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)) === around.port;
  return [
    ...findVariableProblems(names, around),
    ...(username === '' && password === '' ? [] : ['put its password into headers, not into the address']),
    ...(protocol === 'https:' || server.private ? [] : ['needs https; http is for a server of yours, with "private": true']),
    ...(isOwn ? ["its port is this bot's own"] : []),
  ];
}
