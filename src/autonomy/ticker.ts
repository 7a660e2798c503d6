// Runs a piece of work one at a time: soon when told, again after the pause the work itself asks for, later after a failure.

export interface Ticker {
  /** Runs the work within `ms`; several requests meanwhile are one. */
  soon(ms: number): void;
  /** Waits for the work that is running. */
  stop(): Promise<void>;
}

const RETRY_MS = 1000;

/** @param options.work returns the milliseconds until it wants to run again; null = only when told. */
export function createTicker(options: { work: () => Promise<number | null>; onError: (error: unknown) => void }): Ticker {
  let timer: NodeJS.Timeout | null = null;
  let fireAt = Number.POSITIVE_INFINITY;
  let current: Promise<void> | null = null;
  let again: number | null = null;
  let stopped = false;

  function schedule(ms: number): void {
    if (stopped) return;
    const at = performance.now() + ms;
    if (timer !== null && fireAt <= at) return;
    if (timer !== null) clearTimeout(timer);
    fireAt = at;
    timer = setTimeout(fire, ms);
  }

  function fire(): void {
    timer = null;
    fireAt = Number.POSITIVE_INFINITY;
    if (stopped) return;
    if (current !== null) {
      again = 0;
      return;
    }
    current = turn().finally(() => {
      current = null;
      if (again !== null) schedule(again);
      again = null;
    });
  }

  async function turn(): Promise<void> {
    try {
      const next = await options.work();
      if (next !== null) schedule(next);
    } catch (error) {
      options.onError(error);
      schedule(RETRY_MS);
    }
  }

  return {
    soon: schedule,
    stop: async () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await current;
    },
  };
}
