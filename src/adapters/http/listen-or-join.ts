// The console's port, when somebody has it already: our own bot on the same data is joined as a worker, a stranger is named in one line.
import { z } from 'zod';
import { readDatabaseIdentity } from '../../db/database-identity.ts';
import type { HttpParts } from './parts.ts';
import { type RunningHttp, startHttp } from './server.ts';

const ANSWER_MS = 3_000;

const instance = z.object({ database: z.string() });

export interface ListeningHttp extends RunningHttp {
  /** The port of the bot that has the console; null when that is this one. */
  joined: number | null;
}

/**
 * Listens on the configured port. Where a bot of ours on the same database has it, this one works beside it and listens on a loopback port
 * of its own, for the market's events only.
 * @throws Error with one sentence that says what to do when anybody else holds the port
 */
export async function listenOrJoin(parts: HttpParts): Promise<ListeningHttp> {
  const { host, port } = parts.config.http;
  try {
    return { ...(await startHttp(parts)), joined: null };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (!(await isOurs(parts)))
      throw new Error(`Port ${port} on ${host} is held by another program: stop it, or set PORT to a free port (PORT=0 takes any).`, {
        cause: error,
      });
  }
  const loopback = { ...parts.config.http, host: '127.0.0.1', port: 0 };
  return { ...(await startHttp({ ...parts, config: { ...parts.config, http: loopback } })), joined: port };
}

/** Knows our token and works on our database. Whoever does not answer like that is a stranger. */
async function isOurs(parts: HttpParts): Promise<boolean> {
  const { host, port } = parts.config.http;
  const reachable = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  const url = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/api/instance`;
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${parts.localToken}` },
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: 'error',
    });
    const answer = instance.safeParse(await response.json());
    return response.ok && answer.success && answer.data.database === (await readDatabaseIdentity(parts.db));
  } catch {
    return false;
  }
}
