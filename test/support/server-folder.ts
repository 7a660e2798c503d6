// Where a test's PostgreSQL keeps its files: in memory where there is room for them. Making and removing a database is some 300 files,
// which costs 250 ms of a processor on a disk and 25 ms in memory.
import { constants } from 'node:fs';
import { access, readFile, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';

/** Linux's shared memory is a file system. In a container it may be as small as 64 MB. */
const MEMORY = '/dev/shm';
/** A cluster, its log of changes and the databases of a run. */
const ROOM_BYTES = 1_500_000_000;

export async function chooseServerFolder(): Promise<string> {
  try {
    await access(MEMORY, constants.W_OK);
    const { bavail, bsize } = await statfs(MEMORY);
    return bavail * bsize >= ROOM_BYTES && (await runsPrograms()) ? MEMORY : tmpdir();
  } catch {
    // Not Linux, or not ours to write to.
    return tmpdir();
  }
}

/** PostgreSQL's programs may have to be copied beside its files. */
async function runsPrograms(): Promise<boolean> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' '));
  const options = mounts.findLast(([, place]) => place === MEMORY)?.[3]?.split(',');
  return options !== undefined && !options.includes('noexec');
}
