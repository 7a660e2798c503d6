// One page a second from each host, over all tasks of this process: whoever comes meanwhile waits for a turn, as long as its signal lets it.
import { setTimeout as delay } from 'node:timers/promises';

const GAP_MS = 1_000;
/** Hosts remembered; those whose turn is over are forgotten first. */
const MOST_HOSTS = 1_000;

export interface HostPace {
  /** Resolves when it is the caller's turn. Throws the signal's reason when it aborts. */
  takeTurn(host: string, signal: AbortSignal): Promise<void>;
}

/** When each host may be asked next, in milliseconds of a clock that never goes back. */
class Turns {
  readonly #nextAt = new Map<string, number>();

  reserve(host: string, now: number): number {
    const at = Math.max(now, this.#nextAt.get(host) ?? now);
    this.#nextAt.delete(host);
    if (this.#nextAt.size >= MOST_HOSTS) this.#forget(now);
    this.#nextAt.set(host, at + GAP_MS);
    return at;
  }

  /** A turn that nobody takes goes to the next one, unless somebody stands behind it already. */
  giveBack(host: string, at: number): void {
    if (this.#nextAt.get(host) === at + GAP_MS) this.#nextAt.set(host, at);
  }

  #forget(now: number): void {
    for (const [host, at] of this.#nextAt) if (at <= now) this.#nextAt.delete(host);
    // All of them busy: the one that has waited longest for another visit goes.
    const [oldest] = this.#nextAt.keys();
    if (this.#nextAt.size >= MOST_HOSTS && oldest !== undefined) this.#nextAt.delete(oldest);
  }
}

interface Time {
  /** Milliseconds that never go back. */
  now: () => number;
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

const realTime: Time = {
  now: () => performance.now(),
  wait: (ms, signal) => delay(ms, undefined, { signal }),
};

export function createHostPace({ now, wait }: Time = realTime): HostPace {
  const turns = new Turns();
  return {
    takeTurn: async (host, signal) => {
      signal.throwIfAborted();
      const at = turns.reserve(host, now());
      const ms = at - now();
      if (ms <= 0) return;
      try {
        await wait(ms, signal);
      } catch (error) {
        turns.giveBack(host, at);
        throw signal.aborted ? signal.reason : error;
      }
    },
  };
}
