// PostgreSQL refuses to run as root: which unprivileged account it gets instead, and which places that account can reach.
import { constants } from 'node:fs';
import { access, chown, lstat, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Whether starting a program as another account is our choice to make. */
export const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * The account PostgreSQL runs as: null = our own. As root it is whoever owns the database already, else `nobody`.
 * @param home the database's directory, which need not exist
 */
export async function chooseAccount(home: string): Promise<Account | null> {
  if (!isRoot()) return null;
  const found = await stat(home).catch(() => null);
  if (found !== null && found.uid !== 0) return { uid: found.uid, gid: found.gid };
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = passwd.split('\n').find((candidate) => candidate.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (!Number(uid) || !Number(gid)) {
    throw new Error('PostgreSQL can\'t run as root and there is no account "nobody" here: start as an ordinary user, or set DATABASE_URL.');
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/** Whether the account may do `wanted` (bits 4 read, 2 write, 1 pass through or run) with this one file. */
async function isAllowed(path: string, account: Account, wanted: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found === null) return false;
  const shift = found.uid === account.uid ? 6 : found.gid === account.gid ? 3 : 0;
  return ((found.mode >> shift) & wanted) === wanted;
}

/** Whether the account (null = ourselves) can walk to `path`, an existing directory or file, and pass through or run it. */
export async function canReach(path: string, account: Account | null): Promise<boolean> {
  if (account === null) {
    return access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
  }
  for (let step = path; ; step = dirname(step)) {
    if (!(await isAllowed(step, account, 1))) return false;
    if (step === dirname(step)) return true;
  }
}

/**
 * Makes sure `path` is a real directory of the account's own that nobody else can enter (0700).
 * Refuses one that somebody else put there first, which matters under /tmp.
 */
export async function ensurePrivateDirectory(path: string, account: Account | null): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const before = await lstat(path);
  // Root's own, from a moment ago or from a start that died here: only root can have made it.
  if (account !== null && before.uid === 0 && before.isDirectory()) await chown(path, account.uid, account.gid);
  const found = await lstat(path);
  const owner = account?.uid ?? process.getuid?.() ?? found.uid;
  if (found.uid !== owner) {
    throw new Error(
      `${path} belongs to uid ${found.uid}, but PostgreSQL would run as uid ${owner}: start as the same account as before, or set JUG_DATA_DIR to another directory.`,
    );
  }
  if (!found.isDirectory() || (found.mode & 0o077) !== 0) {
    throw new Error(`${path} must be a directory that only its owner can enter: \`chmod 700\` it, or move it away.`);
  }
}
