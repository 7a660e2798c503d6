// npm start while the port is held: by our own bot on the same data, or by somebody else. Real processes, as a person starts them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

let database: TestDatabase;
let dataDir: string;
let children: ChildProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'jug-port-'));
});

afterEach(async () => {
  await Promise.all(
    children
      .filter((child) => child.exitCode === null && child.signalCode === null)
      .map((child) => {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        return gone;
      }),
  );
  children = [];
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

function databaseUrl(): string {
  const { host = '', port = 0, user = '', password, database: name } = database.adminConnection;
  const url = new URL(`postgresql://localhost:${port}/${name}`);
  url.username = String(user);
  if (typeof password === 'string') url.password = password;
  url.searchParams.set('host', String(host));
  return url.href;
}

interface Started {
  child: ChildProcess;
  lines: string[];
  errors: string[];
  /** The console's link, once it is there. */
  console: Promise<string>;
}

function start(port: number): Started {
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl(),
    JUG_DATA_DIR: dataDir,
    PORT: String(port),
    LOG_LEVEL: 'silent',
    PRACTICE_DAY_SECONDS: '0',
  };
  const child = spawn(process.execPath, [MAIN], { env, cwd: dataDir, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const link = Promise.withResolvers<string>();
  const started: Started = { child, lines: [], errors: [], console: link.promise };
  createInterface({ input: child.stdout }).on('line', (line) => {
    started.lines.push(line);
    if (line.startsWith('Console: ')) link.resolve(line.slice('Console: '.length));
  });
  createInterface({ input: child.stderr }).on('line', (line) => started.errors.push(line));
  child.once('exit', (code) => link.reject(new Error(`ended with ${code}: ${started.errors.join('\n')}`)));
  link.promise.catch(() => undefined);
  return started;
}

async function hold(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('our own bot on the same data: the second start joins it as a worker, on the same console', { timeout: 60_000 }, async () => {
  const first = start(0);
  const link = await first.console;
  const port = Number(new URL(link).port);
  const second = start(port);
  expect(await second.console).toBe(link);
  expect(second.lines[0]).toBe(`Port ${port} is held by our own bot on the same data: joined it as a worker.`);
  const token = (await readFile(join(dataDir, 'token'), 'utf8')).trim();
  const status = await fetch(`http://127.0.0.1:${port}/api/commands/status`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: '{}',
  });
  expect(JSON.stringify(await status.json())).toMatch(/2 processes|"Processes","value":"2"/i);
  first.child.kill('SIGTERM');
  second.child.kill('SIGTERM');
  expect(await Promise.all([once(first.child, 'exit'), once(second.child, 'exit')])).toEqual([
    [0, null],
    [0, null],
  ]);
});

test('a stranger has the port, be it a bot on another database: one clear line, and exit 1', { timeout: 60_000 }, async () => {
  const stranger = createServer((_request, response) => response.end('{"database":"another"}'));
  const port = await hold(stranger);
  try {
    const { child, errors, lines } = start(port);
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(lines).toEqual([]);
    expect(errors).toEqual([
      `Port ${port} on 127.0.0.1 is held by another program: stop it, or set PORT to a free port (PORT=0 takes any).`,
    ]);
  } finally {
    stranger.closeAllConnections();
    stranger.close();
  }
});
