// Search services as they really ask and answer, on loopback: three shapes, one result; and what a service may do wrong.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkSearch } from '../../src/adapters/doctor/search-checks.ts';
import { createWebSearch } from '../../src/adapters/http/web-search.ts';
import { readConfig } from '../../src/config.ts';
import { createWebSearchTool } from '../../src/flows/tools/web-search.ts';

interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}
const asked: Asked[] = [];
let says: { status: number; body: string } = { status: 200, body: '{}' };
const server = createServer(async (incoming, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  asked.push({
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  });
  response.writeHead(says.status, { 'content-type': 'application/json' }).end(says.body);
});
let base = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const KEY = 'search-key-0123456789';
const open = (url: string, env: Record<string, string> = { SEARCH_API_KEY: KEY }) => {
  const { search } = readConfig({ SEARCH_API_URL: url, ...env }, '/tmp');
  if (search === null) throw new Error('not configured');
  return search;
};
const find = (url: string, env?: Record<string, string>) =>
  createWebSearch(open(url, env)).search('cheap checklists', { count: 2, signal: new AbortController().signal });

const HIT = { title: 'A <b>checklist</b>', url: 'https://shop.example/a' };
const FOUND = [{ title: 'A checklist', url: 'https://shop.example/a', snippet: 'Nineteen dollars' }];
/** A place nobody can be sent to, and one that is no web address. */
const ODD = [
  { title: 'x', url: 'javascript:alert(1)' },
  { title: 'y', url: 'file:///etc/passwd' },
];

test('SearXNG, with a key or without', async () => {
  says = { status: 200, body: JSON.stringify({ results: [...ODD, { ...HIT, content: 'Nineteen dollars', engine: 'x' }] }) };
  expect(await find(base, {})).toEqual(FOUND);
  expect(asked.at(-1)).toMatchObject({ method: 'GET', path: '/search?q=cheap+checklists&format=json' });
  expect(asked.at(-1)?.headers).not.toHaveProperty('authorization');
});

test('Brave', async () => {
  says = { status: 200, body: JSON.stringify({ web: { results: [{ ...HIT, description: 'Nineteen dollars' }] } }) };
  expect(await find(`${base}/res/v1/web/search#brave`)).toEqual(FOUND);
  expect(asked.at(-1)).toMatchObject({
    method: 'GET',
    path: '/res/v1/web/search?q=cheap+checklists&count=2',
    headers: { 'x-subscription-token': KEY },
  });
});

test('Tavily', async () => {
  says = { status: 200, body: JSON.stringify({ results: [{ ...HIT, content: 'Nineteen dollars', score: 0.9 }] }) };
  expect(await find(`${base}/search#tavily`)).toEqual(FOUND);
  expect(asked.at(-1)).toMatchObject({ method: 'POST', path: '/search', headers: { authorization: `Bearer ${KEY}` } });
  expect(JSON.parse(asked.at(-1)?.body ?? '')).toEqual({ query: 'cheap checklists', max_results: 2 });
});

test('the shape is told by the host; a key that is missing or alone refuses to boot', () => {
  expect(open('https://api.search.brave.com/res/v1/web/search').shape).toBe('brave');
  expect(open('https://api.tavily.com/search').shape).toBe('tavily');
  expect(open('https://searx.example').shape).toBe('searxng');
  expect(() => readConfig({ SEARCH_API_URL: 'https://api.tavily.com/search' }, '/tmp')).toThrow(/SEARCH_API_KEY: is missing/);
  expect(() => readConfig({ SEARCH_API_KEY: KEY }, '/tmp')).toThrow(/SEARCH_API_URL: is missing/);
});

test('errors, other answers and the cloud’s metadata are failures in plain words; doctor says what to do', async () => {
  says = { status: 401, body: '{}' };
  await expect(find(base)).rejects.toThrow(/refused the key/);
  says = { status: 429, body: '{}' };
  await expect(find(base)).rejects.toMatchObject({ retryable: true });
  for (const body of ['<html>', '[1]', '{"results":[{"title":1}]}', '['.repeat(100_000)]) {
    says = { status: 200, body };
    await expect(find(base), body.slice(0, 20)).rejects.toThrow(/something else/);
  }
  await expect(find('http://169.254.169.254/search')).rejects.toThrow(/refused/);
  expect(await checkSearch(open(base))).toMatchObject([{ ok: false, fix: expect.stringContaining('SEARCH_API_URL') }]);
  says = { status: 200, body: '{"results":[]}' };
  expect(await checkSearch(open(base))).toMatchObject([{ ok: true }]);
});

test('as a tool it only reads, taints, and proves nothing when it found nothing', async () => {
  const tool = createWebSearchTool(createWebSearch(open(base)));
  expect(tool).toMatchObject({ act: 'read', touches: 'nothing', taints: true, repeatable: true });
  const context = { signal: new AbortController().signal } as Parameters<typeof tool.run>[1];
  expect(await tool.run({ query: 'nothing at all' }, context)).toMatchObject({ ok: true, evidence: [] });
});
