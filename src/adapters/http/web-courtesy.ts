// What a guest on strangers' servers keeps to, before each page: what robots.txt asks of us, and one page a second from a host.
import { type Clock, systemClock } from '../../core/clock.ts';
import { Upstream } from '../../core/errors.ts';
import { isPathAllowed } from '../../domain/tools/robots-rules.ts';
import { unreadable } from './fetch-failure.ts';
import { type Dialer, dialTcp, type Resolver, resolveName } from './guarded-connection.ts';
import { createHostPace, type HostPace } from './host-pace.ts';
import { createRobotsReader } from './robots-reader.ts';

const LIMITS = { headerBytes: 64 * 1024, firstByteMs: 10_000 };

export interface Courtesy {
  /** Resolves when the page may be asked for now. @throws Upstream when its host does not want us there; the signal's reason when it aborts */
  admit(url: URL, signal: AbortSignal): Promise<void>;
}

/** Rules that cannot be had count as rules that forbid everything (RFC 9309 §2.3.1.4). */
function unreachableRules(host: string, error: unknown): unknown {
  if (!(error instanceof Upstream)) return error;
  const { retryable, retryAfterMs } = error;
  const reply = `The rules of ${host} for robots could not be read, so its pages are left alone. ${error.reply}`;
  return new Upstream(reply, { retryable, retryAfterMs, cause: error });
}

/** One for the whole process: robots.txt is kept for a day by `clock`, and turns are counted over all tasks. */
export function createCourtesy(options: { clock?: Clock; dial?: Dialer; resolve?: Resolver; pace?: HostPace } = {}): Courtesy {
  const { clock = systemClock, dial = dialTcp, resolve = resolveName, pace = createHostPace() } = options;
  const readRobots = createRobotsReader({ dial, resolve, limits: LIMITS }, clock);
  return {
    admit: async (url, signal) => {
      const rules = await readRobots(url.origin, signal).catch((error: unknown) => {
        throw signal.aborted ? signal.reason : unreachableRules(url.host, error);
      });
      if (!isPathAllowed(rules, url)) throw unreadable(`${url.host} asks robots not to read this page (robots.txt).`);
      await pace.takeTurn(url.hostname, signal);
    },
  };
}
