// One PostgreSQL server process: start it, find it, stop it. Needs no lock of our own:
// PostgreSQL itself lets only one server run on a cluster.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { clusterOf, isAlive, program, spawnOptions } from './embedded-cluster.ts';
import { type Place, PORT } from './embedded-files.ts';

const STOP_LIMIT_MS = 20_000;
const LOG_LIMIT_BYTES = 8_000_000;

/** For a small box; fsync and full_page_writes stay on. `jit`, parallel workers and I/O workers cost more than they bring here. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  // Several processes share it, each with pools of its own.
  max_connections: '200',
  shared_buffers: '96MB',
  max_wal_size: '256MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // What is worked on lies in memory: the way through an index is no dearer than a walk through the table.
  random_page_cost: '1.1',
  io_method: 'sync',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

const run = promisify(execFile);

/** Whether this process is the server of our cluster: after a restart of the machine its number may be somebody else's. */
async function isOurServer(place: Place, pid: number): Promise<boolean> {
  const commandLine =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      : await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(
          ({ stdout }) => stdout,
          () => '',
        );
  return commandLine.includes(clusterOf(place));
}

/** The pid file's text and process number, or null where there is none. */
async function readPidFile(place: Place): Promise<{ text: string; pid: number } | null> {
  const text = await readFile(join(clusterOf(place), 'postmaster.pid'), 'utf8').catch(() => null);
  return text === null ? null : { text, pid: Number.parseInt(text, 10) };
}

/**
 * Removes a pid file whose number now belongs to a stranger, which PostgreSQL would take for a running server. Only the file
 * judged here goes; should a server start in between after all, PostgreSQL's shared-memory check still refuses a second one.
 */
async function clearStalePidFile(place: Place): Promise<void> {
  const judged = await readPidFile(place);
  if (judged === null || !isAlive(judged.pid) || (await isOurServer(place, judged.pid))) return;
  if ((await readPidFile(place))?.text === judged.text) await rm(join(clusterOf(place), 'postmaster.pid'), { force: true });
}

interface StartFailure {
  /** How the process ended. */
  end: string;
  /** What the log has got since it was started, by whomever. */
  written: string;
}

export interface StartedServer {
  /** Null while the process lives. */
  failure(): Promise<StartFailure | null>;
}

/** Starts the server process, detached: Ctrl-C in the terminal must not stop it before the bot has drained. */
export async function startServer(place: Place): Promise<StartedServer> {
  await clearStalePidFile(place);
  const logFile = join(place.home, 'log');
  if (((await stat(logFile).catch(() => null))?.size ?? 0) > LOG_LIMIT_BYTES) await rename(logFile, `${logFile}.1`);
  // No link is followed: the directory is another account's when we are root.
  const log = await open(logFile, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o600);
  const { size } = await log.stat();
  const settings: Record<string, string> = { ...SETTINGS };
  if (existsSync(join(place.native, 'lib/postgresql/pg_stat_statements.so'))) settings['shared_preload_libraries'] = 'pg_stat_statements';
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(program(place, 'postgres'), ['-D', clusterOf(place), '-k', place.socketDir, '-p', String(PORT), ...options], {
    ...spawnOptions(place),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.unref();
  const ended = endOf(child);
  await new Promise((resolve) => child.once('spawn', resolve).once('error', resolve));
  await log.close();
  return {
    async failure() {
      const end = ended();
      if (end === null) return null;
      const written = (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(size).toString();
      return { end, written: written.slice(0, MOST_LOG).trim() };
    },
  };
}

const MOST_LOG = 64 * 1024;

/** How the process ended, null while it has not. */
function endOf(child: ChildProcess): () => string | null {
  let end: string | null = null;
  child.once('error', (error) => {
    end = error.message;
  });
  child.once('exit', (code, signal) => {
    end = signal === null ? `exit status ${code}` : `ended by ${signal}`;
  });
  return () => end;
}

/** Stops the server of this cluster and waits for its end; false when it did not end in time. */
export async function stopServer(place: Place): Promise<boolean> {
  const running = await readPidFile(place);
  if (running === null || !(await isOurServer(place, running.pid))) return true;
  // SIGINT is PostgreSQL's "fast": it ends the sessions, where SIGTERM would wait for them.
  process.kill(running.pid, 'SIGINT');
  const deadline = performance.now() + STOP_LIMIT_MS;
  while (performance.now() < deadline) {
    if ((await readPidFile(place))?.pid !== running.pid) return true;
    await sleep(10);
  }
  return false;
}
