// Fetches a host's robots.txt over the guarded way that pages take, and keeps what it said for a day, in bounded memory (RFC 9309 §2.3–2.4).
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.ts';
import { parseRobots, ROBOTS_BYTES, type RobotsRule } from '../../domain/tools/robots-rules.ts';
import { readBoundedBody } from './bounded-body.ts';
import { statusFailure, tooSlow } from './fetch-failure.ts';
import { orAbort } from './guarded-connection.ts';
import { getGuarded, redirectTarget, type Way } from './guarded-get.ts';

const ACCEPT = 'text/plain, */*;q=0.5';
/** RFC 9309 §2.3.1.2: at least five. */
const REDIRECTS = 5;
const TOTAL_MS = 15_000;
const KEPT_MS = 24 * 60 * 60 * 1000;
/** A host in trouble is not asked again at every page. */
const FAILURE_KEPT_MS = 60_000;
const MOST_HOSTS = 500;
/** Of all patterns that are kept, over all hosts. */
const MOST_CHARACTERS = 4_000_000;

const ALLOWED: readonly RobotsRule[] = [];

/** Complete lines only: the one that the limit cut through says something else. */
function rulesOf(body: { bytes: Buffer; truncated: boolean }): RobotsRule[] {
  const text = body.bytes.toString('utf8');
  return parseRobots(body.truncated ? text.slice(0, text.lastIndexOf('\n') + 1) : text);
}

/** 2xx: its rules. 4xx: the host has none, all is allowed. Everything else: unreachable, all is refused (§2.3.1). */
async function readAnswer(response: IncomingMessage, url: URL): Promise<readonly RobotsRule[] | URL> {
  const target = redirectTarget(response, url);
  if (target !== null) return target;
  const status = response.statusCode ?? 0;
  if (status >= 200 && status <= 299) return rulesOf(await readBoundedBody(response, ROBOTS_BYTES));
  if (status >= 400 && status <= 499) return ALLOWED;
  throw statusFailure(response, url.host);
}

/** The rules of a host. @throws Upstream when they cannot be had, the signal's reason when it aborts */
async function fetchRules(origin: string, signal: AbortSignal, way: Way): Promise<readonly RobotsRule[]> {
  let url = new URL('/robots.txt', origin);
  for (let hops = 0; hops <= REDIRECTS; hops += 1) {
    const asked = { url, accept: ACCEPT, signal };
    const found = await getGuarded(asked, way, (response) => readAnswer(response, asked.url));
    if (!(found instanceof URL)) return found;
    url = found;
  }
  // §2.3.1.2: a file behind more redirects may be taken as one that is not there.
  return ALLOWED;
}

type Outcome = { ok: true; rules: readonly RobotsRule[] } | { ok: false; error: unknown };

/** A request under way and how many wait for it. */
interface Asking {
  outcome: Promise<Outcome>;
  waiting: number;
  stop: AbortController;
}

/** One look at the file, which belongs to nobody's task and so has a time of its own. */
async function ask(origin: string, stopped: AbortSignal, way: Way): Promise<Outcome> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooSlow('Reading robots.txt took too long.')), TOTAL_MS);
  try {
    return { ok: true, rules: await fetchRules(origin, AbortSignal.any([stopped, late.signal]), way) };
  } catch (error) {
    return { ok: false, error };
  } finally {
    clearTimeout(timer);
  }
}

interface Kept {
  outcome: Outcome;
  at: number;
  characters: number;
}

const charactersOf = (outcome: Outcome): number => (outcome.ok ? outcome.rules.reduce((sum, { pattern }) => sum + pattern.length, 0) : 0);

/** What hosts said, newest last. */
class Memory {
  readonly #kept = new Map<string, Kept>();
  #characters = 0;

  find(origin: string, now: number): Outcome | null {
    const kept = this.#kept.get(origin);
    if (kept === undefined) return null;
    const age = now - kept.at;
    // A clock that was set back makes nothing older than it says.
    return age >= 0 && age < (kept.outcome.ok ? KEPT_MS : FAILURE_KEPT_MS) ? kept.outcome : null;
  }

  keep(origin: string, outcome: Outcome, now: number): void {
    this.#drop(origin);
    const kept = { outcome, at: now, characters: charactersOf(outcome) };
    this.#kept.set(origin, kept);
    this.#characters += kept.characters;
    for (const oldest of this.#kept.keys()) {
      if (oldest === origin || (this.#kept.size <= MOST_HOSTS && this.#characters <= MOST_CHARACTERS)) break;
      this.#drop(oldest);
    }
  }

  #drop(origin: string): void {
    this.#characters -= this.#kept.get(origin)?.characters ?? 0;
    this.#kept.delete(origin);
  }
}

/** The rules of an origin, asked for at most once a day (after a failure, once a minute). @throws Upstream when they cannot be had */
export type RobotsReader = (origin: string, signal: AbortSignal) => Promise<readonly RobotsRule[]>;

export function createRobotsReader(way: Way, clock: Clock): RobotsReader {
  const memory = new Memory();
  const asking = new Map<string, Asking>();

  function start(origin: string): Asking {
    const stop = new AbortController();
    const outcome = ask(origin, stop.signal, way).then((found) => {
      if (!stop.signal.aborted) memory.keep(origin, found, clock.now().getTime());
      return found;
    });
    const started = { outcome, waiting: 0, stop };
    asking.set(origin, started);
    return started;
  }

  /** Tasks that want the same host wait for one request; the last that gives up ends it. */
  async function join(origin: string, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted();
    const joined = asking.get(origin) ?? start(origin);
    joined.waiting += 1;
    try {
      return await orAbort(joined.outcome, signal);
    } finally {
      joined.waiting -= 1;
      if (joined.waiting === 0) {
        asking.delete(origin);
        joined.stop.abort();
      }
    }
  }

  return async (origin, signal) => {
    const outcome = memory.find(origin, clock.now().getTime()) ?? (await join(origin, signal));
    if (outcome.ok) return outcome.rules;
    throw outcome.error;
  };
}
