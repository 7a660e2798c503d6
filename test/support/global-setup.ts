// Once per vitest run: the database server that all test files share, joined if another run has it up, stopped by the last to leave.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, openEmbedded } from '../../src/db/embedded.ts';
import { prepareServer, type TestServer } from './postgres.ts';
import { chooseServerFolder } from './server-folder.ts';

/** @returns the superuser's TEST_DATABASE_URL taken apart */
function parseServer(url: string): TestServer {
  const { hostname, port, username, password, searchParams } = new URL(url);
  return {
    // A socket directory comes as ?host=/path.
    host: searchParams.get('host') ?? hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username) || 'postgres',
    password: password === '' ? null : decodeURIComponent(password),
    // The same for every run, so that two at once agree; role passwords of a test server guard nothing.
    rolePassword: createHash('sha256').update(url).digest('hex').slice(0, 24),
    ours: false,
  };
}

function fromEmbedded(embedded: EmbeddedPostgres): TestServer {
  return { host: embedded.socketDir, port: embedded.port, user: embedded.adminUser, password: null, rolePassword: null, ours: true };
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env['TEST_DATABASE_URL'];
  if (url) {
    const server = parseServer(url);
    await prepareServer(server);
    project.provide('testServer', server);
    return async () => {};
  }
  const repository = createHash('sha256')
    .update(import.meta.dirname)
    .digest('hex')
    .slice(0, 8);
  const embedded = await openEmbedded({
    dataDir: join(await chooseServerFolder(), `juggernaut-test-${repository}`),
    log: (message) => process.stderr.write(`${message}\n`),
  });
  if (embedded.notice !== null) process.stderr.write(`${embedded.notice}\n`);
  const server = fromEmbedded(embedded);
  await prepareServer(server);
  project.provide('testServer', server);
  return () => embedded.leave();
}
