// Where the embedded database lives: beside the bot's other files, or in a private system directory where the account
// that runs PostgreSQL can't reach those (a clone under root's 0700 home).
import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Account, canReach, chooseAccount, ensurePrivateDirectory, isRoot } from './embedded-account.ts';
import { prepareBinaries } from './embedded-binaries.ts';

export interface Place {
  /** Who runs PostgreSQL; null = we ourselves. */
  readonly account: Account | null;
  /** Ours alone (0700): the cluster in `data/`, the server's `log`. */
  readonly home: string;
  /** bin/, lib/ and share/ of PostgreSQL. */
  readonly native: string;
  readonly socketDir: string;
  /** What a person should know about where things are; said by the start that decided it, null afterwards. */
  readonly notice: string | null;
}

/** Only names the socket file: nothing listens on TCP. */
export const PORT = 5432;
const SYSTEM_BASE = '/var/lib/juggernaut';
/** Unix socket paths end at 107 bytes on Linux and 103 on macOS. */
const MAX_SOCKET_PATH_BYTES = 100;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/**
 * The database's home when the account can't reach the data directory. A file in the data directory names it, so that the
 * two belong together: moved along with it, and forgotten when it is deleted.
 */
async function chooseSystemHome(dataDir: string): Promise<{ home: string; chosenNow: boolean }> {
  const marker = join(dataDir, 'postgres.location');
  const candidate = join(SYSTEM_BASE, `${hash(dataDir)}-${randomBytes(4).toString('hex')}`);
  const draft = `${marker}.${process.pid}`;
  await writeFile(draft, candidate, { mode: 0o600 });
  try {
    // A link appears complete or not at all, and only one of several first starts makes it.
    await link(draft, marker);
    return { home: candidate, chosenNow: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return { home: (await readFile(marker, 'utf8')).trim(), chosenNow: false };
  } finally {
    await rm(draft, { force: true });
  }
}

/** The directory for the database, decided at the first start and kept to afterwards. */
async function chooseHome(dataDir: string): Promise<{ home: string; account: Account | null; chosenNow: boolean }> {
  const beside = join(dataDir, 'postgres');
  const account = await chooseAccount(beside);
  const exists = (await stat(beside).catch(() => null)) !== null;
  const elsewhere = (await stat(join(dataDir, 'postgres.location')).catch(() => null)) !== null;
  if (!elsewhere && (exists || account === null || (await canReach(dataDir, account)))) return { home: beside, account, chosenNow: false };
  return { ...(await chooseSystemHome(dataDir)), account };
}

async function chooseSocketDir(home: string, account: Account | null): Promise<string> {
  if (Buffer.byteLength(join(home, `.s.PGSQL.${PORT}`)) <= MAX_SOCKET_PATH_BYTES) return home;
  const short = join('/tmp', `jug-${hash(home)}`);
  await ensurePrivateDirectory(short, account);
  return short;
}

function describeMove(dataDir: string, place: { home: string; native: string }, moved: { home: boolean; native: boolean }): string | null {
  if (!moved.home && !moved.native) return null;
  const parts = [
    moved.home ? `the database is kept in ${place.home}` : null,
    moved.native ? `its programs were copied to ${dirname(place.native)}` : null,
  ];
  const why = isRoot()
    ? `PostgreSQL can't run as root, and the account it gets instead can't reach ${moved.home ? dataDir : 'node_modules'}`
    : "node_modules can't be written to";
  return `${why}: ${parts.filter((part) => part !== null).join(' and ')}.`;
}

/**
 * Decides and makes the directories, everything short of starting a server. Several processes may do it at once.
 * @param binaries the platform package to use, default the installed one
 * @throws Error with a sentence that says what to do
 */
export async function preparePlace(dataDir: string, binaries?: string): Promise<Place> {
  // Root's directory lets the other account pass through but not look; what is private in it has modes of its own.
  await mkdir(resolve(dataDir), { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  const directory = await realpath(dataDir);
  const { home, account, chosenNow } = await chooseHome(directory);
  if (isRoot() && home.startsWith(`${SYSTEM_BASE}/`)) await mkdir(SYSTEM_BASE, { recursive: true, mode: 0o755 });
  await ensurePrivateDirectory(home, account);
  const base = isRoot() ? SYSTEM_BASE : directory;
  const { native, copied } = await prepareBinaries(account, base, binaries);
  const notice = describeMove(directory, { home, native }, { home: chosenNow, native: copied });
  return { account, home, native, socketDir: await chooseSocketDir(home, account), notice };
}
