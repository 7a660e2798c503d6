// Getting into a data directory's PostgreSQL: connect, start it where it isn't running, set up roles and database, take the
// presence lock. Each step may be cut off by a server that others are stopping, and is then simply tried again.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createCluster } from './embedded-cluster.ts';
import { type Place, PORT } from './embedded-files.ts';
import { type StartedServer, startServer } from './embedded-server.ts';
import { ADMIN_ROLE, createOwnedDatabase, createRoles, READER_ROLES } from './roles.ts';

export const DATABASE = 'juggernaut';
/** Advisory locks in the `postgres` database: held shared by every process present, and around the first set-up. */
export const PRESENCE_LOCK = 7_246_501;
const SETUP_LOCK = 7_246_502;
const START_LIMIT_MS = 90_000;
const POLL_MS = 20;

type Attempt = { kind: 'connected'; client: pg.Client } | { kind: 'absent' | 'busy'; why: string };

/**
 * Whether an error means that the server is coming or going, so that trying again helps. 57P…: starting, recovering or shutting
 * down; 53300: too many connections; no code: cut off or timed out.
 */
function isPassing(code: string | undefined): boolean {
  return code === undefined || code.startsWith('57P') || ['53300', 'ECONNRESET', 'EPIPE', 'EAGAIN'].includes(code);
}

/** One try to connect. Refused for a reason that time won't cure = an error. */
async function tryConnect(place: Place): Promise<Attempt> {
  const client = new pg.Client({
    host: place.socketDir,
    port: PORT,
    user: ADMIN_ROLE,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: 5000,
    lock_timeout: START_LIMIT_MS,
  });
  // A lost connection also ends the query under way, and `end` follows; without a listener it would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return { kind: 'connected', client };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return { kind: 'absent', why: message };
    if (isPassing(code)) return { kind: 'busy', why: message };
    throw new Error(`The embedded PostgreSQL in ${place.home} refuses us: ${message}.`, { cause: error });
  }
}

/** Starts the server unless one of our starting is under way. @returns the start to watch */
async function advanceStart(place: Place, started: StartedServer | null): Promise<StartedServer | null> {
  if (started === null) {
    await createCluster(place);
    return startServer(place);
  }
  const failure = await started.failure();
  if (failure === null) return started;
  // Another process was quicker, or a killed server's last children are still leaving: look again.
  // All of the log since: a server that is leaving writes into it after the line that matters.
  if (/lock file|shared memory block/.test(failure.written)) {
    await sleep(100);
    return null;
  }
  throw new Error(
    `The embedded PostgreSQL did not start: ${failure.end}\n${failure.written.split('\n').slice(-5).join('\n')}\nIts log is ${place.home}/log; set DATABASE_URL to use another server.`,
  );
}

/** A superuser connection to the running server, which is started where need be. */
async function reachServer(place: Place, deadline: number): Promise<pg.Client> {
  let started: StartedServer | null = null;
  for (;;) {
    const attempt = await tryConnect(place);
    if (attempt.kind === 'connected') return attempt.client;
    if (performance.now() > deadline) {
      throw new Error(
        `The embedded PostgreSQL in ${place.home} did not answer within ${START_LIMIT_MS / 1000} s (${attempt.why}): see ${place.home}/log.`,
      );
    }
    if (attempt.kind === 'absent') started = await advanceStart(place, started);
    await sleep(POLL_MS);
  }
}

/** Makes the roles and the database; the comment on the database, set last, says that nothing is missing. */
async function setUp(client: pg.Client): Promise<void> {
  const isReady = async () => {
    const { rows } = await client.query<{ ready: boolean }>(
      "select coalesce(shobj_description(oid, 'pg_database') = 'ready', false) as ready from pg_database where datname = $1",
      [DATABASE],
    );
    return rows[0]?.ready;
  };
  if (await isReady()) return addRoles(client);
  await client.query('select pg_advisory_lock($1)', [SETUP_LOCK]);
  const ready = await isReady();
  if (!ready) await createRoles(client);
  // There, but not ready: a start was killed between the two statements.
  if (ready === false) await client.query(`drop database ${DATABASE}`);
  if (!ready) {
    await createOwnedDatabase(client, DATABASE);
    await client.query(`comment on database ${DATABASE} is 'ready'`);
  }
  await client.query('select pg_advisory_unlock($1)', [SETUP_LOCK]);
}

/** A database of an earlier version has fewer roles. */
async function addRoles(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [READER_ROLES.live]);
  if (rows.length > 0) return;
  await client.query('select pg_advisory_lock($1)', [SETUP_LOCK]);
  await createRoles(client);
  await client.query('select pg_advisory_unlock($1)', [SETUP_LOCK]);
}

/** Connects, sets up what is missing and takes the presence lock. The connection does not keep the process alive. */
export async function joinServer(place: Place): Promise<pg.Client> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    const client = await reachServer(place, deadline);
    let isLost = false;
    client.once('end', () => {
      isLost = true;
    });
    try {
      // Waits while the last process to leave is stopping the server, and is then cut off.
      await client.query('select pg_advisory_lock_shared($1)', [PRESENCE_LOCK]);
      await setUp(client);
      setKeepsAlive(client, false);
      return client;
    } catch (error) {
      const { code } = error as { code?: string };
      const isGoing = isLost || isPassing(code);
      await client.end().catch(() => {});
      if (!isGoing || performance.now() > deadline) throw error;
    }
  }
}

/** pg has ref() and unref() on a client, its types do not. */
export function setKeepsAlive(client: pg.Client, keeps: boolean): void {
  const referable = client as unknown as { ref(): void; unref(): void };
  if (keeps) referable.ref();
  else referable.unref();
}
