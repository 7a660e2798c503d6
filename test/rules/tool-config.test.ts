// MCP_SERVERS as an owner writes it: what is refused at boot, in words that say which server and why.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { configuredSecrets } from '../../src/configured-secrets.ts';

const bearer = (variable: string): string => ['Bearer $', '{', variable, '}'].join('');

const cwd = mkdtempSync(join(tmpdir(), 'jug-config-'));
const dataDir = join(cwd, 'data');
mkdirSync(dataDir);
mkdirSync(join(cwd, 'shop'));
symlinkSync(dataDir, join(cwd, 'shop-link'));
afterAll(() => rmSync(cwd, { recursive: true }));

const read = (server: object, env: Record<string, string> = {}) =>
  readConfig({ JUG_DATA_DIR: 'data', ...env, MCP_SERVERS: JSON.stringify({ one: server }) }, cwd);

test.each([
  ['the data directory', ['serve', dataDir]],
  ['a folder in it', ['serve', join(dataDir, 'pg')]],
  ['a folder above it', ['serve', cwd]],
  ['the root', ['serve', '/']],
  ['the working folder', ['serve', '.']],
  ['a way round', ['serve', 'shop/../data']],
  ['a link to it', ['serve', 'shop-link']],
  ['an option', [`--root=${dataDir}`]],
  ['one of a list', [`--dirs=/srv:${dataDir}`]],
  ['an address', [`file://${dataDir}`]],
])('a program that is told %s is refused', (_what, args) => {
  expect(() => read({ command: 'npx', args })).toThrow(/MCP_SERVERS: one: its arguments reach the data directory/);
});

test('also when the folder comes in a variable', () => {
  expect(() => read({ command: 'npx', env: ['ROOT'] }, { ROOT: dataDir })).toThrow(/reach the data directory/);
});

test.each([
  [{ command: 'npx', env: ['OPENAI_API_KEY'] }, { OPENAI_API_KEY: 'sk-aaaaaaaaaaaaaaaaaaaaaaaa' }, /OPENAI_API_KEY is the bot's own/],
  [{ command: 'npx', env: ['NOT_THERE'] }, {}, /NOT_THERE is not set/],
  [{ url: 'https://a.example/mcp', headers: { Authorization: bearer('STRIPE_SECRET_KEY') } }, {}, /STRIPE_SECRET_KEY is the bot's own/],
  [{ url: 'http://a.example/mcp' }, {}, /needs https/],
  [{ url: 'https://me:secret@a.example/mcp' }, {}, /password into headers/],
  [{ url: 'http://127.0.0.1:4280/api', private: true }, {}, /this bot's own/],
  [{ command: 'npx', tools: { x: { risk: 'none' } } }, {}, /MCP_SERVERS/],
  [{ command: 'npx', shell: true }, {}, /MCP_SERVERS/],
])('%j is refused', (server, env, why) => {
  expect(() => read(server, env as Record<string, string>)).toThrow(why);
});

test.each(['a_b', 'A', 'a--b', '', 'x'.repeat(21)])('a server cannot be called %j', (name) => {
  expect(() => readConfig({ MCP_SERVERS: JSON.stringify({ [name]: { command: 'npx' } }) }, cwd)).toThrow(/MCP_SERVERS/);
});

test('what is fine is read, and every secret in it is known to redaction', () => {
  const { mcpServers } = read(
    { command: 'npx', args: ['-y', '@scope/files', join(cwd, 'shop')], env: ['SHOP_KEY'], tools: { x: { risk: 'read' } } },
    { SHOP_KEY: 'abc-12345678', PATH: '/bin' },
  );
  expect(mcpServers).toMatchObject([{ name: 'one', via: { kind: 'stdio', path: '/bin' }, timeoutMs: 60_000 }]);
  const config = read(
    { url: 'https://a.example/mcp', headers: { Authorization: bearer('SHOP_KEY') } },
    { SHOP_KEY: 'abc-12345678', DATABASE_URL: 'postgres://u:pass%20word1@h/d' },
  );
  expect(configuredSecrets(config)).toEqual(expect.arrayContaining(['Bearer abc-12345678', 'abc-12345678', 'pass word1']));
});
