// The local owner's token in <dataDir>/token: made once, readable by this user only, the same for every process.
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export function tokenPath(dataDir: string): string {
  return join(dataDir, 'token');
}

/** Null when there is none yet. */
export async function readLocalToken(dataDir: string): Promise<string | null> {
  try {
    const token = (await readFile(tokenPath(dataDir), 'utf8')).trim();
    return token === '' ? null : token;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Reads the token or makes it: 32 random bytes as base64url, mode 0600. Processes that start together agree on one. */
export async function ensureLocalToken(dataDir: string): Promise<string> {
  const existing = await readLocalToken(dataDir);
  if (existing !== null) return existing;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${tokenPath(dataDir)}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // A hard link appears whole or not at all, and fails when another process was first.
    await link(draft, tokenPath(dataDir));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const agreed = await readLocalToken(dataDir);
  if (agreed === null) throw new Error(`${tokenPath(dataDir)} is empty; delete it and start again`);
  return agreed;
}
