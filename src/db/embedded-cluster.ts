// The cluster, PostgreSQL's files: made once by initdb in a draft directory that becomes the cluster by one rename.
// So it needs no lock: half a cluster never has the name, and of several processes that make one the first to finish wins.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensurePrivateDirectory } from './embedded-account.ts';
import type { Place } from './embedded-files.ts';
import { ADMIN_ROLE } from './roles.ts';

const MAJOR_VERSION = '18';
const INITDB_LIMIT_MS = 120_000;
const OTHERS_LIMIT_MS = 20_000;

const run = promisify(execFile);
const ownDrafts = new Set<string>();

export const program = (place: Place, name: string): string => join(place.native, 'bin', name);
export const clusterOf = (place: Place): string => join(place.home, 'data');

/** No PG… variable of ours may reach the server. */
export function spawnOptions(place: Place) {
  const who = place.account === null ? {} : { uid: place.account.uid, gid: place.account.gid };
  return { ...who, cwd: place.home, env: { LC_ALL: 'C', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' } };
}

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** The drafts of processes that live, ours among them; what killed ones left behind is removed. */
async function listDrafts(place: Place): Promise<string[]> {
  const drafts = [];
  for (const name of await readdir(place.home)) {
    const pid = Number(/^init-(\d+)-/.exec(name)?.[1]);
    if (!pid) continue;
    // Process numbers come again: a draft with ours in its name need not be ours.
    if (pid === process.pid ? ownDrafts.has(name) : isAlive(pid)) drafts.push(name);
    else await rm(join(place.home, name), { recursive: true, force: true });
  }
  return drafts.sort();
}

/** Lets another process do the work when its draft sorts before ours. It may die, or take long: then we do it after all. */
async function waitForOthers(place: Place, own: string): Promise<void> {
  const deadline = performance.now() + OTHERS_LIMIT_MS;
  while (!existsSync(clusterOf(place)) && performance.now() < deadline && (await listDrafts(place))[0] !== own) await sleep(20);
}

async function fillDraft(place: Place, draft: string): Promise<void> {
  const locale = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  try {
    await run(program(place, 'initdb'), ['-D', draft, '-U', ADMIN_ROLE, '-A', 'trust', ...locale, '--no-instructions'], {
      ...spawnOptions(place),
      timeout: INITDB_LIMIT_MS,
    });
  } catch (cause) {
    const reason = (cause as Error).message.trim();
    throw new Error(
      `The embedded PostgreSQL could not set up its database in ${place.home}: ${reason}. Set DATABASE_URL to use another server.`,
      { cause },
    );
  }
  await rename(draft, clusterOf(place)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/**
 * Creates the cluster unless it is there.
 * @throws Error when it was made by another major version, or can't be made
 */
export async function createCluster(place: Place): Promise<void> {
  if (existsSync(clusterOf(place))) return checkVersion(clusterOf(place));
  const own = `init-${process.pid}-${randomBytes(4).toString('hex')}`;
  ownDrafts.add(own);
  const draft = join(place.home, own);
  await ensurePrivateDirectory(draft, place.account);
  try {
    await waitForOthers(place, own);
    if (!existsSync(clusterOf(place))) await fillDraft(place, draft);
  } finally {
    await rm(draft, { recursive: true, force: true });
    ownDrafts.delete(own);
  }
}

async function checkVersion(cluster: string): Promise<void> {
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  if (version === MAJOR_VERSION) return;
  throw new Error(
    `The database in ${cluster} was made by PostgreSQL ${version} and this is ${MAJOR_VERSION}: restore a dump of it into a new data directory, or set DATABASE_URL.`,
  );
}
